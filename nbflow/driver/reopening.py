"""The notebook of a past run, as a new file: as it was, or with its outputs as of that run."""

from __future__ import annotations

import ast
import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from nbflow.driver import executed
from nbflow.errors import NotebookError
from nbflow.results import FlowRun
from nbflow.steps import CodeCell, code_cells

#: What a notebook can be written as.
SUFFIXES = (".ipynb", ".py", ".md", ".Rmd")


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


def write_new(document: NotebookNode, path: Path) -> None:
    """Write a notebook where nothing is yet, whole or not at all; the same may be there already.

    Raises
    ------
    NotebookError
        Something else is there, or the file cannot be written.
    """
    other = "Give another name with `-o FILE`."
    if path.suffix not in SUFFIXES:
        raise NotebookError(
            f"`{path}` names no notebook", f"Give a name that ends in {', '.join(SUFFIXES)}."
        )
    text = _text(document, path.suffix)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            unfinished.write_text(text, "utf-8", errors="backslashreplace")
            # Unlike a rename, a link fails where something is.
            os.link(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except FileExistsError:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if path.read_text("utf-8") == text:
                return
        raise NotebookError(f"{path} is there already, and stays as it is", other) from None
    except FileNotFoundError:
        raise NotebookError(f"there is no folder {path.parent}", other) from None
    except OSError as error:
        raise NotebookError(f"{path} cannot be written: {error.strerror}", other) from error


def _text(document: NotebookNode, suffix: str) -> str:
    if suffix == ".ipynb":
        text: str = nbformat.writes(document)
        return text.rstrip("\n") + "\n"
    import jupytext  # type: ignore[import-untyped]  # late: 0.2 s

    told: str = jupytext.writes(document, fmt={"extension": suffix, **_FORMATS.get(suffix, {})})
    return told


_FORMATS: Mapping[str, Mapping[str, str]] = {".py": {"format_name": "percent"}}


def _defaults(codes: Sequence[CodeCell]) -> Iterator[tuple[str, Any]]:
    for code in codes:
        if code.role == "parameters":
            for name, (_, source) in code.facts.literals.items():
                with contextlib.suppress(ValueError, SyntaxError):
                    yield name, ast.literal_eval(source)
