"""Turns an nbformat 4 document in memory into a Notebook."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from nbflow.errors import NotebookError
from nbflow.records import digest
from nbflow.records.notebook import Cell, Notebook

#: A mark and what it names, for an identity only: directives are read elsewhere.
_MARK = re.compile(r"^\s*(?:%%|#\|\s*)(step|foreach|parameters|setup)\b[ \t:]*([^-#\n]*)", re.M)
#: How the id of a cell begins that has none of its own in the file.
DERIVED = "derived-"
#: What notebooks call the language, that some give with its version.
_PYTHON = re.compile(r"i?python[\s\d.]*", re.IGNORECASE)
_CELL_PATH = re.compile(r" - at `\$\.cells\[(\d+)\](?:\.([^`]+))?`$")


class CellMetadata(msgspec.Struct, frozen=True):
    """What nbflow reads of a cell's metadata."""

    tags: list[str] | None = None
    nbflow: dict[str, Any] | None = None
    #: JupyterLab's; whatever else stands there means nothing.
    collapsed: Any = msgspec.field(name="jp-MarkdownHeadingCollapsed", default=None)


class DocumentCell(msgspec.Struct, frozen=True):
    """What nbflow reads of a cell; outputs and attachments are skipped unread."""

    cell_type: Literal["code", "markdown", "raw"]
    source: str | list[str]
    id: str | None = None
    metadata: CellMetadata = CellMetadata()
    #: Whatever stands there that is no number means nothing.
    execution_count: Any = None


class Kernelspec(msgspec.Struct, frozen=True):
    """The kernel a notebook asks for."""

    language: str | None = None


class LanguageInfo(msgspec.Struct, frozen=True):
    """The language the notebook was last run in."""

    name: str | None = None


class DocumentMetadata(msgspec.Struct, frozen=True):
    """What nbflow reads of a notebook's metadata."""

    kernelspec: Kernelspec | None = None
    language_info: LanguageInfo | None = None


class Document(msgspec.Struct, frozen=True):
    """What nbflow reads of an nbformat 4 notebook."""

    nbformat: int
    cells: list[DocumentCell]
    metadata: DocumentMetadata = DocumentMetadata()


def parse(document: Mapping[str, Any], path: str | Path) -> Notebook:
    """The notebook in a document that is already in memory, as nbformat or JSON gives it.

    Raises
    ------
    NotebookError
        When it is not an nbformat 4 document, or not one for Python.

    >>> parse({"nbformat": 4, "cells": []}, "empty.ipynb").cells
    ()
    """
    if document.keys().isdisjoint(("nbformat", "cells", "worksheets")):
        raise NotebookError(
            f"`{path}` is not a notebook: it holds no cells", "Give the path of a notebook."
        )
    version = document.get("nbformat", 1)
    if version != 4:
        raise wrong_version(version, path)
    try:
        return notebook(msgspec.convert(dict(document), Document), path)
    except msgspec.ValidationError as error:
        raise _malformed(error, document, path) from None


def notebook(document: Document, path: str | Path) -> Notebook:
    """The notebook in a document of the right shape.

    Raises
    ------
    NotebookError
        When cells share an id, hold text that is not Unicode, or the kernel is not Python's.
    """
    metadata = document.metadata
    language = (metadata.language_info and metadata.language_info.name) or (
        metadata.kernelspec and metadata.kernelspec.language
    )
    if language and not _PYTHON.fullmatch(language):
        raise NotebookError(
            f"`{path}` is written for {language}, not for Python",
            "Choose a Python kernel for it in Jupyter, and save it.",
        )
    places = _places(document.cells)
    for cell, place in zip(document.cells, places, strict=True):
        _check_unicode(cell, place, path)
    ids = _ids(document.cells, places, path)
    cells = []
    for cell, identity, (number, _) in zip(document.cells, ids, places, strict=True):
        cells.append(
            Cell(
                id=identity,
                number=number,
                kind=cell.cell_type,
                source=_source(cell),
                tags=tuple(cell.metadata.tags or ()),
                metadata=cell.metadata.nbflow or {},
                collapsed=cell.metadata.collapsed is True,
                executed=count if type(count := cell.execution_count) is int else None,
            )
        )
    return Notebook(path=str(Path(path).absolute()), cells=tuple(cells))


