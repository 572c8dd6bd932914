"""What a store holds, what was freed of it, and what is damaged there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from nbflow.store.collecting import Collected
from nbflow.store.damage import Checked
from nbflow.store.holdings import Holdings, Result
from nbflow.views.blocks import Badge, Block, Row, Table, line
from nbflow.views.durations import moment, plural, size
from nbflow.views.page import Page, page

#: So many of the results that need an artifact are named.
_NAMED = 3


class StepUsage(msgspec.Struct, frozen=True):
    """What is kept of one step."""

    flow: str
    cell: str
    #: What it was last called.
    step: str
    results: int
    #: Of all that its results name; what several steps name counts for each of them.
    bytes: int
    #: When one of them was last used, seconds since the epoch.
    used: float


class Usage(msgspec.Struct, frozen=True):
    """What is kept, by step."""

    steps: tuple[StepUsage, ...]
    #: Of each flow, what its steps share counted once.
    flows: Mapping[str, int]
    #: Of the whole store, and of that what no result names.
    bytes: int
    unneeded: int
    aside: int


def usage(held: Holdings, flow: str | None = None) -> Usage:
    """What a store holds by flow and step, of one flow or of all."""
    by_step: dict[tuple[str, str], list[Result]] = {}
    by_flow: dict[str, list[Result]] = {}
    for result in held.results:
        if flow is None or result.flow == flow:
            by_step.setdefault((result.flow, result.cell), []).append(result)
            by_flow.setdefault(result.flow, []).append(result)
    steps = [
        StepUsage(
            name,
            cell,
            results[-1].step,
            len(results),
            _bytes(held, results),
            max(result.used for result in results),
        )
        for (name, cell), results in by_step.items()
    ]
    named = {digest for result in held.results for digest in result.names} | held.others
    unneeded = sum(held.bytes(d) for d in (held.files.keys() | held.rows.keys()) - named)
    return Usage(
        tuple(sorted(steps, key=lambda step: (step.flow, -step.bytes, step.step))),
        {name: _bytes(held, results) for name, results in sorted(by_flow.items())},
        held.total,
        unneeded,
        held.aside,
    )


def store(root: str, subject: Usage) -> Page:
    """The steps of each flow, the largest first, and the sums."""
    rows = tuple(
        Row(
            (
                f"{step.flow} / {step.step}",
                size(step.bytes),
                plural(step.results, "result"),
                moment(step.used),
            )
        )
        for step in subject.steps
    )
    results = sum(step.results for step in subject.steps)
    flows = plural(len(subject.flows), "flow")
    sums = f"{plural(results, 'result')} of {flows}; the store holds {size(subject.bytes)}"
    told: list[Block] = [line(sums)]
    if spare := subject.unneeded + subject.aside:
        told.append(line(f"{size(spare)} of it nobody needs: `nbflow gc` frees it"))
    told.append(line(root))
    if not rows:
        return page(*told)
    heads = ("step", "size", "results", "last used")
    return page(Table(rows, heads, limits=(36, 9, 13), right=1), line(), *told)


def collected(subject: Collected, dry_run: bool) -> Page:
    """What was freed, in a line or two."""
    would, are = ("would be ", "would be") if dry_run else ("", "is")
    told = (
        f"{plural(subject.results, 'result')} {would}dropped, {size(subject.freed)} {would}freed; "
        f"{size(subject.left)} {are} left"
    )
    if not subject.live:
        return page(told)
    names = ", ".join(f"`{flow}`" for flow in subject.live)
    return page(told, f"What the run of {names} may need stays until it has ended.")


def checked(subject: Checked) -> Page:
    """What is damaged or missing, and what becomes of it."""
    sound = f"{plural(subject.artifacts, 'artifact')} checked, {size(subject.bytes)}"
    if not subject.damages:
        return page(f"{sound}: all are sound.")
    rows = tuple(
        Row(
            (damage.digest[:12], Badge("failed", damage.kind), _needed_by(damage.needed_by)),
            "failed",
        )
        for damage in subject.damages
    )
    table = Table(rows, ("artifact", "what", "needed by"), limits=(12, 9))
    count = len(subject.damages)
    damaged = sum(damage.kind == "damaged" for damage in subject.damages)
    parts = [f"{damaged} damaged"] if damaged else []
    parts += [f"{count - damaged} missing"] if count > damaged else []
    if subject.repaired and damaged:
        remedy = "What is damaged was put aside; the next run makes again what it needs of it."
    elif not damaged:
        remedy = "The next run makes again what it needs of them."
    else:
        remedy = "`nbflow store verify --repair` puts it aside; the next run makes it again."
    return page(table, line(), f"{sound}: {', '.join(parts)}.", remedy)


def forgotten(count: int) -> Page:
    """How many results were forgotten."""
    return page(f"{plural(count, 'result')} forgotten.")


def _needed_by(names: tuple[str, ...]) -> str:
    if not names:
        return "nothing"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _bytes(held: Holdings, results: Iterable[Result]) -> int:
    return sum(map(held.bytes, {digest for result in results for digest in result.names}))
