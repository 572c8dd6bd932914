"""Problems and errors as people read them: what, where, and the remedy, in a few lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

from nbflow.errors import NbflowError
from nbflow.records.problem import Problem
from nbflow.records.task import ErrorText, TaskRun
from nbflow.views.text import WIDTH, Tone, paint

_MARKS: Mapping[str, tuple[str, Tone]] = {"error": ("✘", "bad"), "warning": ("!", "warn")}


def problem(subject: Problem) -> str:
    """One problem: ``✘ cell [3] line 2: message``, the remedy below."""
    glyph, tone = _MARKS[subject.severity]
    place = f"cell [{subject.number}]" if subject.number else ""
    if place and subject.line is not None:
        place += f" line {subject.line}"
    return _told(
        glyph, tone, f"{place}: {subject.message}" if place else subject.message, subject.remedy
    )


def problems(subjects: Iterable[Problem]) -> str:
    """All problems, errors first, each in document order."""
    ordered = sorted(subjects, key=lambda p: (p.severity != "error", p.number, p.line or 0))
    return "\n\n".join(problem(subject) for subject in ordered)


def error(subject: NbflowError) -> str:
    """An error that ends a command: message and remedy, never a traceback."""
    return _told("✘", "bad", subject.message, subject.remedy)


def failure(task: TaskRun, log: str, last: int = 10) -> str:
    """How a task failed: the last lines it had put out, then the user's own traceback."""
    assert task.error is not None, f"{task.task} did not fail"
    parts = [
        paint(f"── {task.task} failed ", "bad") + paint("─" * (WIDTH - 12 - len(task.task)), "bad")
    ]
    lines = log.rstrip("\n").split("\n") if log.strip() else []
    if len(lines) > last:
        parts.append(paint(f"… {len(lines) - last} lines of output before these", "quiet"))
    parts += lines[-last:]
    if lines:
        parts.append("")
    return "\n".join([*parts, traceback(task.error)])


def traceback(told: ErrorText) -> str:
    """An exception's traceback, or its name and message where it has none."""
    if told.traceback:
        return "\n".join(told.traceback)
    return paint(f"{told.name}: {told.message}".rstrip(": "), "bad")


def _told(glyph: str, tone: Tone, message: str, remedy: str) -> str:
    lines = _wrapped(message, WIDTH - 2) or [""]
    told = [f"{paint(glyph, tone)} {lines[0]}", *(f"  {line}" for line in lines[1:])]
    return "\n".join(
        [*told, *(f"  {paint(line, 'quiet')}" for line in _wrapped(remedy, WIDTH - 2))]
    )


def _wrapped(text: str, columns: int) -> list[str]:
    return [
        line
        for part in text.splitlines()
        for line in textwrap.wrap(part, columns, break_long_words=False, break_on_hyphens=False)
    ]
