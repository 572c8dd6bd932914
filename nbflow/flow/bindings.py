"""Walks the cells in document order and records what each of them binds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nbflow.flow.enrolling import enrolled_in, holder, registered_with
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
    FromUnreadable,
    NoParameter,
    Placed,
    Scope,
    Version,
    Withheld,
)
from nbflow.records.ambient import DRAWN, is_ambient
from nbflow.records.facts import Definition
from nbflow.records.files import is_variable
from nbflow.records.lesson import Learnt, Lesson
from nbflow.records.state import is_state, state_of
from nbflow.steps import CodeCell, Step

_NOTHING = Lesson()


def scope_of(
    cells: Sequence[CodeCell],
    steps: Mapping[str, Step],
    star_names: Callable[[str], frozenset[str] | None],
    learnt: Learnt,
    sought: frozenset[str] = frozenset(),
) -> Scope:
    """The bindings of all names.

    Parameters
    ----------
    star_names
        Tells the public names of a module, or None when it cannot.
    sought
        Names that some step reads and that nothing seems to bind: each step that binds names in a
        way that its source does not show (``exec``) is asked for them.
    """
    scope = Scope([code.cell for code in cells])
    displays = any(map(_reads_last_display, cells))
    for index, code in enumerate(cells):
        step = steps.get(code.cell.id)
        if code.facts.syntax_error and not code.cell.may_raise:
            _add_unreadable(scope, index, code)
        _add_definitions(scope, index, code, step, star_names)
        for _, what in code.facts.dynamic[:1]:
            scope.add_hidden(index, what)
            for name in sorted(sought) if step is not None and step.kind == "step" else ():
                binding = FromStep(Version(name, code.cell.id))
                scope.add(name, (index, END), binding, sure=False)
        if code.role == "parameters":
            for name in code.facts.literals:
                scope.add(name, (index, END), FromParameter(code.cell))
            for name in code.facts.binds.keys() - code.facts.literals - code.defined():
                scope.add(name, (index, END), NoParameter(code.cell))
        else:
            lesson = learnt.get(code.cell.id, _NOTHING)
            reads = code.facts.reads
            if step is None:
                # The definitions of other cells are executed again wherever they are shared.
                reads = {n: line for n, line in reads.items() if n in code.facts.uses}
            reached = Reach(scope, code, (index, 0)).of(reads, code.facts.late_reads)
            _add_data(scope, index, code, step, lesson, reached)
            if step is not None and step.kind == "step":
                for state in sorted(_states_left(scope, index, code, lesson, reached)):
                    # Whether it does is seen when it runs: otherwise the older one shows through.
                    binding = FromStep(Version(state, code.cell.id))
                    scope.add(state, (index, END), binding, sure=False)
        if displays and code.role != "parameters":
            displays = _add_last_display(scope, index, code, step)
    return scope


def generators_drawn(code: CodeCell, lesson: Lesson, reached: Needs) -> frozenset[str]:
    """The global generators that a cell seems, or is known, to draw from as it finds them."""
    calls = (placed.definition.draws for placed in reached.definitions)
    seen = code.facts.draws.union(*calls) - code.facts.seeds
    return seen | lesson.reads & DRAWN


def _reads_last_display(code: CodeCell) -> bool:
    facts = code.facts
    calls = (definition.calls | definition.needs for definition in facts.definitions)
    return "_" in facts.reads or "_" in facts.late_reads or any("_" in names for names in calls)


def _add_last_display(scope: Scope, index: int, code: CodeCell, step: Step | None) -> bool:
    """What the cell leaves as ``_``; gives whether IPython will set it for the cells below.

    It does so no more once a cell has bound the name itself.
    """
    facts = code.facts
    if "_" in code.defined():
        return False
    bound = "_" in facts.binds or "_" in facts.may_bind
    if bound or facts.displays:
        left: Binding = FromOrdinary(code.cell)
        if step is not None:
            is_one = step.kind == "step"
            left = FromStep(Version("_", code.cell.id)) if is_one else Withheld(step)
        scope.add("_", (index, END), left, sure=bound)
    return not bound


def _states_left(
    scope: Scope, index: int, code: CodeCell, lesson: Lesson, reached: Needs
) -> set[str]:
    """Ambient states, and states of definitions, that a cell may leave changed."""
    states = {state for _, _, state in code.facts.ambient}
    states |= {state for state in lesson.leaves if is_ambient(state) or is_state(state)}
    changes = (placed.definition.changes for placed in reached.definitions)
    changed = {*code.facts.mutates, *code.facts.enrols}.union(*changes)
    states |= {state_of(name) for name in changed if _keeps_state(scope, index, name)}
    states = states.union(*(placed.definition.sets for placed in reached.definitions))
    drawn = generators_drawn(code, lesson, reached)
    # Of a generator that nobody has seeded each task has its own.
    return states | {state for state in drawn if scope.above(state, (index, 0))}


def _add_unreadable(scope: Scope, index: int, code: CodeCell) -> None:
    """What a cell would give if it were valid Python: nobody below is given an older one."""
    names = set(code.facts.would_bind)
    for name in code.facts.would_change:
        match scope.above(name, (index, 0))[:1]:
            case (FromStep() | FromParameter(),):
                names.add(name)
    for name in sorted(names):
        scope.add(name, (index, END), FromUnreadable(code.cell))


def _add_definitions(
    scope: Scope,
    index: int,
    code: CodeCell,
    step: Step | None,
    star_names: Callable[[str], frozenset[str] | None],
) -> None:
    defined = code.defined()
    named = step.name if step else ""
    for definition in code.facts.definitions:
        if code.role == "parameters" and definition.kind == "constant":
            continue
        position = (index, definition.line)
        own = _own_data(code, definition)
        placed = Placed(definition, position, code.cell, named, own)
        binding: Binding = FromDefinition(placed)
        if code.role == "setup":
            binding = FromSetup(code.cell, definition.kind == "import")
        names = [name for name in definition.names if name in defined]
        for module in () if definition.names else definition.modules:
            public = star_names(module)
            if public is None:
                scope.add_star(placed)
            names += sorted(public or ())
        for name in names:
            scope.add(name, position, binding)
        if code.role != "setup":
            for name in enrolled_in(scope, code, placed):
                scope.touch(name, placed)
    if code.role in ("step", "ordinary"):
        for definition in code.facts.registrations:
            own = _own_data(code, definition)
            placed = Placed(definition, (index, definition.line), code.cell, named, own)
            for name in registered_with(scope, placed):
                scope.touch(name, placed)


def _own_data(code: CodeCell, definition: Definition) -> frozenset[str]:
    """Names that a definition needs, as data that its own cell has bound by then."""
    return frozenset(
        name
        for name in definition.needs - code.defined()
        if code.facts.binds.get(name, END) < definition.line
    )


def _add_data(
    scope: Scope, index: int, code: CodeCell, step: Step | None, lesson: Lesson, reached: Needs
) -> None:
    facts = code.facts
    targets = step.clause.names if step and step.clause else ()
    learnt = sorted(filter(is_variable, lesson.leaves))
    names = {**_data(scope, index, code, reached), **dict.fromkeys(learnt, True)}
    bound = {*facts.binds, *facts.may_bind}
    bound = bound.union(*(placed.definition.writes for placed in reached.definitions))
    for name, sure in names.items():
        if name not in targets:
            if name not in bound:
                scope.change(name, index)
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
    sure = {*facts.binds, *facts.mutates, *facts.enrols}
    names = {name: name in sure for name in code.bound()}
    for placed in reached.definitions:
        # What a function of another cell does to a global, this cell does by calling it.
        for name in sorted(placed.definition.writes):
            names.setdefault(name, False)
        # What a split changes in place no other one sees: it is named when it is seen to happen.
        for name in sorted(placed.definition.changes) if code.role != "foreach" else ():
            names.setdefault(name, name in reached.inputs)
    bound = {*facts.binds, *facts.may_bind}
    return {
        name: sure
        for name, sure in names.items()
        if name in bound or not _is_state_of_definition(scope, index, name)
    }


def _keeps_state(scope: Scope, index: int, name: str) -> bool:
    held = holder(scope, name, (index, 0))
    return held is not None and held.definition.kind in ("function", "class")


def _is_state_of_definition(scope: Scope, index: int, name: str) -> bool:
    """Whether a change in place concerns an import, function or class, not data of that name.

    ``os.environ["K"] = "v"`` changes the process, not a variable called ``os``.
    """
    match scope.above(name, (index, 0))[:1]:
        case (FromSetup(is_import=True),):
            return True
    held = holder(scope, name, (index, 0))
    return held is not None and held.definition.kind != "constant"


def _data_binding(name: str, code: CodeCell, step: Step | None) -> Binding:
    if code.role == "setup":
        return FromSetup(code.cell)
    if step is None:
        return FromOrdinary(code.cell)
    only = step.directive.options.outputs
    if only is None or name in only:
        return FromStep(Version(name, code.cell.id))
    return Withheld(step)
