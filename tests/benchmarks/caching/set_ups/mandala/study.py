"""mandala, as its first tutorial: a storage in a file, and an operation."""

import json
import time
from pathlib import Path

from mandala.imports import Storage, op
from rates import scaled

OFFSET = 10
storage = Storage(db_path="study.db")


def total(numbers):
    return sum(numbers)


@op
def weigh():
    # One number a line.
    numbers = [int(line) for line in Path("numbers.txt").read_text().split()]
    return {"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()}


with storage:
    print(json.dumps(storage.unwrap(weigh())))
