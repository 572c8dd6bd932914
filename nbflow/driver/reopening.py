"""The notebook of a past run, as a new file: as it was, or with its outputs as of that run."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from nbflow.driver import executed
from nbflow.results import FlowRun
from nbflow.steps import CodeCell, code_cells


def restored(run: FlowRun) -> NotebookNode:
    """The notebook as it was when the run began, without outputs.

    Raises
    ------
    StoreError
        It is not recorded, or damaged.
    """
    document: NotebookNode = nbformat.reads(run.document.decode(), as_version=4)
    return document


def reopened(run: FlowRun) -> tuple[NotebookNode, tuple[str, ...]]:
    """The notebook with the outputs that its steps had in the run, and the steps that lost theirs.

    Values of parameters that are not the notebook's own get papermill's cell. Ordinary cells, which
    no run executes, have no outputs.

    Raises
    ------
    StoreError
        The notebook is not recorded, or damaged.
    """
    document = restored(run)
    codes, _ = code_cells(run.notebook)
    defaults = dict(_defaults(codes))
    given = {n: v for n, v in run.parameters.items() if n not in defaults or defaults[n] != v}
    return document, executed.refill(document, codes, run, given)


def beside(run: FlowRun, word: str = "") -> Path:
    """Where such a notebook is written unless another place is named: beside the notebook."""
    notebook = Path(run.head.notebook)
    suffix = ".ipynb" if not word else notebook.suffix
    return notebook.with_name("-".join(filter(None, (notebook.stem, word, run.id))) + suffix)


def _defaults(codes: Sequence[CodeCell]) -> Iterator[tuple[str, Any]]:
    for code in codes:
        if code.role == "parameters":
            for name, (_, source) in code.facts.literals.items():
                with contextlib.suppress(ValueError, SyntaxError):
                    yield name, ast.literal_eval(source)
