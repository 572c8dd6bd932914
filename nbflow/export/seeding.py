"""Seeds a step's generators as they began in the run, where no cell above has seeded them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from nbflow.driver.basis import Basis
from nbflow.flow import Flow, FlowStep
from nbflow.records.facts import Definition
from nbflow.run.request import seed_of
from nbflow.steps import CodeCell


class Generator(NamedTuple):
    """A global generator: the module that has it, what that is mostly called, and what seeds it."""

    module: str
    name: str
    call: str


#: By ambient state, those whose numbers a seed brings back.
SEEDED = {
    "random.state": Generator("random", "random", "seed"),
    "numpy.random": Generator("numpy", "np", "random.seed"),
    "torch.random": Generator("torch", "torch", "manual_seed"),
}


class Seeding(NamedTuple):
    """A statement that seeds a generator, and the import that it needs."""

    needs: str
    text: str


def seeding(flow: Flow, basis: Basis, step: FlowStep) -> tuple[Seeding, ...]:
    """The statements with which a step's generators begin as they did in the run."""
    asked = step.step.directive.options.seed
    why = "" if asked is not None else "  # as it began in the run: no cell seeds it"
    found: list[Seeding] = []
    for subject, key in _drawn(basis, step):
        generator = SEEDED[subject]
        number = int(key[:8], 16) if asked is None else asked
        needs, name = imported(flow, generator.module, generator.name)
        found.append(Seeding(needs, f"{name}.{generator.call}({number}){why}"))
    return tuple(found)


def split_seeds(basis: Basis, step: FlowStep) -> tuple[int, ...]:
    """Of a foreach whose splits draw: what the generators of each began with in the run."""
    splits = [record for record in basis.records[step.id] if record.index is not None]
    if not any(change.kind == "draws" for record in splits for change in record.changes):
        return ()
    asked = step.step.directive.options.seed
    return tuple(seed_of(asked, record.key, record.index) for record in splits)


def seeds_name(step: FlowStep) -> str:
    """What these are called in the exported module."""
    return f"SEEDS_OF_{step.name.upper()}"


def behind(seed: str, unpacking: str) -> str:
    """The statement that takes an item apart, where that stands behind its seed.

    >>> behind("seed", "a, b = item")
    'seed, (a, b) = item'
    """
    target, _, item = unpacking.rpartition(" = ")
    return f"{seed}, {target if target.isidentifier() else f'({target})'} = {item}"


def of_splits(flow: Flow, basis: Basis, step: FlowStep, seed: str) -> tuple[Seeding, ...]:
    """The statements with which the generators of a split begin with the value of a name."""
    changes = [change for record in basis.records[step.id] for change in record.changes]
    drawn = {change.subject for change in changes if change.kind == "draws"}
    found: list[Seeding] = []
    for subject in sorted(drawn & SEEDED.keys()):
        generator = SEEDED[subject]
        needs, name = imported(flow, generator.module, generator.name)
        found.append(Seeding(needs, f"{name}.{generator.call}({seed})"))
    return tuple(found)


def imported(flow: Flow, module: str, name: str) -> tuple[str, str]:
    """An import for ourselves, and its name: one that means the same in all cells, or nothing."""
    while not all(_means(code, module, name) for code in flow.cells):
        name += "_"
    return f"import {module}" if name == module else f"import {module} as {name}", name


def _drawn(basis: Basis, step: FlowStep) -> Iterator[tuple[str, str]]:
    """The generators that nobody has seeded for a step, and the cache key of the task."""
    for record in basis.records[step.id]:
        for change in record.changes:
            if change.kind == "draws" and change.subject in SEEDED.keys() - record.inputs:
                yield change.subject, record.key


def _means(code: CodeCell, module: str, name: str) -> bool:
    """Whether a name stands for a module, or for nothing, as far as a cell is concerned."""
    definitions = code.facts.definitions
    if any(each.kind == "import" and "*" in each.source for each in definitions):
        return False
    said = [each for each in definitions if name in each.names]
    bound = name in code.facts.binds or name in code.facts.may_bind
    return all(_imports(each, module, name) for each in said) and (bool(said) or not bound)


def _imports(definition: Definition, module: str, name: str) -> bool:
    if definition.kind != "import":
        return False
    return any(
        alias.name == module and (alias.asname or alias.name) == name
        for statement in ast.parse(definition.source).body
        if isinstance(statement, ast.Import)
        for alias in statement.names
    )