def wrong_version(version: object, path: str | Path) -> NotebookError:
    """The error for a document of another major version of nbformat."""
    if isinstance(version, int) and version < 4:
        return NotebookError(
            f"`{path}` is in the old notebook format {version}",
            f"Convert it: `jupyter nbconvert --to notebook --inplace {shlex.quote(str(path))}`.",
        )
    return NotebookError(
        f"`{path}` is in notebook format {version}, which this version does not know",
        "Save it in notebook format 4, or upgrade nbflow.",
    )


def _malformed(
    error: msgspec.ValidationError, document: Mapping[str, Any], path: str | Path
) -> NotebookError:
    message = str(error)
    where = "the notebook"
    if match := _CELL_PATH.search(message):
        message = message[: match.start()]
        key = f"`{match[2]}` of " if match[2] else ""
        where = f"{key}cell {int(match[1]) + 1} of {len(document['cells'])}, counted from the top"
    return NotebookError(
        f"`{path}` is not a valid notebook: {message[:1].lower()}{message[1:]}, in {where}",
        "Repair it in a text editor, or open and save it in JupyterLab.",
    )


def _source(cell: DocumentCell) -> str:
    return cell.source if isinstance(cell.source, str) else "".join(cell.source)


def _places(cells: Sequence[DocumentCell]) -> list[tuple[int, str]]:
    """Each cell's number (0 unless it is code) and what to call it in a message."""
    places: list[tuple[int, str]] = []
    number = 0
    for position, cell in enumerate(cells, start=1):
        if cell.cell_type == "code" and _source(cell).strip():
            number += 1
            places.append((number, f"cell [{number}]"))
        else:
            places.append((0, f"the {cell.cell_type} cell at position {position}"))
    return places


def _check_unicode(cell: DocumentCell, place: tuple[int, str], path: str | Path) -> None:
    texts = [_source(cell), cell.id or "", *(cell.metadata.tags or ())]
    texts.append(json.dumps(cell.metadata.nbflow, ensure_ascii=False, default=str))
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError as error:
        code = ord(error.object[error.start])
        raise NotebookError(
            f"{place[1]} of `{path}` holds half a character (lone surrogate U+{code:04X})",
            "Delete that character: it cannot be run, nor saved as text.",
        ) from None


def _ids(
    cells: Sequence[DocumentCell], places: Sequence[tuple[int, str]], path: str | Path
) -> list[str]:
    """Every cell's own id, or a derived one where it has none (nbformat 4.0 to 4.4, jupytext).

    A derived id hashes the cell's mark up to its options (``step load``), or the whole source of
    a cell without one, and how many cells above say the same. So a marked cell keeps its id when
    its body or its options are edited or when it is moved, and loses it when it is renamed.
    """
    first: dict[str, str] = {}
    for cell, (_, place) in zip(cells, places, strict=True):
        if not cell.id:
            continue
        if cell.id in first:
            raise NotebookError(
                f"{first[cell.id]} and {place} of `{path}` have the same id `{cell.id}`",
                "Delete one of the two cells and paste it again, which gives it a new id.",
            )
        first[cell.id] = place
    ids: list[str] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for cell in cells:
        if cell.id:
            ids.append(cell.id)
            continue
        anchor = _anchor(cell)
        seen[anchor] += 1
        ids.append(DERIVED + digest.of_structure("cell-1", [*anchor, seen[anchor]])[:16])
    return ids


def _anchor(cell: DocumentCell) -> tuple[str, ...]:
    source, tags = _source(cell), cell.metadata.tags or ()
    marked = mark_of(source, tags, cell.metadata.nbflow or {})
    return (cell.cell_type, *(marked or (source,)))


def mark_of(
    source: str, tags: Iterable[str], metadata: Mapping[str, Any]
) -> tuple[str, str] | None:
    """A cell's mark up to its options, whichever way it is spelled: ``("step", "load")``."""
    for kind in ("step", "foreach"):
        marked = metadata.get(kind)
        if isinstance(marked, str):
            return kind, marked
        for tag in tags:
            if tag.startswith(f"{kind}:"):
                return kind, tag.removeprefix(f"{kind}:").strip()
    match = _MARK.search(source)
    return (match[1], match[2].strip()) if match else None
