"""Hamilton, as its page on caching: a driver with a cache; helpers begin with an underscore."""

import json
import sys
import time
from pathlib import Path

from hamilton import driver
from rates import scaled

OFFSET = 10


def _total(numbers: list) -> int:
    return sum(numbers)


def weigh() -> dict:
    # One number a line.
    numbers = [int(line) for line in Path("numbers.txt").read_text().split()]
    return {"value": scaled(_total(numbers)) + OFFSET, "made": time.time_ns()}


if __name__ == "__main__":
    flow = driver.Builder().with_modules(sys.modules["__main__"]).with_cache().build()
    print(json.dumps(flow.execute(["weigh"])["weigh"]))
