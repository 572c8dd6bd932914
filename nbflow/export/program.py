"""The flow as a program: functions with arguments and results, called from top to bottom."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from nbflow.driver.basis import Basis
from nbflow.export import seeding
from nbflow.export.annotations import annotations_of
from nbflow.export.body import loop
from nbflow.export.definitions import Definitions, bound_by, of_clause
from nbflow.export.plain import awaits, plain, words
from nbflow.export.processes import alone, unfit
from nbflow.export.prose import docstring
from nbflow.export.refusing import drawn_by_splits, problem, refuse, shared
from nbflow.export.setting import statements
from nbflow.export.taken import GENERATED, names_of_ours
from nbflow.flow import Flow, FlowStep, Version
from nbflow.flow.scope import Placed
from nbflow.plan import Lost
from nbflow.records.artifact import Artifact
from nbflow.records.files import is_variable
from nbflow.records.problem import Problem

#: What it imports, and what it calls something within a function.
RESERVED = GENERATED | {
    "main",
    *("argparse", "ast", "asyncio", "os", "sys", "plt", "partial", "get_context"),
    *("random", "np", "torch"),
    *("ProcessPoolExecutor", "contextmanager", "Iterator", "environment"),
    *("Any", "Callable", "Iterable", "Parameter", "FlowSpec", "JSONType", "step", "resources"),
    *("deepcopy", "metaflow", "check", "split", "splits", "inputs", "item", "self"),
}
_TAKEN = frozenset({*dir(builtins), *keyword.kwlist, *RESERVED})


class Function(msgspec.Struct, frozen=True):
    """One step as a plain function."""

    step: FlowStep
    name: str
    #: Names of data that it takes; of a foreach without the item.
    arguments: tuple[str, ...]
    #: Names of data that it gives.
    returns: tuple[str, ...]
    body: str
    doc: str
    #: What its generators begin with, where no step above has seeded them.
    seeding: tuple[seeding.Seeding, ...]
    #: Definitions that stand in it.
    nested: tuple[Placed, ...]
    #: Of a foreach: what a split is called, and the statement that takes it apart, if need be.
    item: str = ""
    unpacking: str = ""
    #: Of a foreach: the items, as an expression over names of data, and the names that it takes.
    items: str = ""
    item_arguments: tuple[str, ...] = ()
    #: Of a foreach whose splits draw, what each began with in the run.
    seeds: tuple[int, ...] = ()
    #: Definitions that the items need beside the data.
    items_nested: tuple[Placed, ...] = ()
    #: Whether its splits must be done in one process, and why.
    alone: str = ""
    #: Whether it leaves figures open, which a notebook shows and closes.
    draws: bool = False
    #: Whether it is to be awaited.
    awaits: bool = False

    @property
    def environment(self) -> tuple[tuple[str, str], ...]:
        """The variables that are set for it alone."""
        return self.step.step.directive.options.env

    @property
    def is_foreach(self) -> bool:
        return self.step.step.kind == "foreach"


class Program(msgspec.Struct, frozen=True):
    """All that stands in the exported module."""

    flow: Flow
    basis: Basis
    definitions: Definitions
    functions: tuple[Function, ...]
    #: Set-up statements by place, without definitions.
    setup: tuple[tuple[tuple[int, int], str], ...]
    #: By name of data: its annotation, where the notebook has one.
    annotations: Mapping[str, str]
    #: Names of data that the flow ends with, in the order in which they come about.
    results: tuple[str, ...]
    #: Of those, the version that each stands for in the end.
    last: Mapping[str, Version] = msgspec.field(default_factory=dict)

    @property
    def awaits(self) -> bool:
        """Whether its steps need the event loop that runs around cells in a kernel."""
        return "asyncio" in self.definitions.names or any(f.awaits for f in self.functions)


def program(flow: Flow, basis: Basis) -> Program:
    """The flow as a program.

    Raises
    ------
    ProblemsError
        Something in the notebook has no equal in plain Python.
    """
    problems = [*shared(flow, basis), *_versions(flow), *_splits(flow), *_late(flow, basis)]
    definitions = Definitions(flow)
    problems += definitions.problems()
    problems += names_of_ours(flow, basis, definitions)
    annotations = annotations_of(flow, definitions)
    setup, wrong = statements(flow)
    problems += wrong
    names = _names(flow, definitions)
    functions: list[Function] = []
    above = {parameter.name for parameter in flow.parameters}
    for step in flow.steps.values():
        function, wrong = _function(flow, basis, definitions, step, names[step.id], above)
        functions.append(function)
        above.update(function.returns)
        problems += wrong
    problems += _shadowed(flow, functions)
    refuse(flow, problems)
    last = _last(flow, basis)
    gone = _deleted(flow)
    results = {n: None for f in functions for n in f.returns if n not in gone}
    return Program(
        flow, basis, definitions, tuple(functions), setup, annotations, tuple(results), last
    )


def _function(
    flow: Flow,
    basis: Basis,
    definitions: Definitions,
    step: FlowStep,
    name: str,
    above: Collection[str],
) -> tuple[Function, list[Problem]]:
    outputs = basis.outputs.get(step.id, ())
    shows = any(each["output_type"] == "execute_result" for each in outputs)
    moved = definitions.moved(step)
    text, problems = plain(step, [placed.definition for placed in moved], shows)
    reached = {p.position: p.definition for p in (*step.body.definitions, *moved)}
    problems += words(step, list(reached.values()))
    clause = step.step.clause
    targets = clause.names if clause else ()
    arguments = [name for name in step.body.inputs if is_variable(name) and name not in targets]
    facts = step.step.code.facts
    if clause is None:
        # What it may not bind keeps the value from above.
        held = (n for n in facts.may_bind if n in step.outputs and n in above)
        arguments += [n for n in held if n not in arguments]
    visible = {*arguments, *bound_by(step)} - {*targets}
    kept = _kept_to_itself(flow, basis, step)
    returns = tuple(
        n
        for n in step.outputs
        if is_variable(n)
        and n in visible
        and kept.get(n, True)
        and (n not in facts.deletes or n in facts.binds)
        and (n not in facts.may_bind or n in arguments or is_read(flow, step, n))
    )
    function = Function(
        step,
        name,
        tuple(arguments),
        returns,
        text,
        docstring(basis.notebook, step),
        seeding.seeding(flow, basis, step) if clause is None else (),
        definitions.nested[step.id, "body"],
        alone=_why_alone(flow, basis, definitions, step),
        draws=_shows_figures(basis, step),
        awaits=awaits(text),
    )
    if clause is None:
        return function, problems
    over = loop(clause, step.step.directive.clause or "")
    taken = {*visible, *targets, *definitions.names}
    seeds, seed = seeding.split_seeds(basis, step), _free("seed", taken)
    single = over.target.isidentifier() and not seeds
    item = over.target if single else _free("item", taken)
    unpacking = f"{over.target} = {item}"
    items = over.whole if function.alone else over.items
    problems += drawn_by_splits(flow, basis, () if function.alone else seeding.SEEDED, step.id)
    return (
        replace(
            function,
            item=item,
            unpacking="" if single else seeding.behind(seed, unpacking) if seeds else unpacking,
            items=f"with_seeds({seeding.seeds_name(step)}, {items})" if seeds else items,
            seeds=seeds,
            seeding=seeding.of_splits(flow, basis, step, seed) if seeds else (),
            item_arguments=of_clause(step)[0],
            items_nested=definitions.nested[step.id, "clause"],
        ),
        problems,
    )


def _why_alone(flow: Flow, basis: Basis, definitions: Definitions, step: FlowStep) -> str:
    if step.step.clause is None:
        return ""
    for name, is_read in _kept_to_itself(flow, basis, step).items():
        if is_read:
            return f"`{name}` cannot go to another process"
    return alone(flow, basis, step) or unfit(basis, step, definitions.names)


def _kept_to_itself(flow: Flow, basis: Basis, step: FlowStep) -> dict[str, bool]:
    """What it binds and no process can pass on, such as a file that ``with`` has closed: by name,
    whether anybody reads it."""
    names = {one.name for record in basis.records[step.id] for one in record.uncarried}
    return {name: is_read(flow, step, name) for name in sorted(names)}


def _shows_figures(basis: Basis, step: FlowStep) -> bool:
    shown = any(
        kind.startswith("image/")
        for output in basis.outputs.get(step.id, ())
        for kind in output.get("data", {})
    )
    used = any(
        fact.kind == "distribution" and fact.subject == "matplotlib"
        for record in basis.records[step.id]
        for fact in record.facts
    )
    return shown and used


def _names(flow: Flow, definitions: Definitions) -> dict[str, str]:
    """What each step's function is called: as the step, where nothing else is."""
    data = {n for s in flow.steps.values() for n in (*s.outputs, *s.body.inputs, *bound_by(s))}
    taken = {*_TAKEN, *data, *definitions.names, *(p.name for p in flow.parameters)}
    taken |= {n for found in definitions.nested.values() for p in found for n in p.definition.names}
    names: dict[str, str] = {}
    for step in flow.steps.values():
        name = step.name if step.name not in taken else f"make_{step.name}"
        name = _free(name, taken)
        taken.add(name)
        names[step.id] = name
    return names


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def is_read(flow: Flow, step: FlowStep, name: str) -> bool:
    """Whether a step below reads what this one leaves under a name, others' changes included."""
    for other in flow.steps.values():
        if other.index <= step.index:
            continue
        if name in other.body.inputs or name in other.clause.inputs:
            return True
        if name in other.step.code.facts.binds:
            return False
    return False


