"""The scheduler: a pure state machine of tasks; events in, instructions out.

It knows no thread, clock, process or store. The loop feeds it what happened and carries out what
it says; tests do the same with lists.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Literal

from nbflow.flow import Flow, FlowStep, Version
from nbflow.plan import Blocked, Call, Lost, Preparer, Waiting, hazards_of
from nbflow.plan.plan import last_file_state, output_state
from nbflow.records.artifact import Artifact
from nbflow.records.files import gathered, is_variable, path_of
from nbflow.records.lesson import Learnt, Lesson
from nbflow.records.reason import Reason
from nbflow.records.state import is_state
from nbflow.records.task import ErrorText, TaskRecord, lesson_of
from nbflow.records.verdict import Reuse, Run
from nbflow.run.foreach import Foreach
from nbflow.run.joining import left_out, unreadable
from nbflow.run.lost import lost_for_good, makers_of, same_results
from nbflow.run.misled import misled
from nbflow.run.ready import Ready, critical_path
from nbflow.run.sharing import Sharing
from nbflow.run.tasks import (
    ACTIVE,
    TERMINAL,
    Cancel,
    Completed,
    Corrupt,
    Decide,
    Decided,
    Event,
    Failed,
    Instruction,
    Kill,
    Splits,
    Task,
)


class Machine(Foreach):
    """Decides what happens next in one run.

    Responsibilities: which task can be prepared, which may start (critical path first, within the
    workers), what a failure stops, and when the run is over. Not: how anything is done.
    """

    def __init__(
        self,
        flow: Flow,
        preparer: Preparer,
        targets: Iterable[str],
        workers: int,
        seconds: Mapping[str, float] | None = None,
        rebuild: Callable[[Learnt], Flow] | None = None,
    ) -> None:
        self._arguments = (tuple(targets), workers, seconds, rebuild)
        self._rebuild = rebuild
        self.preparer = preparer
        self.wanted = wanted = flow.closure(self._arguments[0])
        #: Steps of this run, in an order in which sources come first.
        self.steps = [flow.steps[cell] for cell in flow.order if cell in wanted]
        #: What each version turned out to be. Changes only when a task fails that had to
        #: run again.
        self.known: dict[Version, Artifact | Lost] = {}
        self.priority = critical_path(flow, wanted, seconds or {})
        super().__init__(flow, Ready(workers, self.priority))
        self.cancelled = False
        #: What tasks of this run have taught, by cell id.
        self.learnt: dict[str, Lesson] = {}
        #: Cell ids of the steps that such a lesson concerns: they wait for the new start.
        self.concerned: set[str] = set()
        #: Running tasks that are ended because of it.
        self.misled: set[str] = set()
        #: How often that may still happen.
        self.starts = 2
        self.sharing = Sharing(flow)

    # -- the outside --

    def start(self) -> list[Instruction]:
        """The first instructions of the run."""
        for step in self.steps:
            if step.step.kind == "step":
                self._add(Task(step.name, step, "body"))
                continue
            self.splits[step.id] = Splits()
            if step.elementwise is None:
                self._add(Task(f"{step.name}[]", step, "clause"))
            else:
                self.followers.setdefault(step.elementwise, []).append(step)
        self._prepare_later(self.tasks.values())
        return self._flush()

    def handle(self, event: Event) -> list[Instruction]:
        """What to do now that this has happened."""
        match event:
            case Cancel():
                self._cancel()
            case Decided(name, verdict):
                self._decided(self.tasks[name], verdict)
            case Completed(name, record, doubt):
                self._completed(self.tasks[name], record, doubt)
            case Failed() as failed:
                self._failed(self.tasks[failed.task], failed)
            case Corrupt(name, digests):
                self._corrupt(self.tasks[name], digests)
        return self._flush()

    def records(self) -> Iterator[TaskRecord]:
        """What is known of the tasks that have given something."""
        return (task.record for task in self.tasks.values() if task.record is not None)

    @property
    def status(self) -> Literal["completed", "failed", "cancelled"]:
        """How the run ended."""
        if self.cancelled:
            return "cancelled"
        return "completed" if all(self.ended.get(s.id) for s in self.steps) else "failed"

    def taught(self) -> dict[str, Lesson]:
        """What is new since the run began or last started over, by step name."""
        known = self.flow.learnt
        return {
            self.flow.steps[cell].name: lesson.beyond(known.get(cell, Lesson()))
            for cell, lesson in self.learnt.items()
        }

    def afresh(self) -> Machine:
        """The same run from its beginning; what has completed so far is in the cache."""
        flow, preparer = self.flow, self.preparer
        if self.learnt and self._rebuild is not None:
            flow = self._rebuild({**flow.learnt, **self.learnt})
            preparer = Preparer(flow, preparer.parameters)
        machine = Machine(flow, preparer, *self._arguments)
        # What is learnt only grows, so that it comes to an end by itself.
        machine.starts = self.starts - (not self.learnt)
        machine.earlier = {run.task: run for run in self.runs() if run.status == "completed"}
        return machine

    # -- preparing --

    def _prepare(self, task: Task) -> None:
        if task.state != "waiting" or task.step.id in self.concerned:
            return
        for cell in task.step.after:
            if cell not in self.ended:
                self.waiters.setdefault(cell, []).append(task)
                return
            if not self.ended[cell]:
                self._skip(task, self.flow.steps[cell].name)
                return
        for cell in task.step.files.follows & self.wanted:
            if cell not in self.ended:
                self.waiters.setdefault(cell, []).append(task)
                return
        call = self.preparer.call(
            task.step, task.part, self.known, task.index, task.item, task.occurrence
        )
        match call:
            case Call():
                task.call = call
                self._move(task, "deciding")
                self._out.append(Decide(call))
            case Waiting(versions):
                self.waiters.setdefault(versions[0], []).append(task)
            case Blocked(_, version, lost):
                self._block(task, version, lost)

    def _block(self, task: Task, version: Version, lost: Lost) -> None:
        if lost.why == "failed":
            self._skip(task, self.flow.steps[version.cell].name)
        else:
            self._lose(task, unreadable(task, version, lost, self.flow))

    def _publish(self, version: Version, state: Artifact | Lost) -> None:
        self.known[version] = state
        self._wake(version)

    def _wake(self, what: Version | str) -> None:
        self._prepare_later(self.waiters.pop(what, ()))

    def _prepare_later(self, tasks: Iterable[Task]) -> None:
        # The cache is asked in the order in which workers should start.
        for task in sorted(tasks, key=lambda task: -self.priority[task.step.id]):
            self._later.append(partial(self._prepare, task))

    # -- what happened --

    def _decided(self, task: Task, verdict: Reuse | Run) -> None:
        if task.state != "deciding":
            return  # cancelled meanwhile
        if isinstance(verdict, Reuse):
            task.record = verdict.record
            task.reasons = verdict.reasons
            task.seconds = verdict.record.seconds
            self._learn(task, verdict.record)
            if task.state != "deciding":
                return  # what it has shown concerns itself: it waits for the new start
            self._move(task, "cached")
            self._end(task)
            return
        task.reasons = verdict.reasons
        self._move(task, "ready")
        self.ready.add(task)

    def _completed(self, task: Task, record: TaskRecord, doubt: Reason | None) -> None:
        if task.state != "running":
            return
        if doubt is not None:
            task.reasons = (doubt, *(r for r in task.reasons if r.kind != doubt.kind))
        task.reasons = tuple(dict.fromkeys((*task.reasons, *hazards_of(record))))
        task.record = record
        task.seconds = record.seconds
        self._learn(task, record)
        self.ready.release(task)
        self._move(task, "completed")
        self._end(task)

    def _learn(self, task: Task, record: TaskRecord) -> None:
        """Take in what a step reads or leaves unforeseen."""
        self._take_in(task.step, lesson_of(record))
        self.sharing.add(task.step, record)
        if task.index is None:
            for cell, lesson in self.sharing.lessons().items():
                self._take_in(self.flow.steps[cell], lesson)

    def _take_in(self, step: FlowStep, lesson: Lesson) -> None:
        """Some have read another version than they should, if this is new: the run starts over."""
        known = self.learnt.get(step.id) or self.flow.learnt.get(step.id) or Lesson()
        new = lesson.beyond(known | step.foreseen())
        if not new or self._rebuild is None:
            return
        self.learnt[step.id] = known | new
        concerned = self.flow.concerned(step.id, new, self.learnt)
        if new.together:
            concerned.add(step.id)
        self.concerned |= concerned
        self.starts_over |= (
            bool(concerned)
            # Code that travels inside a value may read them, too.
            or any(is_variable(name) or is_state(name) for name in new.leaves)
            or self.flow.files.meets_others(step.id, new, self.learnt)
        )
        self._end_misled(step, new)

    def _end_misled(self, step: FlowStep, new: Lesson) -> None:
        """End what has begun with what is another by now: it may wait for that in vain."""
        directly, below = misled(self.flow, step, new)
        for task in self.tasks.values():
            # What waits is most often a value made again, like a queue.
            again = task.call is not None and task.call.replays
            if task.state not in ACTIVE or task.step.id not in (below if again else directly):
                continue
            if task.state != "running":
                self._move(task, "waiting")
            elif task.name not in self.misled:
                self.misled.add(task.name)
                self._out.append(Kill(task.name))

    def _failed(self, task: Task, failed: Failed) -> None:
        if task.state != "running":
            return
        task.seconds, task.log, task.peak_bytes = failed.seconds, failed.log, failed.peak_bytes
        self._take_in(task.step, Lesson(reads=gathered(failed.files)))
        if failed.unbound and not task.step.reads(failed.unbound):
            self._take_in(task.step, Lesson(reads=frozenset({failed.unbound})))
        for cell, lesson in self.sharing.of_failed(task.step).items():
            self._take_in(self.flow.steps[cell], lesson)
        self.ready.release(task)
        if task.name in self.misled and not self.cancelled:
            self._move(task, "waiting")
        elif self.cancelled:
            self._move(task, "cancelled")
            self._end(task)
        else:
            error = failed.error
            if failed.unbound:
                error = left_out(task, failed.unbound, error, self.flow)
            self._lose(task, error)

    def _corrupt(self, task: Task, digests: Collection[str]) -> None:
        """Have what a task could not read made again; the task waits for it."""
        if task.state != "running":
            return
        self.ready.release(task)
        makers = makers_of(self.tasks.values(), digests)
        if self.stopped:
            self._move(task, "cancelled")
            self._end(task)
        elif makers is None:
            self._lose(task, lost_for_good(task))
        else:
            self._move(task, "waiting")
            for maker in makers:
                self._remake(maker, task, digests)
            if not task.awaits:
                self._prepare_later([task])

    def _remake(self, maker: Task, reader: Task, digests: Collection[str]) -> None:
        lists = {artifact.digest for artifact in maker.joined.values()}
        if not lists.isdisjoint(digests):
            maker.remade += 1
            self._keep_lists(maker.step)
            return
        maker.readers.append(reader)
        reader.awaits += 1
        if maker.former is None:
            maker.remade += 1
            maker.former, maker.record = maker.record, None
            self.open += 1
            if maker.index is not None:
                self.splits[maker.step.id].ended -= 1
            self._move(maker, "waiting")
            self._prepare_later([maker])

    def _lose(self, task: Task, error: ErrorText) -> None:
        if task.state in TERMINAL:
            return  # cancelled meanwhile
        task.error = error
        self._move(task, "failed")
        self._end(task)

    def _skip(self, task: Task, because: str) -> None:
        if task.state in TERMINAL:
            return  # cancelled meanwhile
        task.reasons = (Reason("upstream", because),)
        self._move(task, "skipped")
        self._end(task)

    def _cancel(self) -> None:
        self.cancelled = True
        self._out += [Kill(task.name) for task in self.tasks.values() if task.state == "running"]
        self._stop()

    def _stop(self) -> None:
        """Start nothing more."""
        self.stopped = True
        for task in list(self.tasks.values()):
            if task.state != "running" and task.state not in TERMINAL:
                self._move(task, "cancelled")
                self._end(task)

    # -- the end of a task --

    def _end(self, task: Task) -> None:
        """Hand on what an ended task gives, or that it gives nothing."""
        self.open -= 1
        remade = task.former is not None
        if remade:
            self._end_remade(task)
        if task.index is not None:
            self._end_split(task)
        elif task.record is None or (task.part == "body" and not remade):
            self._end_step(task.step, task.record)
        elif not remade:  # else others have gone on with its items already
            self._items(task.step, task.record.items)

    def _end_remade(self, task: Task) -> None:
        """What was lost is there again, or never will be, or is another now."""
        assert task.former is not None
        same = task.record is not None and same_results(task.record, task.former)
        task.former = None
        readers, task.readers = task.readers, []
        if task.record is not None and not same and self.starts:
            self.starts_over = True
            self._stop()
        for reader in readers:
            reader.awaits -= 1
            if task.record is None:
                self._later.append(partial(self._skip, reader, task.step.name))
            elif not same:
                self._later.append(partial(self._lose, reader, lost_for_good(reader)))
            elif not reader.awaits:
                self._prepare_later([reader])

    def _end_step(self, step: FlowStep, record: TaskRecord | None) -> None:
        self.ended[step.id] = record is not None
        for name in step.outputs:
            state: Artifact | Lost = Lost("failed", step.name)
            if record is not None:
                state = output_state(record, name, self.tasks[step.name].call)
            self._publish(Version(name, step.id), state)
        self._publish_files(step, None if record is None else [record])
        if record is None:
            self._end_followers(step)
        self._wake(step.id)

    def _publish_files(self, step: FlowStep, records: Collection[TaskRecord] | None) -> None:
        for name in step.files.writes:
            lost = Lost("failed", step.name)
            state = lost if records is None else last_file_state(records, path_of(name))
            self._publish(Version(name, step.id), state)
