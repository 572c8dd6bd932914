"""The line under a step's cell: what it reads and gives, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from nbflow.flow import FlowStep
from nbflow.records.artifact import Artifact
from nbflow.records.files import path_of
from nbflow.records.task import TaskRun, Uncarried
from nbflow.results import outputs_by_name, stayed_by_name
from nbflow.steps import INTERACTIVE_NAMES
from nbflow.views.blocks import Line, Piece, Span
from nbflow.views.durations import about, duration, size, when
from nbflow.views.folding import StepTasks, fold
from nbflow.views.page import Page, page
from nbflow.views.status import tone_of
from nbflow.views.tasks import detail, reasons, remarks

_Given: TypeAlias = Artifact | Uncarried
#: Columns that an error takes; all of it stands below.
_LONGEST = 48
#: Types whose value is its own summary.
_SCALARS = frozenset({"NoneType", "bool", "int", "float", "complex"})


def summary(
    step: FlowStep, tasks: Sequence[TaskRun], *, now: float, expected: float | None = None
) -> Page:
    """``load: in n · out data (int64[200000], 1.6 MB) · 0.02 s · first run``.

    Parameters
    ----------
    tasks
        The step's tasks so far, in any run; none while it waits for others.
    now
        Seconds since the epoch, for what is still running.
    expected
        How many seconds the step takes altogether, by earlier runs.
    """
    row = next(iter(fold(tasks)), None)
    parts = [
        _names("in", dict.fromkeys((*step.clause.inputs, *step.body.inputs)), {}),
        _names("out", step.outputs, {**outputs_by_name(tasks), **stayed_by_name(tasks)}),
        *([[told] for told in _story(row, now, expected)] if row else [["waiting"]]),
    ]
    pieces: list[Piece] = [Span(row.label if row and row.tasks else step.name, "strong"), ":"]
    for position, part in enumerate(part for part in parts if part):
        pieces += [Span(" · ", "quiet") if position else " ", *part]
    return page(Line(tuple(pieces), mark=row.status if row else "queued"))


def _names(word: str, names: Iterable[str], held: Mapping[str, _Given]) -> list[Piece]:
    pieces: list[Piece] = []
    for name in names:
        if name in INTERACTIVE_NAMES:
            continue
        pieces.append(", " if pieces else Span(f"{word} ", "quiet"))
        pieces.append(path_of(name))
        if name in held:
            pieces.append(Span(f" ({what(held[name])})", "quiet"))
    return pieces


def what(given: _Given) -> str:
    """A value in a few words: its type with shape or length, and its size; a number itself."""
    if isinstance(given, Uncarried):
        return f"stays in the step: {given.told}"
    if given.type in _SCALARS:
        return given.summary
    return f"{given.summary}, {size(given.bytes)}"


def _story(row: StepTasks, now: float, expected: float | None) -> Iterator[Piece]:
    """What became of it, or how far it is."""
    status = "waiting" if row.status == "queued" else row.status
    if status != "completed":
        yield Span(status, tone_of(row.status))
    if row.foreach and row.tasks and status != "failed":
        yield f"{row.counts['completed'] + row.counts['cached']} of {len(row.tasks)}"
        if status == "completed" and row.counts["cached"]:
            yield f"{row.counts['cached']} cached"
    match status:
        case "running":
            yield _elapsed(row, now, expected)
        case "cached":
            ended = max((task.started + task.seconds for task in row.tasks), default=0.0)
            made = f"computed {when(ended, now)}" if ended else "computed"
            yield f"{made} in {duration(row.seconds)}"
            if told := remarks(row):
                yield told
        case "failed":
            yield Span(detail(row), limit=_LONGEST)
            yield duration(row.seconds)
        case "completed" | "skipped":
            if status == "completed":
                yield duration(row.seconds)
            if told := reasons(row):
                yield told


def _elapsed(row: StepTasks, now: float, expected: float | None) -> str:
    tasks = (row.clause, *row.tasks)
    began = min((task.started for task in tasks if task and task.started), default=now)
    taken = duration(max(0.0, now - began))
    return taken if expected is None else f"{taken}, {about(expected)} by earlier runs"