def _versions(flow: Flow) -> Iterator[Problem]:
    """A step that reads an older value than the latest above it."""
    latest: dict[str, Version] = {}
    for step in flow.steps.values():
        for needs in (step.clause, step.body):
            for name, given in needs.inputs.items():
                if not is_variable(name):
                    continue
                newest = latest.get(name)
                if newest != (given.versions[0] if given.versions else None):
                    yield problem(
                        step,
                        f"step `{step.name}` reads `{name}` as it was above another cell that "
                        "binds it anew",
                        "Give the later value another name.",
                        given.line,
                    )
        if step.step.clause is not None:
            for name in step.step.clause.names:
                if name in step.outputs:
                    yield problem(
                        step,
                        f"`{name}` is both the item and a result of `{step.name}`",
                        "Give the item another name.",
                    )
        latest |= {name: Version(name, step.id) for name in step.outputs if is_variable(name)}


def _splits(flow: Flow) -> Iterator[Problem]:
    """What a split does to its whole process, where the next one may run."""
    for step in flow.steps.values():
        facts = step.step.code.facts
        if step.step.kind != "foreach":
            continue
        for line, text, state in facts.ambient[:1]:
            yield problem(
                step,
                f"`{text}` in `{step.name}` changes {state} for the process, in which other "
                "splits may run as well",
                "Move it to a `%%setup` cell.",
                line,
            )
        for told in facts.configures[:1]:
            yield problem(
                step,
                f"`{told.text}` in `{step.name}` holds for the process, in which other splits may "
                "run as well",
                "Move it to a `%%setup` cell.",
                told.line,
            )


