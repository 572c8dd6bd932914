"""A notebook as it is when a run begins, as an nbformat document without outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from nbflow.records.notebook import Cell, Notebook

_encode = msgspec.json.Encoder().encode


class _Cell(msgspec.Struct):
    """What a snapshot takes from a file beside what nbflow reads; outputs are skipped unread."""

    id: str = ""
    metadata: dict[str, Any] = {}
    attachments: dict[str, Any] = {}


class _File(msgspec.Struct):
    cells: list[_Cell] = []
    metadata: dict[str, Any] = {}


_files = msgspec.json.Decoder(_File)
_PYTHON = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
}


def snapshot(notebook: Notebook) -> bytes:
    """The document of these cells, with the metadata and attachments that their file has of them.

    The cells may be those of a screen: their file knows some of them, or there is none.
    """
    file = _beside(Path(notebook.path))
    known = {cell.id: cell for cell in file.cells}
    document = {
        "cells": [_document(cell, known.get(cell.id)) for cell in notebook.cells],
        "metadata": file.metadata or _PYTHON,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return _encode(document)


def _beside(path: Path) -> _File:
    if path.suffix != ".ipynb":
        return _File()
    try:
        return _files.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, RecursionError):
        return _File()


def _document(cell: Cell, known: _Cell | None) -> dict[str, Any]:
    metadata = dict(known.metadata) if known is not None else {}
    metadata.pop("execution", None)  # when it was executed last, of no run of ours
    for name, value in (("tags", list(cell.tags)), ("nbflow", cell.metadata)):
        if value:
            metadata[name] = value
        else:
            metadata.pop(name, None)
    told = {"cell_type": cell.kind, "id": cell.id, "metadata": metadata, "source": cell.source}
    if cell.kind == "code":
        return {**told, "execution_count": None, "outputs": []}
    if known is not None and known.attachments:
        told["attachments"] = known.attachments
    return told
