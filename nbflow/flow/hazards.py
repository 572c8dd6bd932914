"""What in a step's source gives something else each time: clocks, and chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbflow.flow.graph import Flow, FlowStep, Part
from nbflow.records.hazard import Policy
from nbflow.records.task import Fact
from nbflow.steps import CodeCell


def policy_of(code: CodeCell, setup_cells: Sequence[CodeCell]) -> Policy:
    """What ``--hazards`` says of a step: its own, else that of the last set-up cell with one."""
    said = (
        each.directive.options.hazards
        for each in (code, *reversed(setup_cells))
        if each.directive is not None
    )
    return next((policy for policy in said if policy is not None), "cache")


def hazards_of(flow: Flow, step: FlowStep, part: Part) -> Iterator[Fact]:
    """The hazards that can be seen in what a body or clause is, and in what it reaches."""
    clause = step.step.clause
    own = step.step.code.facts if part == "body" or clause is None else clause.facts
    for facts in (*(code.facts for code in flow.setup_cells), own):
        for hazard in facts.hazards:
            yield Fact("hazard", hazard.kind, f"`{hazard.text}`")
    for placed in step.needs(part).definitions:
        for hazard in placed.definition.hazards:
            yield Fact("hazard", hazard.kind, f"`{hazard.text}` in `{placed.label}`")
