"""The table after a run: each step with its status, its time and why it ran."""

from __future__ import annotations

from collections import Counter

from nbflow.records.task import RunRecord, Status
from nbflow.views.blocks import Badge, Line, Row, Span, Table, line
from nbflow.views.durations import duration, plural
from nbflow.views.folding import StepTasks, fold
from nbflow.views.page import Page, page
from nbflow.views.reasons import phrases
from nbflow.views.status import tone_of

#: What the summary counts, in its words.
_COUNTED: dict[Status, str] = {
    "completed": "ran",
    "cached": "cached",
    "failed": "failed",
    "skipped": "skipped",
    "cancelled": "cancelled",
}


def table(run: RunRecord) -> Page:
    """The table of a run, one line that sums it up, and the run's id to ask for more."""
    rows = tuple(Row(_cells(row), row.status) for row in fold(run.tasks))
    found = Table(rows, ("step", "status", "time", "why"), limits=(24, 9, 9), right=2)
    told = page(summary(run), line(Span(f"run {run.id}", "quiet")))
    return page(found, line(), told) if rows else told


def summary(run: RunRecord) -> Line:
    """How the run ended, in one line: ``train completed in 3 m 10 s · 3 ran, 4 cached``."""
    counts = Counter(task.status for row in fold(run.tasks) for task in row.tasks)
    told = [f"{counts[status]} {word}" for status, word in _COUNTED.items() if counts[status]]
    if told:
        number, _, rest = told[0].partition(" ")
        told[0] = f"{plural(int(number), 'task')} {rest}"
    story = f" · {', '.join(told)}" if told else ""
    ending = Span(run.status, tone_of(run.status))
    return line(Span(run.flow, limit=24), " ", ending, f" in {duration(run.seconds)}{story}")


def detail(row: StepTasks) -> str:
    """Why the step ran, or how it failed."""
    if row.failed is not None and row.failed.error is not None:
        error = row.failed.error
        # The first line says what; how to go on is told below.
        told = f"{error.name}: {error.message.partition(chr(10))[0]}".rstrip(": ")
        return f"{row.counts['failed']} of {len(row.tasks)} · {told}" if row.tasks[1:] else told
    if row.status == "cached":
        return remarks(row)
    if row.foreach and row.counts["cached"]:
        return f"{row.counts['cached']} of {len(row.tasks)} cached · {reasons(row)}".rstrip(" ·")
    return reasons(row)


def remarks(row: StepTasks) -> str:
    """What is to be said of results that are reused."""
    told = dict.fromkeys(reason for task in row.tasks for reason in task.reasons)
    return phrases(tuple(told))


def reasons(row: StepTasks) -> str:
    """Why the first of its tasks ran that did, and what they carried out again."""
    ran = next((task for task in row.tasks if task.reasons), None)
    told = [phrases(ran.reasons)] if ran is not None else []
    if names := dict.fromkeys(name for task in row.tasks for name in task.replayed):
        seconds = sum(task.replay_seconds for task in row.tasks)
        told.append(f"replayed {', '.join(names)} ({duration(seconds)})")
    return " · ".join(told)


def _cells(row: StepTasks) -> tuple[str | Badge, ...]:
    taken = duration(row.seconds) if row.status not in ("queued", "skipped") else ""
    return row.label, Badge(row.status, row.status), taken, detail(row)
