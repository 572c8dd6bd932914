"""Problems and errors as people read them: what, where, and the remedy, in a few lines."""

from __future__ import annotations

from collections.abc import Iterable

from nbflow.errors import NbflowError
from nbflow.records.problem import Problem
from nbflow.records.task import ErrorText, TaskRun
from nbflow.views.blocks import Block, Code, Heading, Line, Note, Span, line
from nbflow.views.page import Page, page


def problem(subject: Problem) -> Note:
    """One problem: ``✘ cell [3] line 2: message``, the remedy below."""
    place = f"cell [{subject.number}]" if subject.number else ""
    if place and subject.line is not None:
        place += f" line {subject.line}"
    message = f"{place}: {subject.message}" if place else subject.message
    return Note(subject.severity, message, subject.remedy)


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


def traceback(told: ErrorText) -> Code | Line:
    """An exception's traceback, or its name and message where it has none."""
    if told.traceback:
        return Code("\n".join(told.traceback))
    return line(Span(f"{told.name}: {told.message}".rstrip(": "), "bad"))
