"""What has changed since a run that is run again, and whether the same came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbflow.errors import command
from nbflow.records.reason import Reason
from nbflow.records.task import RunRecord
from nbflow.views.blocks import REST, Note, Span, line
from nbflow.views.page import Page, page
from nbflow.views.reasons import phrase

#: So many changes are told one by one.
_TOLD = 8


def since(run: RunRecord, reasons: Sequence[Reason], other_code: Sequence[str]) -> Page:
    """What is no longer as it was; an empty page where all is."""
    notes = []
    name = Path(run.notebook).name
    if reasons:
        told = ", ".join(phrase(reason) for reason in reasons[:_TOLD])
        more = f", and {len(reasons) - _TOLD} more" if reasons[_TOLD:] else ""
        notes.append(
            Note(
                "warning",
                f"Since run {run.id}: {told}{more}.",
                "What depends on it runs again, and sees it as it is now.",
            )
        )
    if other_code:
        notes.append(
            Note(
                "warning",
                f"{name} has other code today: {', '.join(other_code)}.",
                f"This runs the code of then; `{command('run', Path(run.notebook))}` runs today's.",
            )
        )
    return page(*notes)


def outcome(run: RunRecord, again: RunRecord, others: Sequence[str]) -> Page:
    """Whether the outputs are those of the earlier run."""
    if not others:
        return page(line(Span(f"its outputs are those of run {run.id}", "quiet")))
    names = ", ".join(f"`{name}`" for name in others)
    return page(
        f"other outputs than in run {run.id}:",
        line(Span(names, limit=REST), indent=2),
        line(Span(f"`{command('compare', run.id, again.id)}` shows them", "quiet"), indent=2),
    )
