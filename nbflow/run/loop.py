"""The loop between the scheduler and the world: the only place where a run does I/O."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from nbflow.errors import CorruptArtifactError, StoreError
from nbflow.fingerprint import fingerprint, recipe_of
from nbflow.flow.hazards import hazards_of
from nbflow.plan import Call, unfit
from nbflow.plan.replay import long_replay
from nbflow.records.artifact import Artifact
from nbflow.records.lesson import Lesson
from nbflow.records.message import Failed as WorkerFailed
from nbflow.records.message import Finished, Output, Started, WorkerEvent, Writing
from nbflow.records.reason import Reason
from nbflow.records.task import Change, ErrorText, Fact, TaskRecord, TaskRun
from nbflow.records.verdict import Reuse, Run
from nbflow.run.executor import Executor
from nbflow.run.files import FilesInPlace
from nbflow.run.last_words import LastWords
from nbflow.run.machine import Machine
from nbflow.run.modules import Modules
from nbflow.run.noting import Noting
from nbflow.run.packages import Packages
from nbflow.run.request import request_of
from nbflow.run.tasks import (
    Cancel,
    Completed,
    Corrupt,
    Decide,
    Decided,
    Event,
    Failed,
    Instruction,
    Keep,
    Kill,
    Launch,
    Report,
)
from nbflow.run.texts import Texts
from nbflow.store.codecs import encode_plain
from nbflow.store.store import Store


class TaskChanged(msgspec.Struct, frozen=True):
    """A task's status changed."""

    run: TaskRun


class TaskOutput(msgspec.Struct, frozen=True):
    """A task printed or displayed something; ``content`` is an nbformat output, or an update."""

    task: str
    content: dict[str, Any]


class StartedOver(msgspec.Struct, frozen=True):
    """The run has learnt what its steps do beyond their source; what that concerns runs again."""

    #: What is new, by step name.
    lessons: Mapping[str, Lesson]


RunEvent: TypeAlias = TaskChanged | TaskOutput | StartedOver


