"""pytask, a task that declares its product only."""

import json
import time
from pathlib import Path
from typing import Annotated

from pytask import Product
from rates import scaled

OFFSET = 10


def total(numbers):
    return sum(numbers)


def task_weigh(answer: Annotated[Path, Product] = Path("answer.json")):
    # One number a line.
    numbers = [int(line) for line in Path("numbers.txt").read_text().split()]
    value = scaled(total(numbers)) + OFFSET
    answer.write_text(json.dumps({"value": value, "made": time.time_ns()}))
