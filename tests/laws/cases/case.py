"""How a case of the table is written."""

from __future__ import annotations

from dataclasses import dataclass

from nbformat import NotebookNode

from tests import notebooks


@dataclass(frozen=True, slots=True)
class Case:
    """A small notebook, and the name that a problem must mention where it cannot run."""

    name: str
    cells: tuple[NotebookNode, ...]
    refused: str = ""


def case(name: str, *cells: NotebookNode | str, refused: str = "") -> Case:
    """A case whose cells, where they are bare text, are steps."""
    marked = tuple(
        notebooks.step(f"step_{number}", cell) if isinstance(cell, str) else cell
        for number, cell in enumerate(cells, 1)
    )
    return Case(name, marked, refused)
