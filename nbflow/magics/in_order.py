"""Lets the outputs of one step through in the order of its splits, whichever of them is first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nbflow.records.task import Status, TaskRun

Output: TypeAlias = Mapping[str, Any]

_ENDED: frozenset[Status] = frozenset({"completed", "cached", "failed", "cancelled", "skipped"})
#: The clause of a foreach comes before its splits; a step that is not one has this task only.
_FIRST = -1


@dataclass(slots=True)
class InOrder:
    """The outputs of one cell's tasks, as a loop over the splits would put them out.

    The first split that has not ended is shown live; those behind it wait, and are shown from what
    was recorded once it is their turn. As in a loop, nothing comes after a split that failed.

    Parameters
    ----------
    cell
        Id of the step's cell; other cells' tasks are ignored.
    put
        Shows one output.
    logged
        What was recorded of a task.
    """

    cell: str
    put: Callable[[Output], None]
    logged: Callable[[TaskRun], Iterable[Output]]
    _turn: int = _FIRST
    _places: dict[str, int] = field(default_factory=dict)
    _ended: dict[int, TaskRun] = field(default_factory=dict)
    #: What running tasks have put out before their turn.
    _waiting: dict[int, list[Output]] = field(default_factory=dict)
    _live: bool = False
    _over: bool = False
    _has_shown: bool = False

    def changed(self, run: TaskRun) -> None:
        """Take in the new status of a task."""
        if run.cell != self.cell:
            return
        place = _FIRST if run.index is None else run.index
        self._places[run.task] = place
        if run.status in _ENDED and place >= self._turn:
            self._ended[place] = run
            if place > self._turn and run.error is None:
                self._waiting.pop(place, None)  # all of it has been recorded
            self._go_on()

    def output(self, task: str, output: Output) -> None:
        """Take in what a task puts out."""
        place = self._places.get(task)
        if place is None or self._over:
            return
        if place == self._turn:
            self._show(output)
            self._live = True
        else:
            self._waiting.setdefault(place, []).append(output)

    def restart(self) -> bool:
        """All tasks may run once more; whether anything was shown so far."""
        shown = self._has_shown
        self._turn, self._live, self._over, self._has_shown = _FIRST, False, False, False
        self._places.clear()
        self._ended.clear()
        self._waiting.clear()
        return shown

    def finish(self, tasks: Iterable[TaskRun]) -> None:
        """Show what is left, once all tasks have ended."""
        places = {_FIRST if t.index is None else t.index: t for t in tasks if t.cell == self.cell}
        for place in sorted(places):
            if place >= self._turn and not self._over:
                self._turn = place
                self._ended.setdefault(place, places[place])
                self._go_on()

    def _go_on(self) -> None:
        while not self._over and (run := self._ended.pop(self._turn, None)) is not None:
            if not self._live:
                for output in self.logged(run):
                    self._show(output)
            self._over = run.error is not None
            self._turn += 1
            self._live = False
            for output in self._waiting.pop(self._turn, []):
                self._show(output)
                self._live = True

    def _show(self, output: Output) -> None:
        self._has_shown = True
        self.put(output)
