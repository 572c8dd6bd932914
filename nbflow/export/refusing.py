"""What no plain Python gives as the run gave it: rules that all exporters share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from nbflow.driver import ProblemsError
from nbflow.driver.basis import Basis
from nbflow.export.seeding import SEEDED
from nbflow.flow import Flow, FlowStep
from nbflow.records.ambient import GENERATORS
from nbflow.records.notebook import FAILING
from nbflow.records.problem import Problem
from nbflow.records.task import TaskRecord

Rule: TypeAlias = Callable[[Flow, Basis], Iterable[Problem]]


def refuse(flow: Flow, problems: Iterable[Problem]) -> None:
    """Raise if there are problems.

    Raises
    ------
    ProblemsError
        There are; all are named, in document order.
    """
    found = sorted(dict.fromkeys(problems), key=lambda each: (each.number, each.line or 0))
    if found:
        raise ProblemsError(Path(flow.path).name, found)


def problem(step: FlowStep, message: str, remedy: str, line: int | None = None) -> Problem:
    """Why a step cannot be exported."""
    cell = step.step.cell
    line = line or step.step.directive.line or None
    return Problem("not-exportable", message, remedy, cell.id, cell.number, line)


def shared(flow: Flow, basis: Basis) -> Iterator[Problem]:
    """What speaks against any export."""
    for rule in RULES:
        yield from rule(flow, basis)


def unseeded(flow: Flow, basis: Basis) -> Iterator[Problem]:
    """A step draws from a generator that only nbflow can have begin as it did in the run."""
    at_setup = {
        state
        for code in flow.cells
        if code.role == "setup"
        for state in (*code.facts.seeds, *(state for _, _, state in code.facts.ambient))
    }
    for step, record in _records(flow, basis):
        for change in record.changes:
            if change.kind != "draws" or record.index is not None:
                continue
            if change.subject in at_setup:
                yield problem(
                    step,
                    f"set-up seeds `{change.subject}`, and an exported flow runs it in each of its "
                    f"processes: the numbers of step `{step.name}` may begin anew",
                    "Seed it in a step above all that draw.",
                )
            elif change.subject in {*GENERATORS} - {*SEEDED, *record.inputs}:
                yield problem(
                    step,
                    f"step `{step.name}` draws from `{change.subject}`, and no cell seeds it: "
                    "outside of nbflow its numbers do not come out again",
                    "Seed it in a step above, or use a generator of its own.",
                )


def drawn_by_splits(
    flow: Flow, basis: Basis, brought_back: Collection[str] = (), only: str = ""
) -> Iterator[Problem]:
    """Each split has a generator of its own, which follows from its index.

    Parameters
    ----------
    brought_back
        The generators that the export seeds for each of them.
    only
        The id of the step to look at; empty for all.
    """
    for step, record in _records(flow, basis):
        if record.index is None or only not in ("", step.id):
            continue
        for change in record.changes:
            if change.kind == "draws" and change.subject not in brought_back:
                yield problem(
                    step,
                    f"the splits of `{step.name}` draw from `{change.subject}`, which nbflow "
                    "seeds for each of them",
                    "Make a generator in the body, from the item: "
                    "`random.Random(item)`, `numpy.random.default_rng([0, item])`.",
                )


def failing(flow: Flow, basis: Basis) -> Iterator[Problem]:  # noqa: ARG001 a rule
    """A step that goes on after its own exception."""
    for step in flow.steps.values():
        if step.step.cell.may_raise:
            yield problem(
                step,
                f"step `{step.name}` may end with an exception (its cell is tagged `{FAILING}`)",
                "Catch it in the cell: `try: ... except ...:`, and take the tag off.",
            )


def repeated(flow: Flow, basis: Basis) -> Iterator[Problem]:
    """Each split makes anew what cannot be carried, or changes what it was given for itself."""
    for step, record in _records(flow, basis):
        if step.step.kind != "foreach":
            continue
        if record.replayed:
            names = ", ".join(f"`{name}`" for name in record.replayed)
            yield problem(
                step,
                f"each split of `{step.name}` carries out {names} once more, for a value that "
                "no other process can have",
                "Make that value in the body of the foreach.",
            )
        for hazard in record.hazards:
            if hazard.code == "hidden-mutation":
                yield problem(
                    step,
                    f"{hazard.message}: each split has an input of its own, a loop has one",
                    "Change a copy, or bind a new name.",
                    hazard.line,
                )


def order(flow: Flow, basis: Basis) -> Iterator[Problem]:  # noqa: ARG001 a rule
    """A step that waits for one below it."""
    for step in flow.steps.values():
        for cell in step.after:
            if flow.steps[cell].index > step.index:
                yield problem(
                    step,
                    f"step `{step.name}` comes after `{flow.steps[cell].name}`, which stands "
                    "below it",
                    "Move its cell below that one: an export goes from top to bottom.",
                )


def _records(flow: Flow, basis: Basis) -> Iterator[tuple[FlowStep, TaskRecord]]:
    for cell, step in flow.steps.items():
        for record in basis.records[cell]:
            yield step, record


RULES: tuple[Rule, ...] = (unseeded, failing, repeated, order)
