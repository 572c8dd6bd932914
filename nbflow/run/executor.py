"""The seam between the scheduler and whatever starts its tasks."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Protocol, TypeAlias

from nbflow.records.message import TaskRequest, WorkerEvent

#: Where an executor puts the events of all its tasks, from whichever thread it uses.
Events: TypeAlias = "SimpleQueue[WorkerEvent]"


class Executor(Protocol):
    """Starts tasks and reports what becomes of them.

    Responsibilities: exactly one terminal event (``Finished`` or ``Failed``) for each started
    task, whatever happens to its process; no event of a task after its terminal one.
    """

    def start(self, request: TaskRequest) -> None:
        """Start one task; returns at once where the executor has processes of its own."""

    def cancel(self, task: str) -> None:
        """Kill a task with everything it has started; it ends with a ``Failed`` event."""

    def close(self) -> None:
        """Kill what still runs and release the processes; no event comes afterwards."""
