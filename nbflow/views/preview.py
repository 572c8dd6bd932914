"""What a step would run, to the letter: set-up, definitions, inputs and the body."""

from __future__ import annotations

from nbflow.fingerprint import merged
from nbflow.flow import Flow, FlowStep
from nbflow.flow.reach import Input
from nbflow.views.blocks import Code, Heading, line
from nbflow.views.page import Page, Part, page


def preview(flow: Flow, step: FlowStep) -> Page:
    """All that a task of the step executes, in order, and what it starts from."""
    parts: list[Part] = []
    for each in flow.setup_of(step):
        parts += [Heading(f"set-up, cell [{each.source.number}]", "quiet"), Code(each.source.text)]
    for placed in merged(step.clause.definitions, step.body.definitions):
        number = flow.cells[placed.position[0]].cell.number
        parts += [
            Heading(f"definition, cell [{number}]", "quiet"),
            Code(placed.definition.source),
        ]
    inputs = {**step.clause.inputs, **step.body.inputs}
    if inputs:
        told = [f"{name}: {_origin(flow, given)}" for name, given in inputs.items()]
        parts += [Heading("inputs", "quiet"), *(line(each) for each in told)]
    if step.step.clause is not None:
        directive = step.step.directive
        parts += [Heading("for each", "quiet"), Code(directive.clause or "")]
    parts += [Heading(f"step {step.name}, cell [{step.step.cell.number}]", "quiet")]
    return page(*parts, Code(step.step.code.body.strip("\n")))


def _origin(flow: Flow, given: Input) -> str:
    makers = [flow.steps[v.cell].name for v in given.versions if v.cell in flow.steps]
    if makers:
        return f"from {', or '.join(makers)}"
    return {"parameter": "a parameter", "definition": "a definition"}.get(given.base, given.base)