@dataclass(slots=True)
class Loop:
    """Carries out what the machine says, and tells it what happened.

    Responsibilities: asks the cache, starts and kills workers, commits records, passes events on.
    It decides nothing.
    """

    machine: Machine
    store: Store
    decide: Callable[[Call], Reuse | Run]
    #: Gives the executor for tasks; it is started with the first of them.
    executor: Callable[[], Executor]
    #: The executor in this process, given where outputs go at once; and which tasks it is for.
    inline: Callable[[Callable[[Output], None]], Executor]
    is_inline: Callable[[Call], bool]
    #: Events of both executors.
    events: SimpleQueue[WorkerEvent]
    #: Tells what differs for a record of this run, once the run has started over.
    changed: Callable[[TaskRecord, Call], Reason | None]
    #: The files that the flow writes, on disk.
    files: FilesInPlace
    #: Told of each record that a task leaves or that is reused, once its files are in place.
    on_record: Callable[[TaskRecord], None]
    on_event: Callable[[RunEvent], None]
    #: Writes down how far the run is: for others to see it, and for a run that is killed.
    note: Callable[[tuple[TaskRun, ...]], None] = lambda _: None

    _calls: dict[str, Call] = field(default_factory=dict)
    _started: dict[str, float] = field(default_factory=dict)
    _todo: deque[Instruction] = field(default_factory=deque)
    _words: LastWords = field(default_factory=LastWords)
    #: Facts of tasks are mostly alike: each list is kept once.
    _facts: dict[tuple[Fact, ...], tuple[Fact, ...]] = field(default_factory=dict)
    _packages: Packages = field(default_factory=Packages)
    _modules: Modules = field(init=False)
    _texts: Texts = field(init=False)
    _noting: Noting = field(init=False)
    #: Records that this run has made, by task.
    _own: dict[str, TaskRecord] = field(default_factory=dict)

    def __post_init__(self) -> None:
        directory = Path(self.machine.flow.path).parent
        self._modules, self._texts = Modules(directory), Texts(directory)
        self._noting = Noting(lambda: self.note(self._so_far()))

    def run(self) -> None:
        """Run to the end of the flow, or until a cancellation has ended every task."""
        self._run()
        while self.machine.starts_over and not self.machine.cancelled:
            self.on_event(StartedOver(self.machine.taught()))
            self._teach()
            self.machine = self.machine.afresh()
            self._run()
        cells = [step.id for step in self.machine.steps]
        self.files.finish(self.machine.flow, cells, self.machine.records())

    def _teach(self) -> None:
        """Keep what the run has learnt, so that the next plan is right from the start."""
        flow = self.machine.flow
        self.store.teach(
            flow.name,
            {
                (cell, fingerprint(recipe_of(flow, flow.steps[cell], "body"))): lesson
                for cell, lesson in self.machine.learnt.items()
            },
        )

    def _run(self) -> None:
        self._todo.extend(self.machine.start())
        while not self.machine.done or self._todo:
            self._noting.look()
            # While there are instructions, only look whether a worker has news.
            event = self._next_event(block=not self._todo)
            if event is not None:
                self._worker_event(event)
            elif self._todo:
                # Outside any handler: what a step raises in this process has no context of ours.
                self._obey(self._todo.popleft())

    def _next_event(self, block: bool) -> WorkerEvent | None:
        try:
            return self.events.get(block, self._noting.patience() if block else None)
        except Empty:
            return None

    def said(self, task: str) -> list[dict[str, Any]]:
        """What a task that runs has put out so far; for another thread."""
        return self._words.said(task)

    def _so_far(self) -> tuple[TaskRun, ...]:
        """The tasks as they are by now, with what those have put out that run."""
        now = time.time()
        return tuple(
            replace(
                run, started=began, seconds=now - began, words=tuple(self._words.said(run.task))
            )
            if run.status == "running" and (began := self._started.get(run.task)) is not None
            else run
            for run in self.machine.runs()
        )

    def cancel(self) -> None:
        """Cancel, from another thread or from a signal handler."""
        self.events.put(_CANCEL)

    def _tell(self, event: Event) -> None:
        # What follows from one answer comes before the answers still to be asked for: the first
        # splits start while the cache is asked about the others.
        self._todo.extendleft(reversed(self.machine.handle(event)))

    def _obey(self, instruction: Instruction) -> None:
        match instruction:
            case Decide(call):
                self._tell(Decided(call.task, self._decide(call)))
            case Launch(call):
                self._launch(call)
            case Kill(task):
                self._kill(task)
            case Keep(encoded):
                artifact, small = self.store.artifacts.put(encoded)
                if small is not None:
                    self.store.keep({artifact.digest: small})
            case Report(run):
                if run.status == "running":
                    run = replace(run, started=time.time())  # the machine has no clock
                self._noting.is_due = True
                self.on_event(TaskChanged(run))

    def _decide(self, call: Call) -> Reuse | Run:
        own = self._own.get(call.task)
        if (
            own is not None
            and own.key == call.key
            and not (unfit(own, call) or self.changed(own, call))
        ):
            # The run has started over, and need not do this again.
            verdict: Reuse | Run = Reuse(own)
        else:
            verdict = self.decide(call)
        if isinstance(verdict, Reuse):
            try:
                self.files.restore(verdict.record, self.machine.flow)
            except CorruptArtifactError as error:
                self.store.quarantine(error.digests)
                return Run((Reason("missing-artifact", "a file it wrote"),))
            except OSError as error:
                # The step itself then shows what is wrong with the place.
                return Run((Reason("file", str(error.filename or "a file it wrote")),))
            self.on_record(verdict.record)
        return verdict

    def _launch(self, call: Call) -> None:
        try:
            data = self.store.data(call.reads())
            former = self.store.latest(call.step.id, call.index, self.machine.flow.name)
            self.files.withdraw(call, former, self.machine.flow)
            watched = self.files.place(call)
        except CorruptArtifactError as error:
            self._corrupt(call.task, error.digests)
            return
        except (OSError, StoreError) as error:
            self._tell(Failed(call.task, _not_in_place(call, error)))
            return
        self._calls[call.task] = call
        self._started[call.task] = time.time()
        root = self.store.artifacts.root
        request = request_of(self.machine.flow, call, data, root, watched, former)
        self._executor(call).start(request)

    def _kill(self, task: str) -> None:
        if task in self._calls:
            self._executor(self._calls[task]).cancel(task)
            return
        # Its launch is still to be carried out.
        self._todo = deque(
            one for one in self._todo if not (isinstance(one, Launch) and one.call.task == task)
        )
        self._tell(Failed(task, ErrorText("Cancelled", "", ())))

    def _executor(self, call: Call) -> Executor:
        return self.inline(self._put_out) if self.is_inline(call) else self.executor()

    def _put_out(self, output: Output) -> None:
        self._words.hear(output.task, output.content)
        self._noting.is_due = True
        self.on_event(TaskOutput(output.task, output.content))

    def _worker_event(self, event: WorkerEvent) -> None:
        match event:
            case Output():
                self._put_out(event)
            case Started():
                pass
            case Writing(task, path, before, data):
                self.files.writing(task, path, before, data)
            case Finished():
                self._finished(event)
            case WorkerFailed(task):
                if task == _CANCEL.task:
                    self._tell(Cancel())
                    return
                call = self._calls.pop(task)
                words = self._words.take(task)
                self.files.ended(task, None, call.step.id)
                if event.lost:
                    self._corrupt(task, event.lost)
                    return
                # A worker that died could not say where, nor record what it had put out.
                number = event.error.number or call.step.step.cell.number
                error = replace(event.error, number=number)
                log = self._keep_log(event, words)
                failed = Failed(
                    *(task, error, event.seconds, log, event.unbound, event.files),
                    peak_bytes=event.peak_bytes,
                )
                self._tell(failed)

    def _corrupt(self, task: str, digests: tuple[str, ...]) -> None:
        self.store.quarantine(digests)
        self._own.clear()  # some of it may be what was lost
        self._tell(Corrupt(task, digests))

    def _finished(self, event: Finished) -> None:
        call = self._calls.pop(event.task)
        self._words.take(event.task)
        record = self._record(call, event)
        flow = self.machine.flow
        try:
            data = event.data | self._texts.read(record.facts, call.files)
            doubt = self.store.commit(record, call.recipe, data, flow.name)
        except StoreError as error:
            text = ErrorText("StoreError", str(error), (), call.step.step.cell.number)
            self._tell(Failed(event.task, text, event.seconds))
            return
        self.files.ended(event.task, record)
        self._own[event.task] = record
        self.on_record(record)
        self._tell(Completed(event.task, record, doubt))

    def _record(self, call: Call, event: Finished) -> TaskRecord:
        facts = (*event.facts, *self._packages.facts(event.packages))
        facts = tuple(self._modules.told((*facts, *self._hazards(call)), call.files))
        return TaskRecord(
            key=call.key,
            cell=call.step.id,
            step=call.step.name,
            index=call.index,
            recipe=call.fingerprint,
            inputs=call.digests,
            outputs=event.outputs,
            shown=call.shown(),
            part=call.part,
            items=event.items,
            absent=event.absent,
            uncarried=event.uncarried,
            facts=self._facts.setdefault(facts, facts),
            changes=tuple(self._own_changes(event)),
            shares=event.shares,
            hazards=(*event.hazards, *([long] if (long := long_replay(call)) else [])),
            replayed=tuple(replay.step.name for replay in call.replays),
            replay_seconds=event.replay_seconds,
            log=event.log,
            seconds=event.seconds,
            started=self._started.pop(event.task),
            peak_bytes=event.peak_bytes,
        )

    def _own_changes(self, event: Finished) -> Iterator[Change]:
        """What a task has changed, but for files that another one may have written meanwhile."""
        for change in event.changes:
            guessed = change.subject in event.guesses
            if not (guessed and self.files.is_anothers(event.task, change.subject)):
                yield change

    def _hazards(self, call: Call) -> Iterator[Fact]:
        """What gives something else each time in a task's source, and in what it does once more."""
        flow = self.machine.flow
        yield from hazards_of(flow, call.step, call.part)
        for replay in call.replays:
            yield from hazards_of(flow, replay.step, "body")

    def _keep_log(self, event: WorkerFailed, words: list[dict[str, Any]]) -> Artifact | None:
        log, data = event.log, event.data
        try:
            if log is None and words:
                log, small = self.store.artifacts.put(encode_plain(words))
                data = {log.digest: small} if small is not None else {}
            if data:
                self.store.keep(data)
        except StoreError:
            return None  # the failure itself is worth more than what was printed before
        return log


def _not_in_place(call: Call, error: Exception) -> ErrorText:
    text = f"a file that it uses could not be brought into place: {error}"
    return ErrorText(type(error).__name__, text, (), call.step.step.cell.number)


#: Put among the workers' events to wake the loop for a cancellation.
_CANCEL = WorkerFailed("", ErrorText("Cancelled", "", ()))
