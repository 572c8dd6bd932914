"""What came of doing steps once more, and which results were accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from nbflow.records.verification import Outcome, StepVerification, Verification
from nbflow.views.blocks import Badge, Block, Row, Table, line
from nbflow.views.durations import duration, plural
from nbflow.views.page import Page, page
from nbflow.views.reasons import values

#: What each outcome looks like, in which word, and how the sum counts it.
_OUTCOMES: Mapping[Outcome, tuple[str, str, str]] = {
    "same": ("completed", "same", "gave the same"),
    "different": ("not-reproducible", "not reproducible", "did not"),
    "failed": ("failed", "failed", "failed"),
    "skipped": ("skipped", "skipped", "skipped"),
}
#: So many differences of one step are shown.
_SHOWN = 5


def verification(subject: Verification) -> Page:
    """Each step with how it came out, and below it where it differs."""
    parts: list[Block] = []
    rows = tuple(Row(_cells(step), _OUTCOMES[step.outcome][0]) for step in subject.steps)
    parts.append(Table(rows, ("step", "outcome", "time", "why"), limits=(24, 16, 9), right=2))
    for step in subject.steps:
        if step.differences:
            parts += [line(), line(f"{step.step}:")]
            for difference in step.differences[:_SHOWN]:
                parts += [line(difference.subject, indent=2), *values(difference, indent=4)]
            if more := len(step.differences) - _SHOWN:
                parts += [line(f"and {more} more", indent=2)] if more > 0 else []
    counts = Counter(step.outcome for step in subject.steps)
    told = [f"{counts[each]} {words[2]}" for each, words in _OUTCOMES.items() if counts[each]]
    first, *others = told or ["0 gave the same"]
    number, _, rest = first.partition(" ")
    return page(*parts, line(), ", ".join([f"{plural(int(number), 'step')} {rest}", *others]))


def accepted(step: str, reason: str, count: int) -> Page:
    """What was accepted, in a line."""
    return page(f"{plural(count, 'result')} of {step} accepted: {reason}")


def _cells(step: StepVerification) -> tuple[str | Badge, ...]:
    name = f"{step.step} ×{step.tasks}" if step.tasks > 1 else step.step
    like, word, _ = _OUTCOMES[step.outcome]
    taken = duration(step.seconds) if step.tasks else ""
    return name, Badge(like, word), taken, step.why or _uncompared(step)


def _uncompared(step: StepVerification) -> str:
    names = ", ".join(f"`{name}`" for name in step.uncompared)
    return f"without {names}, which cannot be carried" if names else ""
