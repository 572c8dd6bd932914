"""A run's tasks folded by step: a foreach is one row, however many splits it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from nbflow.records.task import PRECEDENCE, Status, TaskRun

#: What does not change any more.
DONE: frozenset[Status] = frozenset({"completed", "cached", "failed", "cancelled", "skipped"})


class StepTasks(msgspec.Struct, frozen=True):
    """All tasks of one step in one run."""

    step: str
    #: The task of a plain step, or the splits in order.
    tasks: tuple[TaskRun, ...]
    #: The task that evaluated a foreach's clause.
    clause: TaskRun | None
    foreach: bool
    status: Status
    #: The sum over all tasks, evaluating the clause included.
    seconds: float
    counts: Counter[Status]

    @property
    def failed(self) -> TaskRun | None:
        """The first of its tasks that failed."""
        every = (*([self.clause] if self.clause else []), *self.tasks)
        return next((task for task in every if task.error is not None), None)

    @property
    def label(self) -> str:
        """``"primes ×4"`` for a foreach, else the step's name."""
        return f"{self.step} ×{len(self.tasks)}" if self.foreach else self.step


def fold(tasks: Iterable[TaskRun]) -> list[StepTasks]:
    """The tasks by step, in the order in which the steps first appear."""
    by_step: dict[str, list[TaskRun]] = {}
    for task in tasks:
        by_step.setdefault(task.step, []).append(task)
    return [_fold_step(step, group) for step, group in by_step.items()]


def _fold_step(step: str, group: Sequence[TaskRun]) -> StepTasks:
    foreach = any(task.task.endswith("]") for task in group)
    splits = sorted(
        (task for task in group if task.index is not None), key=lambda task: task.index or 0
    )
    shown = splits if foreach else group
    clause = next((task for task in group if foreach and task.index is None), None)
    # A clause without a key only follows another foreach's output: it was not evaluated.
    evaluated = [clause] if clause and (clause.key or clause.status != "completed") else []
    statuses = {task.status for task in (*evaluated, *shown)} or {"completed"}
    return StepTasks(
        step=step,
        tasks=tuple(shown),
        clause=clause,
        foreach=foreach,
        status=next(status for status in PRECEDENCE if status in statuses),
        seconds=sum(task.seconds for task in group),
        counts=Counter(task.status for task in shown),
    )
