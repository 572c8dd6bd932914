"""Running a flow: who starts tasks, and the processes that carry them out."""
