"""Problems of steps, at their places."""

from __future__ import annotations

from msgspec.structs import replace

from nbflow.flow import FlowStep
from nbflow.records.problem import Problem


def at(step: FlowStep, code: str, message: str, remedy: str, line: int | None = None) -> Problem:
    """An error of a step, at one of its lines."""
    cell, line = step.step.cell, line or step.step.directive.line or None
    return Problem(code, message, remedy, cell.id, cell.number, line)


def warned(step: FlowStep, code: str, message: str, remedy: str, line: int | None) -> Problem:
    """The same of what may run, and give something else than one kernel would."""
    return replace(at(step, code, message, remedy, line), severity="warning")
