"""Who binds a name, by document order: the versions of every name of a notebook."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nbflow.records.facts import Definition, Facts
from nbflow.records.notebook import Cell
from nbflow.steps import CodeCell, Step

#: A place in the document: index of the code cell, line in it.
Position: TypeAlias = tuple[int, int]

#: After every line of a cell.
END = 1 << 30


@dataclass(frozen=True, slots=True)
class Version:
    """A name as one step leaves it."""

    name: str
    #: Cell id of the step.
    cell: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A definition and where it stands."""

    definition: Definition
    position: Position
    cell: Cell
    #: Name of the step whose cell it stands in; empty in other cells.
    step: str = ""

    @property
    def label(self) -> str:
        """Its names, as messages and recipes call it."""
        return ", ".join(self.definition.names) or self.definition.source.strip()


@dataclass(frozen=True, slots=True)
class FromStep:
    version: Version


@dataclass(frozen=True, slots=True)
class FromDefinition:
    placed: Placed


@dataclass(frozen=True, slots=True)
class FromParameter:
    cell: Cell


@dataclass(frozen=True, slots=True)
class FromSetup:
    cell: Cell


@dataclass(frozen=True, slots=True)
class FromOrdinary:
    """Bound in a cell that runs in the kernel only: no step can read it."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class Withheld:
    """Bound by a step whose ``--out`` leaves it out."""

    step: Step


@dataclass(frozen=True, slots=True)
class Deleted:
    step: Step


Binding: TypeAlias = (
    FromStep | FromDefinition | FromParameter | FromSetup | FromOrdinary | Withheld | Deleted
)


@dataclass(slots=True)
class Scope:
    """All bindings of all names, each at its position; filled once, then only asked."""

    #: By name, in document order: position, binding, and whether it certainly binds.
    _bindings: dict[str, list[tuple[Position, Binding, bool]]] = field(default_factory=dict)
    #: Star imports whose names nobody could tell, in document order.
    _stars: list[Placed] = field(default_factory=list)
    _cells: Sequence[Cell] = ()

    def add(self, name: str, position: Position, binding: Binding, sure: bool = True) -> None:
        """Record a binding; positions never decrease."""
        self._bindings.setdefault(name, []).append((position, binding, sure))

    def add_star(self, placed: Placed) -> None:
        """Record a star import that may bind anything."""
        self._stars.append(placed)

    def above(self, name: str, position: Position) -> tuple[Binding, ...]:
        """What the name may mean just before a position: newest first, down to a sure binding."""
        entries = self._bindings.get(name, [])
        found: list[Binding] = []
        for index in range(bisect_left(entries, position, key=lambda e: e[0]) - 1, -1, -1):
            found.append(entries[index][1])
            if entries[index][2]:
                return tuple(found)
        stars = [s for s in self._stars if s.position < position]
        return (*found, *(FromDefinition(s) for s in reversed(stars)))

    def below(self, name: str, position: Position) -> Cell | None:
        """The first cell after a position that binds a name, to say that it comes too late."""
        for where, _, _ in self._bindings.get(name, []):
            if where > position:
                return self._cells[where[0]]
        return None

    def names_above(self, position: Position) -> list[str]:
        """Every name bound before a position, for suggestions."""
        return [n for n, entries in self._bindings.items() if entries[0][0] < position]


def scope_of(
    cells: Sequence[CodeCell],
    steps: Mapping[str, Step],
    star_names: Callable[[str], frozenset[str] | None],
) -> Scope:
    """Walk the cells in document order and record what each binds.

    ``star_names`` tells the public names of a module, or None when it cannot.
    """
    scope = Scope(_cells=[code.cell for code in cells])
    for index, code in enumerate(cells):
        step = steps.get(code.cell.id)
        _add_definitions(scope, index, code, step, star_names)
        _add_data(scope, index, code, step)
    return scope


def _add_definitions(
    scope: Scope,
    index: int,
    code: CodeCell,
    step: Step | None,
    star_names: Callable[[str], frozenset[str] | None],
) -> None:
    defined = code.defined()
    for definition in code.facts.definitions:
        position = (index, definition.line)
        placed = Placed(definition, position, code.cell, step.name if step else "")
        binding = FromSetup(code.cell) if code.role == "setup" else FromDefinition(placed)
        for name in definition.names:
            # A parameters cell's literals are parameters; a step's constants are outputs.
            if code.role != "parameters" and name in defined:
                scope.add(name, position, binding)
        if definition.kind == "import" and not definition.names:
            for module in definition.modules:
                names = star_names(module)
                if names is None:
                    scope.add_star(placed)
                for name in sorted(names or ()):
                    scope.add(name, position, binding)


def _add_data(scope: Scope, index: int, code: CodeCell, step: Step | None) -> None:
    facts = code.facts
    at = (index, END)
    if code.role == "parameters":
        for name in facts.literals:
            scope.add(name, at, FromParameter(code.cell))
        return
    targets = step.clause.names if step and step.clause else ()
    for name in code.bound():
        if name in targets or _is_state_of_definition(scope, index, name, facts):
            continue
        sure = name in facts.binds or name in facts.mutates
        scope.add(name, at, _data_binding(name, code, step), sure)
    if step:
        for name in facts.deletes:
            if name not in facts.binds:
                scope.add(name, at, Deleted(step))
        for name in step.outputs:
            if name not in code.bound():
                scope.add(name, at, FromStep(Version(name, code.cell.id)))


def _is_state_of_definition(scope: Scope, index: int, name: str, facts: Facts) -> bool:
    """Whether a change in place concerns an import, function or class, not data of that name.

    ``os.environ["K"] = "v"`` changes the process, not a variable called ``os``.
    """
    if name in facts.binds or name in facts.may_bind:
        return False
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
    if name in step.outputs:
        return FromStep(Version(name, code.cell.id))
    return Withheld(step)
