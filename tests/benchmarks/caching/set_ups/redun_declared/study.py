"""redun with the file as a ``File``, and what else the task uses in ``hash_includes``."""

import json
import time

from rates import scaled
from redun import File, task

redun_namespace = "benchmark"
OFFSET = 10


def total(numbers):
    return sum(numbers)


@task(hash_includes=[OFFSET, scaled, total])
def weigh(file):
    # One number a line.
    numbers = [int(line) for line in file.read().split()]
    return json.dumps({"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()})


@task()
def main():
    return weigh(File("numbers.txt"))
