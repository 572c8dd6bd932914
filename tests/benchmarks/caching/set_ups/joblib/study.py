"""joblib, as its page on ``Memory``: a decorated function."""

import json
import time
from pathlib import Path

from joblib import Memory
from rates import scaled

OFFSET = 10
memory = Memory("cache", verbose=0)


def total(numbers):
    return sum(numbers)


@memory.cache
def weigh():
    # One number a line.
    numbers = [int(line) for line in Path("numbers.txt").read_text().split()]
    return {"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()}


print(json.dumps(weigh()))
