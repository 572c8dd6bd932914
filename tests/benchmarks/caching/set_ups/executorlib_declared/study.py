"""executorlib with the file's content given as an argument."""

import json
import time
from pathlib import Path

from executorlib import SingleNodeExecutor
from rates import scaled

OFFSET = 10


def total(numbers):
    return sum(numbers)


def weigh(text):
    # One number a line.
    numbers = [int(line) for line in text.split()]
    return {"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()}


if __name__ == "__main__":
    with SingleNodeExecutor(cache_directory="cache") as executor:
        print(json.dumps(executor.submit(weigh, Path("numbers.txt").read_text()).result()))
