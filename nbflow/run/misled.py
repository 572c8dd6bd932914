"""Which steps go on with what is another by now, once a step has turned out to leave something."""

from __future__ import annotations

from nbflow.flow import Flow, FlowStep
from nbflow.records.files import is_variable
from nbflow.records.lesson import Lesson


def misled(flow: Flow, step: FlowStep, new: Lesson) -> tuple[set[str], set[str]]:
    """Those that read it in the version from above, and these with all that depend on them.

    Parameters
    ----------
    new
        What the step was not known to leave.
    """
    directly = {
        each.id
        for each in flow.steps.values()
        if each.index > step.index and _reads_older(flow, each, step, new)
    }
    below = set(directly)
    for cell in flow.order:
        if not below.isdisjoint(flow.steps[cell].sources()):
            below.add(cell)
    return directly, below


def _reads_older(flow: Flow, reader: FlowStep, step: FlowStep, new: Lesson) -> bool:
    return any(
        all(flow.steps[version.cell].index <= step.index for version in given.versions)
        for needs in (reader.body, reader.clause)
        for name, given in needs.inputs.items()
        if name in new.leaves and is_variable(name)
    )
