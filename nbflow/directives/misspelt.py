"""Marks that somebody meant to write: a slip of the pen must not leave a step an ordinary cell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nbflow.directives.marks import KINDS, head
from nbflow.directives.options import close, known
from nbflow.records.notebook import Cell
from nbflow.records.problem import Problem

_MAGIC = re.compile(r"\s*(%%?)(\s*)([A-Za-z_][\w-]*)")
_OURS = re.compile(rf"\s*%%({'|'.join(KINDS)})\b")
_COMMENT = re.compile(r"\s*#\|\s*([A-Za-z][\w-]*)\s*:")
#: As alike as `stpe` is to `step`; no magic of IPython's own is.
_ALIKE = 0.75


def misspelt(cell: Cell) -> Iterator[Problem]:
    """What looks like a mark in a cell that has none."""
    lines = cell.source.split("\n")
    start = head(lines)
    is_question = start < len(lines) and lines[start].rstrip().endswith("?")
    if start < len(lines) and not is_question and (match := _MAGIC.match(lines[start])):
        percent, space, word = match[1], match[2], match[3]
        exact = word in KINDS and (space != "" or percent == "%")
        meant = word if exact else close(word, KINDS, _ALIKE) if percent == "%%" else None
        if meant is not None:
            yield _problem(f"`{percent}{space}{word}`", f"`%%{meant}`", start + 1, is_sure=True)
    # Below another cell magic there may be any text.
    is_python = start < len(lines) and not lines[start].lstrip().startswith("%%")
    for number, line in enumerate(lines[start + 1 :] if is_python else (), start + 2):
        if _OURS.match(line) and not _is_text(lines, number - 1):
            message = f"`{line.strip()}` stands below other lines, where it is no mark"
            remedy = "Make it the first line of the cell, or split the cell above it."
            yield Problem("misspelt-mark", message, remedy, line=number)
    for number, line in enumerate(lines[:start], 1):
        if (match := _COMMENT.match(line)) and (meant := _meant(match[1])):
            yield _problem(f"`#| {match[1]}:`", f"`#| {meant}:`", number, is_sure=False)
    for tag in cell.tags:
        word, colon, value = tag.partition(":")
        if (meant := _meant(word)) and (colon or word.lower() == meant):
            yield _problem(f"the tag `{tag}`", f"`{meant}{colon}{value}`", 0, is_sure=False)
    for key in cell.metadata:
        if meant := _meant(key.replace("_", "-")):
            yield _problem(f"`{key}` in its metadata", f"`{meant}`", 0, is_sure=True)


def _meant(word: str) -> str | None:
    return None if word in KINDS or known(word) else close(word.strip(), KINDS, _ALIKE)


def _problem(what: str, meant: str, line: int, is_sure: bool) -> Problem:
    message = f"{what} marks nothing; perhaps {meant} was meant"
    return Problem(
        "misspelt-mark",
        message,
        f"Write {meant}.",
        severity="error" if is_sure else "warning",
        line=line or None,
    )


def _is_text(lines: list[str], place: int) -> bool:
    """Whether a line is in the middle of a text: the rest is then no Python without it."""
    rest = [
        "" if number != place and line.lstrip().startswith(("%", "!")) else line
        for number, line in enumerate(lines)
    ]
    try:
        ast.parse("\n".join(rest))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
