"""What tells the steps of a notebook from what they were before it was edited: a pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from nbflow.fingerprint import recipe_of
from nbflow.flow import Flow, FlowStep
from nbflow.plan.decide import recipe_differences
from nbflow.records.parameter import Parameter
from nbflow.records.reason import Reason


class Edit(msgspec.Struct, frozen=True):
    """Why a step would not do now what it would have done before."""

    #: What tells its own code, options and parameters from those before.
    reasons: tuple[Reason, ...]
    #: Names of the steps above it that were edited, added or taken away.
    above: tuple[str, ...]


def edits(before: Flow, now: Flow) -> dict[str, Edit]:
    """By cell id, the steps of both that were edited, or stand below one that was."""
    found: dict[str, Edit] = {}
    if before is now:
        return found
    defaults = [{one.name: one for one in flow.parameters} for flow in (before, now)]
    for cell in now.order:
        if (old := before.steps.get(cell)) is not None:
            step = now.steps[cell]
            reasons = (*_own(before, old, now, step), *_parameters(step, *defaults))
            above = tuple(dict.fromkeys(_above(before, old, now, step, found)))
            if reasons or above:
                found[cell] = Edit(reasons, above)
    return found


def _own(before: Flow, old: FlowStep, now: Flow, step: FlowStep) -> Iterator[Reason]:
    if old.step.clause and step.step.clause:
        recipes = recipe_of(before, old, "clause"), recipe_of(now, step, "clause")
        yield from recipe_differences(*recipes, step.name)
    recipes = recipe_of(before, old, "body"), recipe_of(now, step, "body")
    yield from recipe_differences(*recipes, step.name)


def _parameters(
    step: FlowStep, before: Mapping[str, Parameter], now: Mapping[str, Parameter]
) -> Iterator[Reason]:
    inputs = {**step.clause.inputs, **step.body.inputs}
    for name in inputs.keys() & before.keys() & now.keys():
        old, new = repr(before[name].default), repr(now[name].default)
        if inputs[name].base == "parameter" and not inputs[name].versions and old != new:
            yield Reason("parameter", name, old, new)


def _above(
    before: Flow, old: FlowStep, now: Flow, step: FlowStep, found: Mapping[str, Edit]
) -> Iterator[str]:
    sources, former = step.sources(), old.sources()
    known = {cell: now.steps.get(cell) or before.steps[cell] for cell in sources | former}
    others = sources ^ former
    # What has come between two steps, or gone from there, says more than who stands behind it.
    others = others - (before.steps.keys() & now.steps.keys()) or others
    for cell, source in sorted(known.items(), key=lambda each: each[1].index):
        if cell in others:
            yield source.name
        elif (edit := found.get(cell)) is not None:
            yield from (source.name,) if edit.reasons else edit.above
