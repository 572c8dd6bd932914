"""mandala with its versioning, what is tracked in this folder, and with the file's text given."""

import time
from pathlib import Path

from mandala.imports import Storage, op, track
from rates import scaled

OFFSET = 10
storage = Storage(db_path="study.db", deps_path=Path(__file__).parent)


@track
def total(numbers):
    return sum(numbers)


@op
def weigh(text):
    # One number a line.
    numbers = [int(line) for line in text.split()]
    return {"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()}
