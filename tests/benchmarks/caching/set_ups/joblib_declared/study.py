"""joblib with the file's content and the constant given as arguments."""

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
def weigh(text, offset):
    # One number a line.
    numbers = [int(line) for line in text.split()]
    return {"value": scaled(total(numbers)) + offset, "made": time.time_ns()}


print(json.dumps(weigh(Path("numbers.txt").read_text(), OFFSET)))
