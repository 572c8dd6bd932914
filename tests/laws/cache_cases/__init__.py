"""The rows of the cache: what is changed between two runs, and what has to run again."""
