"""What may be done with the results that are kept of a notebook's flow, beside running it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from nbflow.flow import Flow

if TYPE_CHECKING:
    from nbflow.store.store import Store


class Kept:
    """The part of a notebook's flow that looks after its results."""

    path: Path
    flow: Flow
    _root: Path

    if TYPE_CHECKING:

        @property
        def store(self) -> Store: ...

        def _targets(self, names: Iterable[str]) -> list[str]: ...

    def forget(self, *steps: str) -> int:
        """Drop the results of steps, of all by default, so that they run again; how many."""
        cells = dict.fromkeys(self._targets(steps))
        if not self._root.exists():
            return 0
        if not steps:
            # Cells that have left the notebook left their results.
            past = self.store.runs(str(self.path))
            cells |= dict.fromkeys(task.cell for run in past for task in run.tasks)
        return self.store.forget(self.flow.name, cells)
