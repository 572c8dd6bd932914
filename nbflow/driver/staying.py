"""Where a value is that a step could not hand on, and how somebody else gets it."""

from __future__ import annotations

from nbflow.records.task import Uncarried
from nbflow.steps import Step


def told(step: Step, one: Uncarried) -> str:
    """Where the value is, and why it is nowhere else."""
    return f"`{one.name}` stays in step `{step.name}`, cell [{step.cell.number}]: {one.told}"


def remedy(step: Step) -> str:
    """How an ordinary cell gets what stays in a step."""
    if step.kind == "foreach":
        return "Use it in that cell."
    return "Make this cell a step (`%%step`): it replays that one to have it."
