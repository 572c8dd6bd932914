"""The table after a run: each step with its status, its time and why it ran."""

from __future__ import annotations

from nbflow.records.task import Status, TaskRun
from nbflow.views.durations import duration
from nbflow.views.folding import StepTasks, fold
from nbflow.views.reasons import phrases
from nbflow.views.subjects import Run
from nbflow.views.text import STATUS, Look, columns, cut, paint

_ENDINGS: dict[str, tuple[str, Look]] = {
    "completed": ("completed", "good"),
    "failed": ("failed", "bad"),
    "cancelled": ("cancelled", "warn"),
    "interrupted": ("interrupted", "warn"),
    "running": ("running", "busy"),
}


def table(run: Run) -> str:
    """The table of a run, one line that sums it up, and the run's id to ask for more."""
    rows = fold(run.tasks)
    lines = columns(
        [
            (
                row.label,
                row.status,
                duration(row.seconds) if row.status not in ("queued", "skipped") else "",
                detail(row),
            )
            for row in rows
        ],
        limits=(24, 9, 9),
        right=2,
    )
    body = [
        f"  {paint(STATUS[row.status][0], STATUS[row.status][1])} {line}"
        for row, line in zip(rows, lines, strict=True)
    ]
    return "\n".join(
        [*body, *([""] if body else []), summary(run), paint(f"run {run.id}", "quiet")]
    )


def summary(run: Run) -> str:
    """How the run ended, in one line: ``train completed in 3 m 10 s · 3 ran, 4 cached``."""
    word, look = _ENDINGS[run.status]
    tasks = [task for row in fold(run.tasks) for task in row.tasks]
    counts = [
        f"{number} {word}"
        for word, number in (
            ("ran", _number(tasks, "completed")),
            ("cached", _number(tasks, "cached")),
            ("failed", _number(tasks, "failed")),
            ("skipped", _number(tasks, "skipped")),
            ("cancelled", _number(tasks, "cancelled")),
        )
        if number
    ]
    story = f" · {', '.join(counts)}" if counts else ""
    return f"{cut(run.flow, 24)} {paint(word, look)} in {duration(run.seconds)}{story}"


def detail(row: StepTasks) -> str:
    """Why the step ran, or how it failed."""
    failed = next((task for task in row.tasks if task.error is not None), None)
    if failed is not None and failed.error is not None:
        told = f"{failed.error.name}: {failed.error.message}".rstrip(": ")
        if row.foreach:
            return f"{row.counts['failed']} of {len(row.tasks)} · {told}"
        return told
    if row.status == "cached":
        return ""
    if row.foreach and row.counts["cached"]:
        return f"{row.counts['cached']} of {len(row.tasks)} cached · {_reasons(row)}".rstrip(" ·")
    return _reasons(row)


def _reasons(row: StepTasks) -> str:
    ran = next((task for task in row.tasks if task.reasons), None)
    return phrases(ran.reasons) if ran is not None else ""


def _number(tasks: list[TaskRun], status: Status) -> int:
    return sum(task.status == status for task in tasks)
