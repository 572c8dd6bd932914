"""What a notebook is reviewed as: each of its code cells a step, so that its names are wired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

import msgspec
from msgspec import structs

from nbflow.directives import parse
from nbflow.flow import Flow, build
from nbflow.records.notebook import Cell, Notebook
from nbflow.records.problem import Problem
from nbflow.steps import CodeCell

#: As many cells as a message names one by one.
_NAMED = 3


class Subject(msgspec.Struct, frozen=True):
    """A notebook, and the flow that it would be if each code cell were a step."""

    notebook: Notebook
    flow: Flow

    def codes(self) -> Iterator[CodeCell]:
        """The code cells that hold anything, in document order."""
        return (code for code in self.flow.cells if code.cell.number)


Rule: TypeAlias = Callable[[Subject], Iterator[Problem]]


def subject_of(notebook: Notebook, star_names: Callable[[str], frozenset[str] | None]) -> Subject:
    """The notebook with its unmarked code cells marked in memory."""
    cells = tuple(_marked(cell) for cell in notebook.cells)
    return Subject(notebook, build(structs.replace(notebook, cells=cells), star_names, "review"))


def called(number: int) -> str:
    """The name that a cell has as a step of the review."""
    return f"cell_{number}"


def also(numbers: Iterable[int]) -> str:
    """What a message says of further cells with the same problem: `` (and in [4], [7])``."""
    cells = [f"[{number}]" for number in dict.fromkeys(numbers)]
    if not cells:
        return ""
    if len(cells) > _NAMED + 1:
        cells = [*cells[:_NAMED], f"{len(cells) - _NAMED} more"]
    listed = cells[0] if len(cells) == 1 else f"{', '.join(cells[:-1])} and {cells[-1]}"
    return f" (so in {listed})"


def _marked(cell: Cell) -> Cell:
    if cell.kind != "code" or not cell.number or parse(cell)[0] is not None:
        return cell
    return replace(cell, metadata={"step": called(cell.number)})
