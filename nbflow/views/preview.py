"""What a step would run, to the letter: set-up, definitions, inputs and the body."""

from __future__ import annotations

from nbflow.fingerprint import merged
from nbflow.flow import Flow, FlowStep
from nbflow.flow.reach import Input
from nbflow.views.blocks import Code, Heading, line
from nbflow.views.page import Page, Part, page
from nbflow.views.wording import Worded

_BASES = {"parameter": "a parameter", "definition": "a definition"}


def preview(flow: Flow, step: FlowStep) -> Page:
    """All that a task of the step executes, in order, and what it starts from."""
    parts: list[Part] = []
    for each in flow.setup_of(step):
        parts += [
            Heading(Worded("set-up, cell [%1]", each.source.number), "quiet"),
            Code(each.source.text),
        ]
    for placed in merged(step.clause.definitions, step.body.definitions):
        number = flow.cells[placed.position[0]].cell.number
        parts += [
            Heading(Worded("definition, cell [%1]", number), "quiet"),
            Code(placed.definition.source),
        ]
    inputs = {**step.clause.inputs, **step.body.inputs}
    if inputs:
        told = [Worded("%1: %2", name, _origin(flow, given)) for name, given in inputs.items()]
        parts += [Heading(Worded("inputs"), "quiet"), *(line(each) for each in told)]
    if step.step.clause is not None:
        directive = step.step.directive
        parts += [Heading(Worded("for each"), "quiet"), Code(directive.clause or "")]
    head = Worded("step %1, cell [%2]", step.name, step.step.cell.number)
    return page(*parts, Heading(head, "quiet"), Code(step.step.code.body.strip("\n")))


def _origin(flow: Flow, given: Input) -> str:
    makers = [flow.steps[v.cell].name for v in given.versions if v.cell in flow.steps]
    if makers:
        return Worded("from %1", ", or ".join(makers))
    return Worded(_BASES.get(given.base, given.base))
