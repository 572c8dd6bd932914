"""Problems and errors as people read them: what, where, and the remedy, in a few lines."""

from __future__ import annotations

from collections.abc import Iterable

from nbflow.errors import NbflowError
from nbflow.records.problem import Problem
from nbflow.records.task import ErrorText, TaskRun
from nbflow.views.blocks import Block, Code, Heading, Note, Span, line
from nbflow.views.page import Page, page


def problem(subject: Problem) -> Note:
    """One problem: ``✘ cell [3] line 2: message``, the remedy below."""
    place = _place(subject.number, subject.line)
    return Note(subject.severity, f"{place}{subject.message}", subject.remedy)


def _place(number: int, line: int | None) -> str:
    if not number:
        return ""
    return f"cell [{number}]: " if line is None else f"cell [{number}] line {line}: "


def problems(subjects: Iterable[Problem]) -> Page:
    """All problems, errors first, each in document order."""
    ordered = sorted(subjects, key=lambda p: (p.severity != "error", p.number, p.line or 0))
    notes = [block for subject in ordered for block in (line(), problem(subject))]
    return page(*notes[1:])


def error(subject: NbflowError) -> Page:
    """An error that ends a command: message and remedy, never a traceback."""
    return page(Note("error", subject.message, subject.remedy))


def failure(task: TaskRun, log: str, last: int = 10) -> Page:
    """How a task failed: the last lines it had put out, then the user's own traceback."""
    assert task.error is not None, f"{task.task} did not fail"
    parts: list[Block] = [Heading(f"{task.task} failed", "bad", wide=True)]
    lines = log.rstrip("\n").split("\n") if log.strip() else []
    if len(lines) > last:
        parts.append(line(Span(f"… {len(lines) - last} lines of output before these", "quiet")))
    if lines:
        parts += [Code("\n".join(lines[-last:])), line()]
    return page(*parts, traceback(task.error))


def traceback(told: ErrorText) -> Code | Note:
    """An exception's traceback; where it has none, what, where and the remedy, as of a problem."""
    if told.traceback:
        return Code("\n".join(told.traceback))
    message, _, remedy = told.message.partition("\n")
    place = _place(told.number, told.line or None)
    return Note("error", f"{place}{message or told.name}", remedy)
