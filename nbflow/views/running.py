"""A run as it goes on, for a notebook: each step with its status, how far it is and since when."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbflow.plan import Plan
from nbflow.records.task import TaskRun
from nbflow.views.blocks import Badge, Row, Table, line
from nbflow.views.durations import about, duration
from nbflow.views.folding import DONE, StepTasks, fold
from nbflow.views.page import Page, page
from nbflow.views.tasks import detail


@dataclass(slots=True)
class RunBoard:
    """Takes in what tasks become, and tells how the run stands.

    Parameters
    ----------
    plan
        Of the run: the steps in document order, and how long each is expected to take.
    """

    plan: Plan
    #: Seconds at which the first task of each step began.
    began: dict[str, float] = field(default_factory=dict)
    tasks: dict[str, TaskRun] = field(default_factory=dict)

    def show(self, task: TaskRun, now: float) -> None:
        """Take in the new status of a task, at a time in seconds."""
        if task.status == "running":
            self.began.setdefault(task.step, now)
        self.tasks[task.task] = task

    def restart(self) -> None:
        """All tasks begin anew."""
        self.began.clear()
        self.tasks.clear()

    def page(self, now: float) -> Page:
        """Every step of the plan, one line each."""
        # A copy: whoever draws does so in another thread than the run's.
        found = {row.step: row for row in fold(list(self.tasks.values()))}
        rows = [self._row(step.step, found.get(step.step), step.seconds, now) for step in self.plan]
        done = sum(row.status in DONE for row in found.values())
        heads = ("step", "status", "splits", "time", "why")
        table = Table(tuple(rows), heads, limits=(24, 9, 12, 20))
        return page(table, line(), f"{done} of {len(self.plan.steps)} steps")

    def _row(self, name: str, row: StepTasks | None, expected: float | None, now: float) -> Row:
        if row is None:
            return Row((name, Badge("queued", "queued"), "", _expected(expected), ""), "queued")
        splits = ""
        if row.foreach:
            ended = sum(row.counts[status] for status in DONE)
            splits = f"{ended} of {len(row.tasks)}"
        busy = row.status in ("running", "queued") and name in self.began
        time = duration(now - self.began[name] if busy else row.seconds)
        if busy and expected is not None:
            count = max(1, len(row.tasks))
            time += f" of {about(expected * count)}"
        return Row((name, Badge(row.status, row.status), splits, time, detail(row)), row.status)


def _expected(seconds: float | None) -> str:
    return "" if seconds is None else about(seconds)
