"""Running a flow: a pure scheduler, executors that start workers, and the loop between them."""
