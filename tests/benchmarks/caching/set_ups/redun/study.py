"""redun, as its first example: a task, and a main task that the command line runs."""

import json
import time
from pathlib import Path

from rates import scaled
from redun import task

redun_namespace = "benchmark"
OFFSET = 10


def total(numbers):
    return sum(numbers)


@task()
def weigh():
    # One number a line.
    numbers = [int(line) for line in Path("numbers.txt").read_text().split()]
    return json.dumps({"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()})


@task()
def main():
    return weigh()
