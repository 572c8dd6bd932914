"""Follows names from one place in the notebook to the data and definitions they need."""

from __future__ import annotations

import builtins
import difflib
import re
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from nbflow.flow.scope import (
    Deleted,
    FromDefinition,
    FromOrdinary,
    FromParameter,
    FromSetup,
    FromStep,
    FromUnreadable,
    NoParameter,
    Placed,
    Position,
    Scope,
    Version,
    Withheld,
)
from nbflow.records.problem import Problem
from nbflow.records.state import state_of
from nbflow.steps import CodeCell

#: Names that are there without any cell binding them.
AMBIENT_NAMES = frozenset(dir(builtins)) | {
    "__name__", "__file__", "__doc__", "__builtins__", "__annotations__",
    "get_ipython", "display", "exit", "quit",
}  # fmt: skip

#: Names that IPython gives to what cells displayed, and to their sources.
_HISTORY_NAME = re.compile(r"_{1,3}|_\d+|_i{1,3}|_i\d+|_[io]h|In|Out")


class Input(msgspec.Struct, frozen=True):
    """A name that a step reads, and where its value comes from."""

    name: str
    #: Steps' versions, newest first; the first that turns out to be bound counts.
    versions: tuple[Version, ...] = ()
    #: What stands under the versions, when all of them may be unbound.
    base: Literal["parameter", "definition", "setup", "nothing"] = "nothing"
    #: Line of the first read, 0 when a function reads it.
    line: int = 0
    #: The function that reads it, when the step's own body does not.
    via: str = ""


