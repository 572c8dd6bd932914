"""Who binds a name, by document order: the versions of every name of a notebook."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from nbflow.records.facts import Definition
from nbflow.records.notebook import Cell
from nbflow.records.state import state_of
from nbflow.steps import Step

#: A place in the document: index of the code cell, line in it.
Position: TypeAlias = tuple[int, int]

#: After every line of a cell.
END = 1 << 30


class Version(msgspec.Struct, frozen=True):
    """A name as one step leaves it."""

    name: str
    #: Cell id of the step.
    cell: str


class Placed(msgspec.Struct, frozen=True):
    """A definition and where it stands."""

    definition: Definition
    position: Position
    cell: Cell
    #: Name of the step whose cell it stands in; empty in other cells.
    step: str = ""
    #: Names that its statement needs, as data that its own cell has bound by then.
    own: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """Its names, as messages and recipes call it."""
        return ", ".join(self.definition.names) or self.definition.source.strip()


class FromStep(msgspec.Struct, frozen=True):
    version: Version


class FromDefinition(msgspec.Struct, frozen=True):
    placed: Placed


class FromParameter(msgspec.Struct, frozen=True):
    cell: Cell


class NoParameter(msgspec.Struct, frozen=True):
    """Bound in a cell of parameters, and not simply to a literal."""

    cell: Cell


class FromSetup(msgspec.Struct, frozen=True):
    cell: Cell
    is_import: bool = False


class FromOrdinary(msgspec.Struct, frozen=True):
    """Bound in a cell that runs in the kernel only: no step can read it."""

    cell: Cell


class FromUnreadable(msgspec.Struct, frozen=True):
    """Bound, or changed, in a cell that is no valid Python, by the look of it."""

    cell: Cell


class Withheld(msgspec.Struct, frozen=True):
    """Bound by a step whose ``--out`` leaves it out."""

    step: Step


class Deleted(msgspec.Struct, frozen=True):
    step: Step


Binding: TypeAlias = (
    FromStep
    | FromDefinition
    | FromParameter
    | NoParameter
    | FromSetup
    | FromOrdinary
    | FromUnreadable
    | Withheld
    | Deleted
)


@dataclass(slots=True)
class Scope:
    """All bindings of all names, each at its position; filled once, then only asked."""

    cells: Sequence[Cell]
    #: By name, in document order: position, binding, and whether it certainly binds.
    _bindings: dict[str, list[tuple[Position, Binding, bool]]] = field(default_factory=dict)
    #: Star imports whose names nobody could tell, in document order.
    _stars: list[Placed] = field(default_factory=list)
    #: Cells that may bind names which their source does not show, and by what.
    _hidden: list[tuple[int, str]] = field(default_factory=list)
    _left: dict[int, dict[str, None]] = field(default_factory=dict)
    _kept: dict[int, set[str]] = field(default_factory=dict)
    #: Names, and indices of cells that change what is under them in place, and bind nothing new.
    _changed: set[tuple[str, int]] = field(default_factory=set)
    #: Whether some cell asks classes for their subclasses.
    asks_subclasses: bool = field(init=False)

    def __post_init__(self) -> None:
        self.asks_subclasses = any("__subclasses__" in cell.source for cell in self.cells)

    def add(self, name: str, position: Position, binding: Binding, sure: bool = True) -> None:
        """Record a binding; positions never decrease."""
        self._bindings.setdefault(name, []).append((position, binding, sure))
        if isinstance(binding, FromStep):
            self._left.setdefault(position[0], {})[name] = None
        elif isinstance(binding, FromDefinition | Withheld):
            self._kept.setdefault(position[0], set()).add(name)

    def touch(self, name: str, placed: Placed) -> None:
        """Record that executing a definition changes what a name stands for."""
        self._bindings.setdefault(name, []).append((placed.position, FromDefinition(placed), False))

    def add_star(self, placed: Placed) -> None:
        """Record a star import that may bind anything."""
        self._stars.append(placed)

    def add_hidden(self, index: int, what: str) -> None:
        """Record that a cell may bind anything, and by what."""
        self._hidden.append((index, what))

    def hidden_above(self, position: Position) -> tuple[Cell, str] | None:
        """The nearest cell above that may have bound a name unseen, and by what."""
        for index, what in reversed(self._hidden):
            if index < position[0]:
                return self.cells[index], what
        return None

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

    def change(self, name: str, index: int) -> None:
        """Record that a cell leaves the object that it found under a name, if changed."""
        self._changed.add((name, index))

    def states(self, name: str, first: Position, last: Position) -> tuple[Version, ...]:
        """The versions of a definition's state that steps between two places may have left."""
        return tuple(
            binding.version
            for position, binding, _ in reversed(self._bindings.get(state_of(name), ()))
            if isinstance(binding, FromStep) and first <= position < last
        )

    def is_same_object(self, name: str, first: Position, last: Position) -> bool:
        """Whether a name stands for one object between two places, however changed."""
        between = (e for e in self._bindings.get(name, ()) if first <= e[0] < last)
        return all(
            (name, position[0]) in self._changed
            or (isinstance(binding, FromDefinition) and name not in binding.placed.definition.names)
            for position, binding, _ in between
        )

    def below(self, name: str, position: Position) -> Cell | None:
        """The first cell after a position that binds a name, to say that it comes too late."""
        for where, _, _ in self._bindings.get(name, []):
            if where > position and (name, where[0]) not in self._changed:
                return self.cells[where[0]]
        return None

    def left_by(self, index: int) -> tuple[str, ...]:
        """The names of which a step, the code cell of this index, leaves a version."""
        return tuple(self._left.get(index, ()))

    def kept_by(self, index: int) -> frozenset[str]:
        """The names that the code cell of this index binds without leaving a version of them."""
        return frozenset(self._kept.get(index, ()))

    def names_above(self, position: Position) -> list[str]:
        """Every name bound before a position, for suggestions."""
        return [n for n, entries in self._bindings.items() if entries[0][0] < position]
