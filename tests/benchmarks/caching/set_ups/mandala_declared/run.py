"""Runs the operation, which stands in a module of its own, for modules are what is tracked."""

import json
from pathlib import Path

from study import storage, weigh

if __name__ == "__main__":
    with storage:
        print(json.dumps(storage.unwrap(weigh(Path("numbers.txt").read_text()))))
