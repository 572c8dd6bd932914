"""Which ready task starts next: the longest path first, within the workers there are."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping

from nbflow.flow import Flow
from nbflow.run.tasks import Task


class Ready:
    """The tasks that could start, and the workers that are taken.

    Responsibilities: no more workers are taken than there are, except by one task alone; no more
    splits of a foreach run than its ``--max-parallel``.

    Parameters
    ----------
    priority
        Seconds of the longest path from each step's start, by cell id.
    """

    def __init__(self, workers: int, priority: Mapping[str, float]) -> None:
        self._workers = workers
        self._priority = priority
        #: Longest path first, then document order, then index.
        self._heap: list[tuple[float, int, int, Task]] = []
        #: Workers taken by tasks that have started.
        self.busy = 0
        #: Splits of each foreach with ``--max-parallel`` that are in the heap or have started.
        self._active: Counter[str] = Counter()
        #: Splits beyond that number, until one of the others ends.
        self._held: dict[str, deque[Task]] = {}

    def add(self, task: Task) -> None:
        """A task is ready."""
        limit = self._limit(task)
        if limit is not None:
            if self._active[task.step.id] >= limit:
                self._held.setdefault(task.step.id, deque()).append(task)
                return
            self._active[task.step.id] += 1
        place = (-self._priority[task.step.id], task.step.index, task.index or 0)
        heapq.heappush(self._heap, (*place, task))

    def start(self) -> Iterator[Task]:
        """The tasks that start now; their workers count as taken."""
        while self._heap:
            task = self._heap[0][-1]
            if task.state == "ready":
                cost = self.cost(task)
                if self.busy and self.busy + cost > self._workers:
                    return
                self.busy += cost
                heapq.heappop(self._heap)
                yield task
            else:  # cancelled meanwhile
                heapq.heappop(self._heap)

    def release(self, task: Task) -> None:
        """A task that had started has ended."""
        self.busy -= self.cost(task)
        if self._limit(task) is None:
            return
        self._active[task.step.id] -= 1
        held = self._held.get(task.step.id)
        while held:
            waiting = held.popleft()
            if waiting.state == "ready":
                self.add(waiting)
                return

    def cost(self, task: Task) -> int:
        """How many workers a task takes: its ``--cpus``, but never more than there are.

        One that writes files again for a while, which others may read, has no other beside it.
        """
        if task.call is not None and any(replay.files for replay in task.call.replays):
            return self._workers
        return min(task.step.step.directive.options.cpus, self._workers)

    def _limit(self, task: Task) -> int | None:
        return None if task.index is None else task.step.step.directive.options.max_parallel


def critical_path(
    flow: Flow, cells: Collection[str], seconds: Mapping[str, float]
) -> dict[str, float]:
    """Seconds from a step's start to the end of the longest path below it."""
    readers: dict[str, list[str]] = {cell: [] for cell in cells}
    for cell in cells:
        for source in flow.steps[cell].sources():
            if source in readers:
                readers[source].append(cell)
    length: dict[str, float] = {}
    for cell in reversed([c for c in flow.order if c in readers]):
        below = max((length.get(r, 0.0) for r in readers[cell]), default=0.0)
        # A step that never ran counts as a second: long enough to be worth starting early.
        length[cell] = seconds.get(cell, 1.0) + below
    return length
