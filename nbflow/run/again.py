"""Does tasks once more, each with the very inputs that are recorded of it; nothing is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue

import msgspec

from nbflow.errors import CorruptArtifactError, StoreError
from nbflow.flow import Flow
from nbflow.plan import Call
from nbflow.records.message import Failed, Finished, Output, Started, WorkerEvent, Writing
from nbflow.records.task import ErrorText, TaskRecord
from nbflow.run.executor import Executor
from nbflow.run.files import FilesInPlace
from nbflow.run.request import request_of
from nbflow.store.store import Store


class Done(msgspec.Struct, frozen=True):
    """A task that has been done once before, and how the new attempt ended."""

    call: Call
    record: TaskRecord
    ended: Finished | Failed
    #: False if it could not: what it needs is not there, which says nothing about its step.
    begun: bool


@dataclass(slots=True)
class Again:
    """Starts tasks in any order: what each reads is known, so that none waits for another.

    Responsibilities: no more workers are taken than there are, except by one task alone; a task
    that may use files of the flow has no other beside it, and finds in them what it found before.
    """

    flow: Flow
    store: Store
    files: FilesInPlace
    #: Gives the executor; it is started with the first task.
    executor: Callable[[], Executor]
    #: Ends it with all tasks that still run.
    stop: Callable[[], None]
    #: Events of the executor.
    events: SimpleQueue[WorkerEvent]
    workers: int
    _running: dict[str, tuple[Call, TaskRecord]] = field(default_factory=dict)
    _busy: int = 0
    _splits: Counter[str] = field(default_factory=Counter)

    def run(self, tasks: Iterable[tuple[Call, TaskRecord]]) -> Generator[Done, None, None]:
        """Each of the tasks, as it has ended. The files are then what they were before."""
        waiting = list(tasks)
        records = [record for _, record in waiting]
        try:
            while waiting or self._running:
                while (fit := self._first(waiting)) is not None:
                    call, record = waiting.pop(fit)
                    if (failed := self._start(call, record)) is not None:
                        yield Done(call, record, failed, begun=False)
                if self._running and (done := self._next()) is not None:
                    yield done
        finally:
            if self._running:
                self.stop()  # they may be writing files still
            self.files.finish(self.flow, (), records)

    def _first(self, waiting: Sequence[tuple[Call, TaskRecord]]) -> int | None:
        return next((n for n, (call, _) in enumerate(waiting) if self._fits(call)), None)

    def _fits(self, call: Call) -> bool:
        limit = call.step.step.directive.options.max_parallel
        if limit is not None and self._splits[call.step.id] >= limit:
            return False
        return not self._running or self._busy + self._cost(call) <= self.workers

    def _cost(self, call: Call) -> int:
        if call.files or any(replay.files for replay in call.replays):
            return self.workers
        return min(call.step.step.directive.options.cpus, self.workers)

    def _start(self, call: Call, record: TaskRecord) -> Failed | None:
        try:
            data = self.store.data(call.reads())
            watched = self.files.place(call)
        except (OSError, StoreError) as error:
            if isinstance(error, CorruptArtifactError):
                self.store.quarantine(error.digests)
            return Failed(call.task, ErrorText(type(error).__name__, str(error), ()))
        self._running[call.task] = call, record
        self._busy += self._cost(call)
        self._splits[call.step.id] += 1
        request = request_of(self.flow, call, data, self.store.artifacts.root, watched)
        self.executor().start(request)
        return None

    def _next(self) -> Done | None:
        match self.events.get():
            case Writing(task, path, before, data):
                self.files.writing(task, path, before, data)
            case Finished() | Failed() as event:
                call, record = self._running.pop(event.task)
                self._busy -= self._cost(call)
                self._splits[call.step.id] -= 1
                # What it has left is worth nothing, but nobody's own either.
                self.files.ended(event.task, None)
                lost = event.lost if isinstance(event, Failed) else ()
                self.store.quarantine(lost)
                return Done(call, record, event, begun=not lost)
            case Output() | Started():
                pass
        return None
