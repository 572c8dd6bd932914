"""The run in progress, for who comes to see it late."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakMethod

if TYPE_CHECKING:
    from nbflow.driver import RunEvent
    from nbflow.records.task import TaskRun

#: Who is told of every event of every run, in its thread, and of its end with None.
Listeners: TypeAlias = "list[WeakMethod[Callable[[RunEvent | None], None]]]"


class InProgress:
    """The tasks that a run has told of so far; none while nothing runs.

    It hears every event, whether anybody looks or not, and so does next to nothing.

    Parameters
    ----------
    listeners
        Of the session, which tells them of every run.
    """

    def __init__(self, listeners: Listeners) -> None:
        self._tasks: dict[str, TaskRun] = {}
        listeners.append(WeakMethod(self.hear))

    @property
    def tasks(self) -> tuple[TaskRun, ...]:
        """As they stand, in the order in which they were heard of first."""
        return tuple(self._tasks.copy().values())

    def hear(self, event: RunEvent | None) -> None:
        """Take in what happens in a run, in its thread; None: it has ended."""
        # Late: a kernel has the driver once something runs, and not before.
        from nbflow.driver import StartedOver, TaskChanged

        match event:
            case TaskChanged(task):
                self._tasks[task.task] = task
            case StartedOver() | None:
                self._tasks.clear()
