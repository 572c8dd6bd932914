"""Flows for the tests of the pure layers, from cells written as text."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from nbflow import cells
from nbflow.flow import Flow, build
from nbflow.records.lesson import Learnt
from tests.notebooks import notebook


def flow_of(*nodes: NotebookNode | str, learnt: Learnt | None = None) -> Flow:
    """The flow of a notebook with these cells."""
    read = cells.parse(notebook(*nodes), Path("/nowhere/test.ipynb"))
    return build(read, _no_stars, "test", learnt)


def wires(flow: Flow) -> set[str]:
    """Edges as ``a -x-> b``, easy to compare."""
    return {
        f"{flow.steps[e.source].name} -{','.join(e.names)}-> {flow.steps[e.target].name}"
        for e in flow.edges()
    }


def codes(flow: Flow) -> list[str]:
    """Codes of the problems found while wiring, with the cell's number."""
    return [f"{p.number} {p.code}" for p in flow.found]


def _no_stars(module: str) -> frozenset[str] | None:
    return frozenset({"sqrt", "pi"}) if module == "math" else None