def _late(flow: Flow, basis: Basis) -> Iterator[Problem]:
    """Functions that travel in values, and read what is bound anew below."""
    steps = flow.steps.values()
    #: By name of data, where it is bound last.
    last = {parameter.name: -1 for parameter in flow.parameters}
    last |= {name: step.index for step in steps for name in step.outputs}
    for step in steps:
        for record in basis.records[step.id]:
            found = {n: a.free for n, a in record.outputs.items()}
            # What stays in its process is what its own name says, and nothing that is looked up.
            found |= {
                one.name: tuple(name for name in one.free if name != one.name)
                for one in record.uncarried
            }
            found |= {
                c.subject: (c.artifact.free if c.artifact else c.free) for c in record.changes
            }
            for name, free in found.items():
                for read in free:
                    anew = last.get(read, -1) > step.index
                    if anew or (read in last and read not in data_above(step)):
                        yield problem(
                            step,
                            f"`{name}` of step `{step.name}` holds a function that reads "
                            f"`{read}` when it is called, as it is by then",
                            f"Pass `{read}` to the function as an argument.",
                        )


def data_above(step: FlowStep) -> frozenset[str]:
    """The names of data that a step's body can see."""
    return bound_by(step) | frozenset(step.body.inputs)


def _shadowed(flow: Flow, functions: Iterable[Function]) -> Iterator[Problem]:
    """Names of data that hide, where the steps are called, what a clause reads."""
    data = {n for f in functions for n in f.returns} | {p.name for p in flow.parameters}
    for step in flow.steps.values():
        for placed in of_clause(step)[1]:
            for name in placed.definition.names:
                if name in data:
                    yield problem(
                        step,
                        f"`{name}` is a definition for the items of `{step.name}`, and data "
                        "elsewhere",
                        "Give the one or the other another name.",
                    )


def _deleted(flow: Flow) -> set[str]:
    """The names that have been deleted when all steps have run."""
    gone: set[str] = set()
    for step in flow.steps.values():
        facts = step.step.code.facts
        gone = (gone - {*step.outputs}) | (facts.deletes.keys() - facts.binds.keys())
    return gone


def _last(flow: Flow, basis: Basis) -> dict[str, Version]:
    """For each name the version that the flow ends with, where its value is known and certain."""
    doubtful: set[str] = set()
    for cell in flow.order:
        step = flow.steps[cell]
        if not step.step.directive.options.cache or not doubtful.isdisjoint(step.sources()):
            doubtful.add(cell)
    last: dict[str, Version] = {}
    for cell, step in flow.steps.items():
        for name in filter(is_variable, step.outputs):
            version = Version(name, cell)
            match basis.known.get(version):
                case Artifact() if cell not in doubtful:
                    last[name] = version
                case Lost(why="absent"):
                    pass
                case _:
                    last.pop(name, None)
    return last
