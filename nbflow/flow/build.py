"""Builds the flow from a notebook's cells."""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from nbflow.flow.bindings import generators_drawn, scope_of
from nbflow.flow.files import FlowFiles
from nbflow.flow.graph import Flow, FlowStep
from nbflow.flow.hazards import policy_of
from nbflow.flow.reach import Input, Needs, Reach
from nbflow.flow.scope import FromStep, Scope, Version
from nbflow.flow.setup import Setup
from nbflow.flow.unnamed import imports_above, tests_above
from nbflow.parameters import declare
from nbflow.records.ambient import SETTINGS
from nbflow.records.files import is_variable
from nbflow.records.lesson import Learnt, Lesson
from nbflow.records.notebook import Notebook
from nbflow.records.parameter import Parameter
from nbflow.records.problem import Problem
from nbflow.records.state import owner_of
from nbflow.steps import CodeCell, Step, code_cells, steps_of


def build(
    notebook: Notebook,
    star_names: Callable[[str], frozenset[str] | None],
    name: str,
    learnt: Learnt | None = None,
) -> Flow:
    """Wire a notebook's steps by document order; problems are data, and never hide the rest.

    Parameters
    ----------
    star_names
        Tells the public names of a module (for ``from m import *``), or None when it cannot.
    learnt
        What steps were seen to read and to leave though their source does not show it.
    """
    cells, marks = code_cells(notebook)
    steps, naming = steps_of(cells)
    learnt = learnt or {}
    scope = scope_of(cells, steps, star_names, learnt)
    setup_cells = tuple(code for code in cells if code.role == "setup")
    wired = _wired(steps, cells, setup_cells, scope, learnt)
    sought = frozenset(name for step in wired.values() for name in step.body.sought)
    if sought:
        scope = scope_of(cells, steps, star_names, learnt, sought)
        wired = _wired(steps, cells, setup_cells, scope, learnt)
    files = FlowFiles(posixpath.dirname(notebook.path))
    for cell, step in wired.items():
        files.add(step.step, step.index, scope, step.body, learnt.get(cell, Lesson()))
    uses = files.wire()
    wired |= {cell: replace(wired[cell], files=use) for cell, use in uses.items()}
    parameters, literals = _parameters(cells)
    order = _order(wired)
    setup = Setup(cells, scope, wired, order)
    sources = setup.sources()
    # Of a cell with two marks nobody knows which names the other one would have bound.
    unclear = {problem.cell for problem in marks if problem.code == "marked-twice"}
    own = (
        problem
        for cell, step in wired.items()
        if cell not in unclear
        for needs in (step.clause, step.body)
        for problem in needs.problems
    )
    return Flow(
        name=name,
        path=notebook.path,
        steps=wired,
        parameters=parameters,
        setup=sources,
        found=(*marks, *naming, *literals, *setup.problems, *own),
        order=order,
        cells=cells,
        setup_cells=setup_cells,
        first_imports=_first_imports(cells),
        scope=scope,
        learnt=learnt,
        files=files,
    )


