"""Hamilton with each helper a node, the constant an input, and the reading always recomputed."""

import json
import sys
import time
from pathlib import Path

from hamilton import driver
from hamilton.function_modifiers import cache
from rates import scaled

OFFSET = 10


@cache(behavior="recompute")
def numbers() -> list:
    return [int(line) for line in Path("numbers.txt").read_text().split()]


def total(numbers: list) -> int:
    return sum(numbers)


def weigh(total: int, offset: int) -> dict:
    # One number a line.
    return {"value": scaled(total) + offset, "made": time.time_ns()}


if __name__ == "__main__":
    flow = driver.Builder().with_modules(sys.modules["__main__"]).with_cache().build()
    print(json.dumps(flow.execute(["weigh"], inputs={"offset": OFFSET})["weigh"]))
