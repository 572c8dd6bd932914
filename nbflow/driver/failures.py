"""Which tasks failed when they were last tried, and with what error."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from nbflow.errors import StoreError
from nbflow.records.digest import Digest
from nbflow.records.reason import Reason
from nbflow.records.task import RunStatus, TaskRun
from nbflow.store.filters import RunFilter
from nbflow.store.store import Store

#: So many of the latest runs with such an end are looked at: what failed before them is no news.
#: In a notebook each cell that is executed is a run of its own.
_RUNS = 20
_ENDS: tuple[RunStatus, ...] = ("failed", "cancelled")


class Failures:
    """What failed in the latest runs of a notebook; they are read when somebody asks."""

    def __init__(self, store: Store, notebook: Path) -> None:
        self._store = store
        self._notebook = str(notebook)

    def of(
        self, cell: str, index: int | None, key: Digest | None, since: float | None
    ) -> Reason | None:
        """How a task of this key failed, if it has not completed since.

        Without a key any task of the step counts: nobody knows yet whether it is another.

        Parameters
        ----------
        since
            When the task last completed.
        """
        for split, (began, failed, reason) in self._found.get(cell, {}).items():
            is_it = key is None or (index == split and key == failed)
            if is_it and (since is None or since < began):
                return reason
        return None

    @cached_property
    def _found(self) -> dict[str, dict[int | None, tuple[float, Digest | None, Reason]]]:
        """By cell and index: when the run began, the task's key, and what is to be said."""
        found: dict[str, dict[int | None, tuple[float, Digest | None, Reason]]] = {}
        for began, task in self._tasks():
            if task.error is not None:
                told = f"{task.error.name}: {task.error.message.partition(chr(10))[0]}"
                reason = Reason("failed", task.task, after=told.rstrip(": "))
                found.setdefault(task.cell, {}).setdefault(task.index, (began, task.key, reason))
        return found

    def _tasks(self) -> Iterator[tuple[float, TaskRun]]:
        history = self._store.history
        filters = [RunFilter(self._notebook, status=end) for end in _ENDS]
        runs = [run for wanted in filters for run in history.find(wanted, _RUNS)]
        for run in sorted(runs, key=lambda run: run.started, reverse=True):
            try:
                tasks = history.tasks(run)
            except StoreError:
                continue  # damaged: what it would have told is not worth an error here
            for task in tasks:
                yield run.started, task
