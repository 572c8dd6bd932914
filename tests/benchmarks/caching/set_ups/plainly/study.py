"""Without any cache."""

import json
import time
from pathlib import Path

from rates import scaled

OFFSET = 10


def total(numbers):
    return sum(numbers)


def weigh():
    # One number a line.
    numbers = [int(line) for line in Path("numbers.txt").read_text().split()]
    return {"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()}


print(json.dumps(weigh()))