class Needs(msgspec.Struct, frozen=True):
    """Everything a body or a clause reaches: data by name, definitions as source."""

    inputs: Mapping[str, Input] = msgspec.field(default_factory=dict)
    #: In document order, the order in which a worker executes them.
    definitions: tuple[Placed, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: Names that nothing above binds as far as the source shows, though a step there may do so in
    #: a way that it does not show.
    sought: frozenset[str] = frozenset()


class _Read(msgspec.Struct, frozen=True):
    """One name to follow."""

    name: str
    #: Where it is looked up: where a function is called, or where a definition stands.
    position: Position
    #: Line in the step's cell, 0 when none shows it.
    line: int
    #: Label of the function or class that reads it; empty for the cell's own code.
    via: str
    #: Whether it is certainly read; what a function reads is perhaps never called for.
    certain: bool


class Reach:
    """Follows names from one place in the document to all that they need.

    Parameters
    ----------
    position
        The place: names mean what stands above it.
    only
        ``--in``: the data names that may be read; None for all.
    """

    def __init__(
        self,
        scope: Scope,
        code: CodeCell,
        position: Position,
        only: tuple[str, ...] | None = None,
    ) -> None:
        self._scope = scope
        self._code = code
        self._position = position
        self._only = only
        self._inputs: dict[str, Input] = {}
        self._definitions: dict[Position, Placed] = {}
        self._problems: list[Problem] = []
        self._sought: set[str] = set()

    def of(self, reads: Mapping[str, int], late: Mapping[str, int]) -> Needs:
        """Needs of these reads; the ``late`` ones belong to functions, perhaps never called."""
        todo = [
            *(_Read(name, self._position, line, "", True) for name, line in reads.items()),
            *(_Read(name, self._position, line, "", False) for name, line in late.items()),
        ]
        seen: set[tuple[str, Position]] = set()
        for read in todo:  # grows while it is walked
            if (read.name, read.position) not in seen:
                seen.add((read.name, read.position))
                todo += self._follow(read)
        ordered = tuple(self._definitions[position] for position in sorted(self._definitions))
        data = {n: g for n, g in self._inputs.items() if g.versions or g.base == "parameter"}
        data |= self._states(ordered)
        return Needs(data, ordered, tuple(self._problems), frozenset(self._sought))

    def _states(self, definitions: tuple[Placed, ...]) -> dict[str, Input]:
        """What steps above have left on these definitions; of several of a name, on the last."""
        found: dict[str, Input] = {}
        for placed in definitions:
            if placed.definition.kind in ("function", "class"):
                for name in placed.definition.names:
                    versions = self._scope.states(name, placed.position, self._position)
                    found[state_of(name)] = Input(state_of(name), versions, via=name)
        return {name: given for name, given in found.items() if given.versions}

    def _follow(self, read: _Read) -> list[_Read]:
        """Take in what a name may mean; give the names to follow next."""
        bindings = self._scope.above(read.name, read.position)
        if not bindings and read.certain:
            self._unbound(read)
        given = Input(read.name, line=read.line, via=read.via)
        further: list[_Read] = []
        for binding in bindings:
            match binding:
                case FromStep(version):
                    given = replace(given, versions=(*given.versions, version))
                case FromDefinition(placed):
                    given = replace(given, base="definition")
                    if placed.position not in self._definitions:
                        self._definitions[placed.position] = placed
                        further += self._needs_of(placed, read.line)
                case FromParameter():
                    given = replace(given, base="parameter")
                case FromSetup():
                    given = replace(given, base="setup")
                case FromOrdinary() | FromUnreadable() | NoParameter() | Withheld() | Deleted():
                    self._unreadable(read, binding)
                    break
        if self._only is None or read.name in self._only:
            self._take(given)
        return further

    def _needs_of(self, placed: Placed, line: int) -> list[_Read]:
        # Decorators, defaults and bases are read where the definition stands, bodies where called.
        definition = placed.definition
        label = placed.label
        after = (placed.position[0] + 1, 0)
        places = {n: after if n in placed.own else placed.position for n in definition.needs}
        for name in (definition.decorators | definition.bases) & places.keys():
            # What it is enrolled in may have been changed since, by that alone; a base is the same.
            if self._scope.is_same_object(name, placed.position, self._position):
                places[name] = self._position
        return [
            *(_Read(n, places[n], line, label, True) for n in sorted(places)),
            *(_Read(n, self._position, line, label, False) for n in sorted(definition.calls)),
        ]

    def _take(self, given: Input) -> None:
        held = self._inputs.setdefault(given.name, given)
        if held.versions != given.versions and (held.versions or given.versions):
            self._problem(
                "two-versions",
                f"`{given.via or held.via}` was defined with `{given.name}` as it stood above its "
                f"definition, but this cell reads a later `{given.name}`",
                "Give the second value another name, or pass it as an argument.",
                held.line or given.line,
            )

    def _unbound(self, read: _Read) -> None:
        facts = self._code.facts
        if read.name in AMBIENT_NAMES or self._may_be_own(read.name):
            return
        if read.name in facts.excused and not read.via:
            return
        if facts.dynamic or facts.star_imports:
            return  # the cell may bind the name in a way that its source does not show
        if _HISTORY_NAME.fullmatch(read.name):
            self._history(read)
            return
        below = self._scope.below(read.name, self._position)
        hidden = self._scope.hidden_above(self._position)
        if hidden is not None:
            self._sought.add(read.name)
            cell, what = hidden
            self._problem(
                "hidden-binding",
                f"{_reader(read)} is bound nowhere above as far as the source shows, but perhaps "
                f"by `{what}` in cell [{cell.number}]",
                "Make that cell a step: what it turns out to bind can then be read.",
                read.line,
            )
        elif below is None:
            close = difflib.get_close_matches(read.name, self._scope.names_above(self._position), 1)
            self._problem(
                "unknown-name",
                f"{_reader(read)} is not defined",
                f"Did you mean `{close[0]}`?" if close else "Bind it in a cell above.",
                read.line,
            )
        else:
            self._problem(
                "bound-below",
                f"{_reader(read)} is bound only below, in cell [{below.number}]",
                "Move that cell above this one: a step reads what stands above it.",
                read.line,
            )

    def _unreadable(
        self,
        read: _Read,
        binding: FromOrdinary | FromUnreadable | NoParameter | Withheld | Deleted,
    ) -> None:
        if not (read.certain or read.via) or self._may_be_own(read.name):
            return
        if read.name == "_":
            self._history(read)
            return
        match binding:
            case FromOrdinary(cell):
                code, what = "ordinary-data", f"is bound in the ordinary cell [{cell.number}]"
                remedy = "Make that cell a step (`%%step`), or a `%%setup` cell."
            case FromUnreadable(cell):
                code = "unreadable-cell"
                what = f"comes from cell [{cell.number}], which is not valid Python"
                remedy = "Mend that cell first."
            case NoParameter(cell):
                code, what = "no-parameter", f"is set to no literal in cell [{cell.number}]"
                remedy = "Mend that cell: what it sets can then be read."
            case Withheld(step):
                code, what = "withheld", f"is left out by the --out of step `{step.name}`"
                remedy = f"Add `{read.name}` to the --out of cell [{step.cell.number}]."
            case Deleted() if read.name in AMBIENT_NAMES:
                return  # it means again what it means everywhere
            case Deleted() if read.name in self._code.facts.excused and not read.via:
                return
            case Deleted(step):
                code, what = "deleted-name", f"is deleted by step `{step.name}`"
                remedy = f"Read it above cell [{step.cell.number}], or keep it there."
        self._problem(code, f"{_reader(read)} {what}", remedy, read.line)

    def _history(self, read: _Read) -> None:
        self._problem(
            "history-name",
            f"{_reader(read)} means what another cell displayed, or its source: a step runs in "
            "a process of its own, which has shown nothing yet",
            "Assign the value to a name in that cell, and read the name here.",
            read.line,
        )

    def _may_be_own(self, name: str) -> bool:
        """Whether the cell itself binds the name, if only under a condition."""
        return name in self._code.facts.may_bind or name in self._code.facts.binds

    def _problem(self, code: str, message: str, remedy: str, line: int) -> None:
        cell = self._code.cell
        self._problems.append(Problem(code, message, remedy, cell.id, cell.number, line or None))


def _reader(read: _Read) -> str:
    return f"`{read.name}`, read by `{read.via}`," if read.via else f"`{read.name}`"
