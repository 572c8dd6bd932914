"""The splits of foreach steps: made from items, followed element by element, joined into lists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from functools import partial

from nbflow.flow import Flow, FlowStep, Version
from nbflow.plan import Lost
from nbflow.records.artifact import Artifact
from nbflow.records.task import TaskRecord
from nbflow.run.board import Board
from nbflow.run.joining import gathered, split_state
from nbflow.run.ready import Ready
from nbflow.run.tasks import TERMINAL, Keep, Splits, State, Task


class Foreach(Board, ABC):
    """The part of the machine that knows splits.

    Responsibilities: each item has its one split; a foreach that follows another one's output gets
    each item as soon as it is there; outputs become lists once all splits have ended.
    """

    def __init__(self, flow: Flow, ready: Ready) -> None:
        super().__init__(flow, ready)
        #: Foreach steps that follow another foreach's output element by element.
        self.followers: dict[Version, list[FlowStep]] = {}
        #: Ended steps by cell id: whether they succeeded.
        self.ended: dict[str, bool] = {}
        #: Whether nothing more starts.
        self.stopped = False

    @abstractmethod
    def _prepare(self, task: Task) -> None:
        """Find out what a task reads, and have the cache asked about it."""

    @abstractmethod
    def _block(self, task: Task, version: Version, lost: Lost) -> None:
        """End a task whose input will never come."""

    @abstractmethod
    def _skip(self, task: Task, because: str) -> None:
        """End a task that stands below a step that gave nothing."""

    @abstractmethod
    def _publish(self, version: Version, state: Artifact | Lost) -> None:
        """Say what a version turned out to be."""

    @abstractmethod
    def _wake(self, what: Version | str) -> None:
        """Prepare the tasks that waited for this."""

    @abstractmethod
    def _end(self, task: Task) -> None:
        """Hand on what an ended task gives."""

    @abstractmethod
    def _end_step(self, step: FlowStep, record: TaskRecord | None) -> None:
        """Hand on what an ended step gives, or that it gives nothing."""

    @abstractmethod
    def _publish_files(self, step: FlowStep, records: Collection[TaskRecord] | None) -> None:
        """Say what an ended step leaves of the flow's files; None when it failed."""

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
        self._total(step, len(items), self.tasks[f"{step.name}[]"].state)

    def _total(self, step: FlowStep, total: int, counted: State) -> None:
        self.splits[step.id].total = total
        if step.elementwise is not None:
            task = Task(f"{step.name}[]", step, "clause")
            self._add(task)
            self._move(task, counted)
            self.open -= 1
        for follower in self._followers(step):
            self._later.append(partial(self._total, follower, total, counted))
        self._gather(step)

    def _add_split(self, step: FlowStep, splits: Splits, index: int, item: Artifact | Lost) -> None:
        task = Task(f"{step.name}[{index}]", step, "body", index)
        splits.tasks[index] = task
        self._add(task)
        if self.stopped:
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
                below = self.splits[follower.id]
                if task.index not in below.tasks:
                    self._add_split(follower, below, task.index, split_state(task, name))
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
        if splits.total is None or splits.ended < splits.total:
            return
        if splits.failed and self.ended.get(step.id, True):
            self._end_step(step, None)
        elif step.id not in self.ended:
            self.ended[step.id] = True
            for name, state in self._keep_lists(step).items():
                self._publish(Version(name, step.id), state)
            tasks = [splits.tasks[index] for index in range(splits.total)]
            self._publish_files(step, [task.record for task in tasks if task.record is not None])
            self._wake(step.id)

    def _keep_lists(self, step: FlowStep) -> dict[str, Artifact | Lost]:
        """Have the lists of a foreach's outputs stored."""
        splits, states = self.splits[step.id], dict[str, Artifact | Lost]()
        tasks = [splits.tasks[index] for index in range(splits.total or 0)]
        for name in step.outputs:
            joined = gathered(tasks, name)
            if isinstance(joined, Lost):
                states[name] = joined
                continue
            self._out.append(Keep(joined))
            states[name] = joined.artifact
            self.tasks[f"{step.name}[]"].joined[name] = joined.artifact
        return states

    def _followers(self, step: FlowStep) -> Iterable[FlowStep]:
        for name in step.outputs:
            yield from self.followers.get(Version(name, step.id), ())
