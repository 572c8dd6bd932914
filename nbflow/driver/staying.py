"""Where a value is that a step could not hand on, and how somebody else gets it."""

from __future__ import annotations

from nbflow.records.notebook import Cell
from nbflow.records.task import Uncarried
from nbflow.steps import Role


def told(step: str, cell: Cell, one: Uncarried) -> str:
    """Where the value is, and why it is nowhere else."""
    return f"`{one.name}` stays in step `{step}`, cell [{cell.number}]: {one.told}"


def remedy(role: Role) -> str:
    """How an ordinary cell gets what stays in a step."""
    if role == "foreach":
        return "Use it in that cell."
    return "Make this cell a step (`%%step`): it replays that one to have it."
