"""Walks the cells in document order and records what each of them binds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nbflow.flow.reach import Needs, Reach
from nbflow.flow.scope import (
    END,
    Binding,
    Deleted,
    FromDefinition,
    FromOrdinary,
    FromParameter,
    FromSetup,
    FromStep,
    Placed,
    Scope,
    Version,
    Withheld,
)
from nbflow.records.ambient import GENERATORS, is_ambient
from nbflow.records.files import is_variable
from nbflow.records.lesson import Learnt, Lesson
from nbflow.steps import CodeCell, Step

_NOTHING = Lesson()


def scope_of(
    cells: Sequence[CodeCell],
    steps: Mapping[str, Step],
    star_names: Callable[[str], frozenset[str] | None],
    learnt: Learnt,
) -> Scope:
    """The bindings of all names.

    ``star_names`` tells the public names of a module, or None when it cannot.
    """
    scope = Scope([code.cell for code in cells])
    for index, code in enumerate(cells):
        step = steps.get(code.cell.id)
        _add_definitions(scope, index, code, step, star_names)
        for _, what in code.facts.dynamic[:1]:
            scope.add_hidden(index, what)
        if code.role == "parameters":
            for name in code.facts.literals:
                scope.add(name, (index, END), FromParameter(code.cell))
        else:
            lesson = learnt.get(code.cell.id, _NOTHING)
            reached = Reach(scope, code, (index, 0)).of(code.facts.reads, code.facts.late_reads)
            _add_data(scope, index, code, step, lesson, reached)
            if step is not None and step.kind == "step":
                for state in sorted(_states_left(scope, index, code, lesson, reached)):
                    # Whether it does is seen when it runs: otherwise the older one shows through.
                    binding = FromStep(Version(state, code.cell.id))
                    scope.add(state, (index, END), binding, sure=False)
    return scope


def generators_drawn(code: CodeCell, lesson: Lesson, reached: Needs) -> frozenset[str]:
    """The global generators that a cell seems, or is known, to draw from as it finds them."""
    calls = (placed.definition.draws for placed in reached.definitions)
    seen = code.facts.draws.union(*calls) - code.facts.seeds
    return seen | lesson.reads.intersection(GENERATORS)


def _states_left(
    scope: Scope, index: int, code: CodeCell, lesson: Lesson, reached: Needs
) -> set[str]:
    """Ambient states that a cell may leave changed."""
    states = {state for _, _, state in code.facts.ambient if state}
    states |= {state for state in lesson.leaves if is_ambient(state)}
    states = states.union(*(placed.definition.sets for placed in reached.definitions))
    drawn = generators_drawn(code, lesson, reached)
    # Of a generator that nobody has seeded each task has its own.
    return states | {state for state in drawn if scope.above(state, (index, 0))}


def _add_definitions(
    scope: Scope,
    index: int,
    code: CodeCell,
    step: Step | None,
    star_names: Callable[[str], frozenset[str] | None],
) -> None:
    defined = code.defined()
    for definition in code.facts.definitions:
        if code.role == "parameters" and definition.kind == "constant":
            continue
        position = (index, definition.line)
        own = frozenset(
            name
            for name in definition.needs - defined
            if code.facts.binds.get(name, END) < definition.line
        )
        placed = Placed(definition, position, code.cell, step.name if step else "", own)
        binding = FromSetup(code.cell) if code.role == "setup" else FromDefinition(placed)
        names = [name for name in definition.names if name in defined]
        for module in () if definition.names else definition.modules:
            public = star_names(module)
            if public is None:
                scope.add_star(placed)
            names += sorted(public or ())
        for name in names:
            scope.add(name, position, binding)


def _add_data(
    scope: Scope, index: int, code: CodeCell, step: Step | None, lesson: Lesson, reached: Needs
) -> None:
    facts = code.facts
    targets = step.clause.names if step and step.clause else ()
    learnt = sorted(filter(is_variable, lesson.leaves))
    names = {**_data(scope, index, code, reached), **dict.fromkeys(learnt, True)}
    for name, sure in names.items():
        if name not in targets:
            scope.add(name, (index, END), _data_binding(name, code, step), sure)
    if step is None:
        return
    for name in facts.deletes:
        if name not in facts.binds:
            scope.add(name, (index, END), Deleted(step))
    for name in step.directive.options.outputs or ():
        if name not in scope.left_by(index):
            scope.add(name, (index, END), FromStep(Version(name, code.cell.id)))


def _data(scope: Scope, index: int, code: CodeCell, reached: Needs) -> dict[str, bool]:
    """Names of data that the cell leaves, and whether it certainly does."""
    facts = code.facts
    names = {name: name in facts.binds or name in facts.mutates for name in code.bound()}
    for placed in reached.definitions:
        # What a function of another cell does to a global, this cell does by calling it.
        for name in sorted(placed.definition.writes):
            names.setdefault(name, False)
        for name in sorted(placed.definition.changes):
            names.setdefault(name, name in reached.inputs)
    bound = {*facts.binds, *facts.may_bind}
    return {
        name: sure
        for name, sure in names.items()
        if name in bound or not _is_state_of_definition(scope, index, name)
    }


def _is_state_of_definition(scope: Scope, index: int, name: str) -> bool:
    """Whether a change in place concerns an import, function or class, not data of that name.

    ``os.environ["K"] = "v"`` changes the process, not a variable called ``os``.
    """
    match scope.above(name, (index, 0))[:1]:
        case (FromDefinition(placed),):
            return placed.definition.kind != "constant"
        case _:
            return False


def _data_binding(name: str, code: CodeCell, step: Step | None) -> Binding:
    if code.role == "setup":
        return FromSetup(code.cell)
    if step is None:
        return FromOrdinary(code.cell)
    only = step.directive.options.outputs
    if only is None or name in only:
        return FromStep(Version(name, code.cell.id))
    return Withheld(step)
