"""Directories that a task made or removed, and what it found in those that it listed."""

# Plain strings, as the audit hook has them.
# ruff: noqa: PTH112, PTH119, PTH120

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from nbflow.records.digest import Digest
from nbflow.records.task import Fact
from nbflow.run.worker.observing.listings import listing_digest


@dataclass(slots=True)
class Folders:
    """The directories of one task, by path."""

    #: What other processes of the task add to.
    TOLD: ClassVar[tuple[str, ...]] = ("listed", "matched", "changed", "shown")

    #: Those that it made, or removed (then False).
    changed: dict[str, bool] = field(default_factory=dict)
    #: Digests of what listings showed, beside what the task itself had made or removed.
    listed: dict[str, Digest] = field(default_factory=dict)
    #: The same of the names that match, by the path and the pattern behind it.
    matched: dict[str, Digest] = field(default_factory=dict)
    #: Those that programs have listed which it started: by its end they are looked at.
    shown: dict[str, None] = field(default_factory=dict)
    #: Whether those that it changed were there before.
    _before: dict[str, bool] = field(default_factory=dict)

    def change(self, path: str, is_there: bool) -> None:
        self.changed[path] = is_there
        self._before.setdefault(path, not is_there)

    def left(self) -> dict[str, bool]:
        """Those that the task has left as it changed them."""
        return {p: there for p, there in self.changed.items() if os.path.isdir(p) == there}

    def look(self, path: str, pattern: str, written: Mapping[str, bool]) -> None:
        """A directory is listed; of the files written it is known whether they were there."""
        place, noted = (f"{path}/{pattern}", self.matched) if pattern else (path, self.listed)
        if place in noted or path in self.listed:
            return
        own = {os.path.basename(p): was for p, was in written.items() if os.path.dirname(p) == path}
        for folder, was in self._before.items():
            if os.path.dirname(folder) == path:
                own[f"{os.path.basename(folder)}/"] = was
        noted[place] = listing_digest(path, own, pattern)

    def facts(self, subject: Callable[[str], str]) -> Iterator[Fact]:
        """What the listings showed."""
        for path, names in self.listed.items():
            yield Fact("listing", f"{subject(path)}/", names)
        for place, names in self.matched.items():
            path, _, pattern = place.rstrip("/").rpartition("/")
            if path not in self.listed:
                slash = "/" * place.endswith("/")
                yield Fact("matching", f"{subject(path)}/{pattern}{slash}", names)

    def looked_at(self) -> Iterator[str]:
        """Those of which it has seen names."""
        yield from self.listed
        yield from (place.rstrip("/").rpartition("/")[0] for place in self.matched)
