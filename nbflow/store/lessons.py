"""The rows of the history that hold what runs have taught about steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from sqlite3 import Connection

from nbflow.records.digest import Digest
from nbflow.records.lesson import Lesson
from nbflow.store.database import Row

#: The fields of a lesson: each name of one of them has its row.
_PARTS = ("reads", "leaves", "together", "uncarried")


def teach(connection: Connection, flow: str, cell: str, recipe: Digest, lesson: Lesson) -> None:
    """Add a lesson to what is known of a step with this fingerprint."""
    rows: Iterator[Row] = (
        (flow, cell, bytes.fromhex(recipe), name, part)
        for part in _PARTS
        for name in getattr(lesson, part)
    )
    connection.executemany("INSERT OR IGNORE INTO learnt VALUES (?, ?, ?, ?, ?)", rows)


def gathered(rows: Iterable[Row]) -> dict[tuple[str, Digest], Lesson]:
    """The lessons of rows of cell, fingerprint, name and part, by the first two."""
    found: dict[tuple[str, Digest], dict[str, set[str]]] = {}
    for cell, recipe, name, part in rows:
        if part in _PARTS:
            step = found.setdefault((cell, Digest(recipe.hex())), {})
            step.setdefault(part, set()).add(name)
    return {
        step: Lesson(**{part: frozenset(names) for part, names in parts.items()})
        for step, parts in found.items()
    }
