"""What is changed in a project between two runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Change:
    """An edit, and whether it makes another result."""

    name: str
    matters: bool
    old: str = ""
    new: str = ""
    #: The one file that is edited; each that has the text where none is named.
    file: str | None = None

    def made(self, folder: Path, sources: Iterable[str]) -> bool:
        """Whether there was anything to edit in these files of a project."""
        if not self.old:
            return True
        found = False
        for name in sources:
            text = (folder / name).read_text(encoding="utf-8")
            if self.file in (None, name) and self.old in text:
                (folder / name).write_text(text.replace(self.old, self.new), encoding="utf-8")
                found = True
        return found


# Each edit changes the length of its file, so that none hides from Python's own bytecode.
CHANGES = (
    Change("module", True, "number * rate()", "number * rate() * 10", "rates.py"),
    Change("deeper in module", True, "return 3", "return 30", "rates.py"),
    Change("data file", True, "3\n", "4\n5\n", "numbers.txt"),
    Change("helper", True, "return sum(numbers)", "return sum(numbers) + 100"),
    Change("constant", True, "OFFSET = 10", "OFFSET = 2000"),
    Change("no change", False),
    Change(
        "comment in task", False, "# One number a line.", "# One number a line, as we write them."
    ),
    Change("comment in module", False, "rate of this year", "rate of the year", "rates.py"),
    Change("other function of module", False, "number - 1", "number - 100", "rates.py"),
    Change("task renamed", False, "weigh", "measure"),
)
