"""Reads notebook files: nbformat 4, and jupytext's text notebooks."""

from __future__ import annotations

import codecs
import difflib
from pathlib import Path
from typing import Any

import msgspec

from nbflow.cells.document import Document, notebook, parse, wrong_version
from nbflow.errors import NotebookError
from nbflow.records.notebook import Notebook

#: Suffix of a text notebook, in lower case, to jupytext's own spelling of it.
_TEXT = {".py": ".py", ".md": ".md", ".rmd": ".Rmd"}


def read(path: str | Path) -> Notebook:
    """The notebook in a file: ``.ipynb``, or a text notebook (``.py``, ``.md``, ``.Rmd``).

    Raises
    ------
    NotebookError
        When there is no such file, or no notebook for Python in it.

    >>> read("train.ipynb").cells[0].source
    'import numpy as np'
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix != ".ipynb" and suffix not in _TEXT and not path.is_dir() and path.exists():
        raise NotebookError(
            f"`{path}` is not a notebook that nbflow reads",
            "It reads .ipynb files and jupytext's .py, .md and .Rmd.",
        )
    data = _bytes(path).removeprefix(codecs.BOM_UTF8)
    if not data.strip():
        raise NotebookError(f"`{path}` is empty", "Open it in JupyterLab and save it with a cell.")
    return _text_notebook(data, path) if suffix in _TEXT else _json_notebook(data, path)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_fifo():
            raise NotebookError(f"`{path}` is a pipe", "Give the path of a notebook's file.")
        return path.read_bytes()
    except FileNotFoundError:
        raise NotebookError(f"there is no notebook `{path}`", _other_notebook(path)) from None
    except IsADirectoryError:
        raise NotebookError(f"`{path}` is a directory", _other_notebook(path / "")) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise NotebookError(
            f"`{path}` cannot be read: {why}", "Check the path and your permissions."
        ) from None


def _other_notebook(path: Path) -> str:
    """A remedy that names the notebook somebody probably meant."""
    folder = path if path.is_dir() else path.parent
    try:
        names = sorted(each.stem for each in folder.glob("*.ipynb"))
    except OSError:
        names = []
    # What all names end with makes none of them alike.
    meant = difflib.get_close_matches(path.stem, names, 1) or (names if len(names) == 1 else [])
    if not meant:
        return "Give the path of a notebook."
    return f"Did you mean `{folder / meant[0]}.ipynb`?"


def _json_notebook(data: bytes, path: Path) -> Notebook:
    """Decode just what nbflow needs; whatever is not plain sailing goes through nbformat.

    Importing and running nbformat takes a fifth of the time of a whole cached run, and longer for
    large outputs, which the decoder skips.
    """
    try:
        document = msgspec.json.decode(data, type=Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return parse(_through_nbformat(data, path), path)
    if document.nbformat != 4:
        raise wrong_version(document.nbformat, path)
    return notebook(document, path)


def _through_nbformat(data: bytes, path: Path) -> dict[str, Any]:
    from nbformat import reader  # late: 0.1 s that a sound notebook does not need

    try:
        document = reader.parse_json(_decoded(data, path))
    except reader.NotJSONError as error:
        conflict = b"\n<<<<<<< " in data or data.startswith(b"<<<<<<< ")
        raise NotebookError(
            f"`{path}` is not a notebook: it is not JSON ({error.__cause__})",
            "It holds marks of a merge conflict: resolve them, or take one side's file."
            if conflict
            else "Restore it from a checkpoint or from version control.",
        ) from None
    except RecursionError:
        raise NotebookError(
            f"`{path}` is not a notebook: its JSON is nested too deeply",
            "Restore it from a checkpoint or from version control.",
        ) from None
    if not isinstance(document, dict):
        raise NotebookError(
            f"`{path}` is not a notebook: its JSON is no object", "Give the path of a notebook."
        )
    return document


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NotebookError(
            f"`{path}` is not UTF-8 text (byte {error.start})", "Save it as UTF-8."
        ) from None


def _text_notebook(data: bytes, path: Path) -> Notebook:
    import jupytext  # type: ignore[import-untyped]  # late: 0.2 s

    text = _decoded(data, path)
    try:
        document = jupytext.reads(text, {"extension": _TEXT[path.suffix.lower()]})
    except Exception as error:  # jupytext's own errors, YAML's, and whatever its parsers meet
        why = str(error).partition("\n")[0] or type(error).__name__
        raise NotebookError(
            f"`{path}` cannot be read as a text notebook: {why}",
            "Check its header, or convert it with `jupytext --to ipynb`.",
        ) from error
    # jupytext draws new ids at random on each reading.
    cells = [{**cell, "id": None} for cell in document.cells]
    language = document.metadata.get("jupytext", {}).get("main_language")
    metadata = document.metadata if language is None else {"kernelspec": {"language": language}}
    return parse({"nbformat": 4, "cells": cells, "metadata": metadata}, path)