def _first_imports(cells: Sequence[CodeCell]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, code in enumerate(cells):
        for definition in code.facts.definitions:
            for module in definition.modules:
                found.setdefault(module, index)
    return found


def _wired(
    steps: Mapping[str, Step],
    cells: Sequence[CodeCell],
    setup_cells: Sequence[CodeCell],
    scope: Scope,
    learnt: Learnt,
) -> dict[str, FlowStep]:
    return {
        code.cell.id: _wire(
            steps, code, setup_cells, index, scope, learnt.get(code.cell.id, Lesson())
        )
        for index, code in enumerate(cells)
        if code.cell.id in steps
    }


def _wire(
    steps: Mapping[str, Step],
    code: CodeCell,
    setup_cells: Sequence[CodeCell],
    index: int,
    scope: Scope,
    lesson: Lesson,
) -> FlowStep:
    step = steps[code.cell.id]
    options = step.directive.options
    line = step.directive.line or 1
    reach = Reach(scope, code, (index, 0), options.inputs)
    targets = step.clause.names if step.clause else ()
    reads = {**dict.fromkeys(options.inputs or (), line), **code.facts.reads}
    late = dict(code.facts.late_reads)
    # With the state of a definition goes the definition.
    learnt = {owner_of(name) or name for name in lesson.reads}
    late |= {name: 0 for name in sorted(learnt) if is_variable(name)}
    if code.facts.runs_tests:
        late |= dict.fromkeys(tests_above(scope, (index, 0)), 0)
    if code.facts.tells_imports:
        late |= dict.fromkeys(imports_above(scope, (index, 0)), 0)
    body = reach.of(_without(reads, targets), _without(late, targets))
    draws = generators_drawn(code, lesson, body)
    body = replace(body, inputs={**body.inputs, **_states(scope, index, sorted(draws))})
    clause = Needs()
    if step.clause:
        read = step.clause.facts
        # What only the body reaches is nothing to the items.
        reach = Reach(scope, code, (index, 0), options.inputs)
        clause = reach.of(dict.fromkeys(read.reads, line), dict.fromkeys(read.late_reads, line))
        drawn = sorted(read.draws)
        clause = replace(clause, inputs={**clause.inputs, **_states(scope, index, drawn)})
    return FlowStep(
        step=step,
        index=index,
        body=body,
        clause=clause,
        outputs=scope.left_by(index),
        settings=_states(scope, index, SETTINGS),
        draws=draws,
        together=lesson.together,
        after=_after(options.after, steps),
        elementwise=_elementwise(step, clause, steps),
        hazards=policy_of(code, setup_cells),
    )


def _states(scope: Scope, index: int, names: Iterable[str]) -> dict[str, Input]:
    """Those of these ambient states that steps above may have changed."""
    found: dict[str, Input] = {}
    for name in names:
        bindings = scope.above(name, (index, 0))
        versions = tuple(each.version for each in bindings if isinstance(each, FromStep))
        if versions:
            found[name] = Input(name, versions)
    return found


def _after(names: Sequence[str], steps: Mapping[str, Step]) -> tuple[str, ...]:
    if not names:
        return ()
    ids = {step.name: cell for cell, step in steps.items()}
    return tuple(ids[name] for name in names if name in ids)


def _without(reads: Mapping[str, int], names: Sequence[str]) -> dict[str, int]:
    return {name: line for name, line in reads.items() if name not in names}


def _elementwise(step: Step, clause: Needs, steps: Mapping[str, Step]) -> Version | None:
    if step.clause is None or step.clause.source is None:
        return None
    given = clause.inputs.get(step.clause.source)
    if given is None or len(given.versions) != 1 or given.base != "nothing":
        return None
    version = given.versions[0]
    return version if steps[version.cell].kind == "foreach" else None


def _parameters(cells: Sequence[CodeCell]) -> tuple[tuple[Parameter, ...], list[Problem]]:
    """All parameters; what papermill injected replaces the defaults, wherever it stands."""
    parameters: dict[str, Parameter] = {}
    injected: dict[str, Parameter] = {}
    problems: list[Problem] = []
    for code in cells:
        if code.role != "parameters":
            continue
        stray = _stray(code)
        literals = {n: told for n, told in code.facts.literals.items() if n not in stray}
        declared, wrong = declare(literals)
        own = injected if "injected-parameters" in code.cell.tags else parameters
        own.update({parameter.name: parameter for parameter in declared})
        wrong += [(name, f"parameter `{name}` is not simply set to a literal") for name in stray]
        for name, why in wrong:
            problems.append(
                Problem(
                    "parameter-not-literal",
                    why,
                    "Give it one literal of its type (a number, text, True, None, a list of "
                    "these), or bind it in a step.",
                    code.cell.id,
                    code.cell.number,
                    code.facts.binds.get(name) or stray.get(name),
                )
            )
        if not (wrong or code.facts.syntax_error or code.facts.only_definitions):
            problems.append(_acting(code))
    for name, parameter in injected.items():
        declared_one = parameters.get(name)
        parameters[name] = (
            replace(declared_one, default=parameter.default) if declared_one else parameter
        )
    return tuple(parameters.values()), problems


def _stray(code: CodeCell) -> dict[str, int]:
    """Names that a parameters cell binds otherwise than to one literal or by a definition."""
    facts = code.facts
    known = {
        name
        for definition in facts.definitions
        for name in definition.names
        if definition.kind != "constant" or name in facts.literals
    }
    bound = {**facts.deletes, **facts.binds, **facts.may_bind, **facts.mutates}
    return {name: line for name, line in bound.items() if name not in known}


def _acting(code: CodeCell) -> Problem:
    return Problem(
        "parameters-act",
        "the parameters cell does more than set parameters, and the steps see nothing of that",
        "Move the rest to a `%%setup` cell, which runs before every step, or to a step.",
        code.cell.id,
        code.cell.number,
        severity="warning",
    )


def _order(steps: Mapping[str, FlowStep]) -> tuple[str, ...]:
    """Every step after those it depends on; document order otherwise; cycles last."""
    waiting = {cell: {s for s in step.above() if s in steps} for cell, step in steps.items()}
    readers: dict[str, list[str]] = {cell: [] for cell in steps}
    for cell, sources in waiting.items():
        for source in sources:
            readers[source].append(cell)
    ready = deque(cell for cell, sources in waiting.items() if not sources)
    order: dict[str, None] = {}
    while ready:
        cell = ready.popleft()
        order[cell] = None
        for reader in readers[cell]:
            waiting[reader].discard(cell)
            if not waiting[reader]:
                ready.append(reader)
    return (*order, *(cell for cell in steps if cell not in order))
