"""Which cells show something else at each run: no two runs of them can be compared."""

from __future__ import annotations

from collections.abc import Collection

from nbflow.flow import Flow
from nbflow.flow.reach import Reach
from nbflow.records.ambient import GENERATORS


def unsteady(flow: Flow, varying: Collection[str]) -> set[str]:
    """Ids of the cells that draw random numbers which nobody has seeded, or read what such give.

    Parameters
    ----------
    varying
        Ids of the cells that were seen to vary.
    """
    found = set(varying)
    for cell in flow.order:
        step = flow.steps[cell]
        needs = (step.clause, step.body)
        inputs = {**step.clause.inputs, **step.body.inputs}
        draws = {*step.draws, *step.step.code.facts.draws}.intersection(GENERATORS)
        makers = (p.definition.draws for each in needs for p in each.definitions)
        if draws.union(*makers) - inputs.keys() or not found.isdisjoint(step.sources()):
            found.add(cell)
    for index, code in enumerate(flow.cells):
        if code.cell.id not in flow.steps:
            needs_of = Reach(flow.scope, code, (index, 0)).of
            read = needs_of(code.facts.reads, code.facts.late_reads).inputs.values()
            sources = {version.cell for given in read for version in given.versions}
            if not found.isdisjoint(sources):
                found.add(code.cell.id)
    return found
