"""Follows names from one place in the notebook to the data and definitions they need."""

from __future__ import annotations

import builtins
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from nbflow.flow.scope import (
    Deleted,
    FromDefinition,
    FromOrdinary,
    FromParameter,
    FromSetup,
    FromStep,
    Placed,
    Position,
    Scope,
    Version,
    Withheld,
)
from nbflow.records.problem import Problem
from nbflow.steps import CodeCell

#: Names that are there without any cell binding them.
AMBIENT_NAMES = frozenset(dir(builtins)) | {
    "__name__", "__file__", "__doc__", "__builtins__", "__annotations__",
    "get_ipython", "display", "In", "Out", "exit", "quit", "_", "__", "___",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
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


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything a body or a clause reaches: data by name, definitions as source."""

    inputs: Mapping[str, Input] = field(default_factory=dict)
    #: In document order, the order in which a worker executes them.
    definitions: tuple[Placed, ...] = ()
    problems: tuple[Problem, ...] = ()


class Reach:
    """Follows names from one place in the document to all that they need."""

    def __init__(
        self,
        scope: Scope,
        code: CodeCell,
        position: Position,
        only: tuple[str, ...] | None = None,
    ) -> None:
        self.scope = scope
        self.code = code
        self.position = position
        #: ``--in``: data names that may be read; None for all.
        self.only = only

    def of(self, reads: Mapping[str, int], late: Mapping[str, int]) -> Needs:
        """Needs of these reads; ``late`` ones belong to functions that perhaps are not called."""
        inputs: dict[str, Input] = {}
        definitions: dict[int, Placed] = {}
        problems: list[Problem] = []
        todo: list[tuple[str, Position, int, str, bool]] = [
            *((name, self.position, line, "", True) for name, line in reads.items()),
            *((name, self.position, line, "", False) for name, line in late.items()),
        ]
        seen: set[tuple[str, Position]] = set()
        for name, position, line, via, certain in todo:  # grows while it is walked
            if (name, position) in seen:
                continue
            seen.add((name, position))
            bindings = self.scope.above(name, position)
            if not bindings:
                problems += self._unbound(name, line) if certain else []
                continue
            given = Input(name, line=line, via=via)
            for binding in bindings:
                match binding:
                    case FromStep(version):
                        given = replace(given, versions=(*given.versions, version))
                    case FromDefinition(placed):
                        given = replace(given, base="definition")
                        if id(placed.definition) not in definitions:
                            definitions[id(placed.definition)] = placed
                            todo += self._further(placed, line)
                    case FromParameter():
                        given = replace(given, base="parameter")
                    case FromSetup():
                        given = replace(given, base="setup")
                    case FromOrdinary() | Withheld() | Deleted():
                        if (certain or via) and not self._may_be_own(name):
                            problems += self._unreadable(name, line, via, binding)
                        break
            if self.only is None or name in self.only:
                problems += self._merge(inputs, given)
        ordered = tuple(sorted(definitions.values(), key=lambda p: p.position))
        # What a name of --in does not let in is no input; a definition alone is none either.
        data = {n: g for n, g in inputs.items() if g.versions or g.base == "parameter"}
        return Needs(data, ordered, tuple(problems))

    def _further(self, placed: Placed, line: int) -> list[tuple[str, Position, int, str, bool]]:
        definition: Definition = placed.definition
        # Decorators, defaults and bases are read where the definition stands, bodies where called.
        return [
            *((n, placed.position, line, placed.label, True) for n in sorted(definition.needs)),
            *((n, self.position, line, placed.label, False) for n in sorted(definition.calls)),
        ]

    def _merge(self, inputs: dict[str, Input], given: Input) -> list[Problem]:
        held = inputs.setdefault(given.name, given)
        if held.versions == given.versions or not (held.versions or given.versions):
            return []
        return [
            self._problem(
                "two-versions",
                f"`{given.via or held.via}` was defined with `{given.name}` as it was above its "
                f"definition, but this cell reads a later `{given.name}`",
                "Give the second value another name, or pass it as an argument.",
                held.line or given.line,
            )
        ]

    def _unbound(self, name: str, line: int) -> list[Problem]:
        if name in AMBIENT_NAMES or self._may_be_own(name) or self.code.facts.dynamic:
            return []
        below = self.scope.below(name, self.position)
        match below:
            case None:
                close = difflib.get_close_matches(name, self.scope.names_above(self.position), 1)
                hint = f"Did you mean `{close[0]}`?" if close else "Bind it in a cell above."
                return [self._problem("unknown-name", f"`{name}` is not defined", hint, line)]
            case FromDefinition(placed):
                number = placed.cell.number
            case FromStep(version):
                return [
                    self._problem(
                        "bound-below",
                        f"`{name}` is bound only below, in another step",
                        "Move that cell above this one: a step reads what stands above it.",
                        line,
                    )
                ]
            case FromParameter(cell) | FromSetup(cell) | FromOrdinary(cell):
                number = cell.number
            case Withheld(step) | Deleted(step):
                number = step.cell.number
        return [
            self._problem(
                "bound-below",
                f"`{name}` is bound only below, in cell [{number}]",
                "Move that cell above this one: a step reads what stands above it.",
                line,
            )
        ]

    def _unreadable(
        self, name: str, line: int, via: str, binding: FromOrdinary | Withheld | Deleted
    ) -> list[Problem]:
        reader = f"`{via}` reads `{name}`, which" if via else f"`{name}`"
        match binding:
            case FromOrdinary(cell):
                return [
                    self._problem(
                        "ordinary-data",
                        f"{reader} is bound in the ordinary cell [{cell.number}]",
                        "Make that cell a step (`%%step`), or a `%%setup` cell.",
                        line,
                    )
                ]
            case Withheld(step):
                return [
                    self._problem(
                        "withheld",
                        f"{reader} is bound by step `{step.name}`, whose --out leaves it out",
                        f"Add `{name}` to the --out of cell [{step.cell.number}].",
                        line,
                    )
                ]
            case Deleted(step):
                return [
                    self._problem(
                        "deleted-name",
                        f"{reader} is deleted by step `{step.name}`, cell [{step.cell.number}]",
                        "Read it above that cell, or keep it there.",
                        line,
                    )
                ]

    def _may_be_own(self, name: str) -> bool:
        """Whether the cell itself binds the name, if only under a condition."""
        return name in self.code.facts.may_bind or name in self.code.facts.binds

    def _problem(self, code: str, message: str, remedy: str, line: int) -> Problem:
        cell = self.code.cell
        return Problem(code, message, remedy, cell.id, cell.number, line or None)
