"""The scheduler: a pure state machine of tasks; events in, instructions out.

It knows no thread, clock, process or store. The loop feeds it what happened and carries out what
it says; tests do the same with lists.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Literal

from nbflow.flow import Flow, FlowStep, Version
from nbflow.plan import Blocked, Call, Lost, Preparer, Waiting
from nbflow.plan.plan import output_state
from nbflow.records.artifact import Artifact
from nbflow.records.task import ErrorText, TaskRecord, TaskRun
from nbflow.records.verdict import Reason, Reuse, Run
from nbflow.run.joining import gathered, split_state, unreadable
from nbflow.run.ready import Ready, critical_path
from nbflow.run.tasks import (
    MOVES,
    TERMINAL,
    Cancel,
    Completed,
    Decide,
    Decided,
    Event,
    Failed,
    Instruction,
    Keep,
    Kill,
    Launch,
    Report,
    Splits,
    State,
    Task,
)


class Machine:
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
    ) -> None:
        self.flow = flow
        self.preparer = preparer
        wanted = flow.closure(targets)
        #: Steps of this run, in an order in which sources come first.
        self.steps = [flow.steps[cell] for cell in flow.order if cell in wanted]
        #: Every task so far, by name; insertion order is creation order.
        self.tasks: dict[str, Task] = {}
        self.splits: dict[str, Splits] = {}
        #: What each version turned out to be. Never changes once set.
        self.known: dict[Version, Artifact | Lost] = {}
        #: Ended steps by cell id: whether they succeeded.
        self.ended: dict[str, bool] = {}
        #: Tasks in ``waiting`` that a version, or the end of a step (by cell id), will wake.
        self.waiters: dict[Version | str, list[Task]] = {}
        #: Foreach steps that follow another foreach's output element by element.
        self.followers: dict[Version, list[FlowStep]] = {}
        self.priority = critical_path(flow, wanted, seconds or {})
        #: Tasks in ``ready``, and the workers taken by those in ``running``.
        self.ready = Ready(workers, self.priority)
        #: How many tasks are in no terminal state.
        self.open = 0
        self.cancelled = False
        self._out: list[Instruction] = []
        #: What is left to do for this event; a queue, so that no chain of steps is too deep.
        self._later: deque[Callable[[], None]] = deque()

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
            case Completed(name, record):
                self._completed(self.tasks[name], record)
            case Failed(name, error, seconds, log):
                self._failed(self.tasks[name], error, seconds, log)
        return self._flush()

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.open == 0

    @property
    def status(self) -> Literal["completed", "failed", "cancelled"]:
        """How the run ended."""
        if self.cancelled:
            return "cancelled"
        return "completed" if all(self.ended.get(s.id) for s in self.steps) else "failed"

    def runs(self) -> tuple[TaskRun, ...]:
        """All tasks, in document order of their steps, splits by index."""
        order = {cell: index for index, cell in enumerate(self.flow.steps)}
        tasks = sorted(
            self.tasks.values(),
            key=lambda t: (order[t.step.id], -1 if t.index is None else t.index),
        )
        return tuple(task.run() for task in tasks)

    # -- preparing --

    def _add(self, task: Task) -> None:
        self.tasks[task.name] = task
        self.open += 1
        self._out.append(Report(task.run()))

    def _prepare(self, task: Task) -> None:
        if task.state != "waiting":
            return
        for cell in task.step.after:
            if cell not in self.ended:
                self.waiters.setdefault(cell, []).append(task)
                return
            if not self.ended[cell]:
                self._skip(task, self.flow.steps[cell].name)
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
            task.seconds = verdict.record.seconds
            self._move(task, "cached")
            self._end(task)
            return
        task.reasons = verdict.reasons
        self._move(task, "ready")
        self.ready.add(task)

    def _completed(self, task: Task, record: TaskRecord) -> None:
        if task.state != "running":
            return
        task.record = record
        task.seconds = record.seconds
        self.ready.release(task)
        self._move(task, "completed")
        self._end(task)

    def _failed(self, task: Task, error: ErrorText, seconds: float, log: Artifact | None) -> None:
        if task.state != "running":
            return
        task.seconds, task.log = seconds, log
        self.ready.release(task)
        if self.cancelled:
            self._move(task, "cancelled")
            self._end(task)
        else:
            self._lose(task, error)

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
        for task in list(self.tasks.values()):
            if task.state == "running":
                self._out.append(Kill(task.name))
            elif task.state not in TERMINAL:
                self._move(task, "cancelled")
                self._end(task)

    # -- the end of a task --

    def _end(self, task: Task) -> None:
        """Hand on what an ended task gives, or that it gives nothing."""
        self.open -= 1
        if task.index is not None:
            self._end_split(task)
        elif task.part == "clause":
            if task.record is not None:
                self._items(task.step, task.record.items)
            else:
                self._end_step(task.step, None)
        else:
            self._end_step(task.step, task.record)

    def _end_step(self, step: FlowStep, record: TaskRecord | None) -> None:
        self.ended[step.id] = record is not None
        for name in step.outputs:
            lost = Lost("failed", step.name)
            self._publish(
                Version(name, step.id), lost if record is None else output_state(record, name)
            )
        if record is None:
            self._end_followers(step)
        self._wake(step.id)

    def _end_followers(self, step: FlowStep) -> None:
        """The items that followers wait for will never be counted: skip them as a whole."""
        for follower in self._followers(step):
            if self.splits[follower.id].total is None and follower.id not in self.ended:
                task = Task(f"{follower.name}[]", follower, "clause")
                self._add(task)
                self._later.append(partial(self._skip, task, step.name))

    def _items(self, step: FlowStep, items: tuple[Artifact, ...]) -> None:
        splits = self.splits[step.id]
        for index, item in enumerate(items):
            self._add_split(step, splits, index, item)
        self._total(step, len(items))

    def _total(self, step: FlowStep, total: int) -> None:
        self.splits[step.id].total = total
        if step.elementwise is not None:
            task = Task(f"{step.name}[]", step, "clause")
            self._add(task)
            self._move(task, "completed")
            self.open -= 1
        for follower in self._followers(step):
            self._later.append(partial(self._total, follower, total))
        self._gather(step)

    def _add_split(self, step: FlowStep, splits: Splits, index: int, item: Artifact | Lost) -> None:
        task = Task(f"{step.name}[{index}]", step, "body", index)
        splits.tasks[index] = task
        self._add(task)
        if self.cancelled:
            self._move(task, "cancelled")
            self._end(task)
        elif isinstance(item, Artifact):
            task.item = item
            task.occurrence = splits.seen[item.digest]
            splits.seen[item.digest] += 1
            self._later.append(partial(self._prepare, task))
        else:
            assert step.elementwise is not None
            self._later.append(partial(self._block, task, step.elementwise, item))

    def _end_split(self, task: Task) -> None:
        splits = self.splits[task.step.id]
        splits.ended += 1
        splits.failed += task.record is None
        assert task.index is not None
        for name in task.step.outputs:
            for follower in self.followers.get(Version(name, task.step.id), ()):
                item = split_state(task, name)
                self._add_split(follower, self.splits[follower.id], task.index, item)
        stop = task.step.step.directive.options.on_error == "stop"
        if task.state == "failed" and stop:
            self._stop_splits(splits)
        self._gather(task.step)

    def _stop_splits(self, splits: Splits) -> None:
        for task in list(splits.tasks.values()):
            if task.state not in TERMINAL and task.state != "running":
                self._move(task, "cancelled")
                self._later.append(partial(self._end, task))

    def _gather(self, step: FlowStep) -> None:
        """Once all splits have ended, their outputs become lists."""
        splits = self.splits[step.id]
        if splits.total is None or splits.ended < splits.total or step.id in self.ended:
            return
        if splits.failed:
            self._end_step(step, None)
            return
        self.ended[step.id] = True
        tasks = [splits.tasks[index] for index in range(splits.total)]
        for name in step.outputs:
            joined = gathered(tasks, name)
            if isinstance(joined, Lost):
                self._publish(Version(name, step.id), joined)
                continue
            self._out.append(Keep(joined))
            self.tasks[f"{step.name}[]"].joined[name] = joined.artifact
            self._publish(Version(name, step.id), joined.artifact)
        self._wake(step.id)

    def _followers(self, step: FlowStep) -> Iterable[FlowStep]:
        for name in step.outputs:
            yield from self.followers.get(Version(name, step.id), ())

    def _flush(self) -> list[Instruction]:
        while self._later:
            self._later.popleft()()
        for task in self.ready.start():
            self._move(task, "running")
            assert task.call is not None
            self._out.append(Launch(task.call))
        out, self._out = self._out, []
        return out

    def _move(self, task: Task, state: State) -> None:
        if (task.state, state) not in MOVES:
            raise AssertionError(f"task {task.name}: {' → '.join(task.story)} ↛ {state}")
        task.state = state
        task.story.append(state)
        if state != "deciding":
            self._out.append(Report(task.run()))

    def validate(self) -> None:
        """Raise AssertionError if an invariant does not hold."""
        states = Counter(task.state for task in self.tasks.values())
        running = [t for t in self.tasks.values() if t.state == "running"]
        assert self.ready.busy == sum(self.ready.cost(t) for t in running)
        assert self.open == sum(n for s, n in states.items() if s not in TERMINAL)
        for cell, splits in self.splits.items():
            assert splits.ended >= sum(t.state in TERMINAL for t in splits.tasks.values()), cell
        waiting = {id(t) for tasks in self.waiters.values() for t in tasks}
        for task in self.tasks.values():
            given = task.part == "clause" or task.record is not None
            assert given or task.state not in ("completed", "cached"), task
            assert task.state != "waiting" or id(task) in waiting, task
