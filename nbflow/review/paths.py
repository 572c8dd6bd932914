"""Paths that lead to one machine's folders, and nowhere on another."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import Magic, parse
from nbflow.records.problem import Problem
from nbflow.review.subject import Subject, also

#: A home, or a drive: paths wherever they stand.
_SURELY = re.compile(r"(?:~[\w.-]*/\S|[A-Za-z]:[\\/](?![\\/])\w|file:///?\w|/(?:home|Users)/\w)")
#: Folders of Unix, of Colab, Kaggle and clusters.
_ROOTS = (
    *("mnt", "data", "root", "content", "kaggle", "var", "opt", "media", "Volumes", "usr", "etc"),
    *("scratch", "srv", "private", "gdrive", "workspace", "datasets", "dbfs", "tmp"),
)
_PROBABLY = re.compile(rf"/(?:{'|'.join(_ROOTS)})/[\w.-]")
_COMMANDS = frozenset({"!", "%cd", "%run", "%ls", "%cp", "%mv", "%rm", "%mkdir", "%cat", "%less",
                       "%%writefile", "%%bash", "%%sh", "%load", "%env"})  # fmt: skip
#: A text this long is no path.
_LONGEST = 250


def paths(subject: Subject) -> Iterator[Problem]:
    """Each absolute path, where it stands first."""
    first: dict[str, tuple[str, int, int]] = {}
    cells: dict[str, list[int]] = {}
    for code in subject.codes():
        for line, text in _paths_in(code.body):
            first.setdefault(text, (code.cell.id, code.cell.number, line))
            cells.setdefault(text, []).append(code.cell.number)
    for text, (cell, number, line) in first.items():
        others = also(each for each in cells[text] if each != number)
        yield Problem(
            "absolute-path",
            f"`{text}`{others} is a path of one machine",
            "Write it relative to the notebook, or make the folder a parameter.",
            cell,
            number,
            line,
            "warning",
        )


def _paths_in(body: str) -> Iterator[tuple[int, str]]:
    try:
        statements = parse(body).statements
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return
    documented = {id(node.value) for s in statements for node in _bare_texts(s)}
    found: list[tuple[int, str]] = []
    for statement in statements:
        for node in nodes_of(statement):
            match node:
                case Magic(name=name, line=text) if name in _COMMANDS:
                    words = re.split(r"[\s'\"=]+", text)
                    found += [(node.lineno, word) for word in words if _is_path(word)]
                case ast.Constant(value=str() as text) if id(node) not in documented:
                    if _is_path(text):
                        found.append((node.lineno, text))
    yield from sorted(set(found))


def _bare_texts(statement: ast.stmt) -> Iterator[ast.Expr]:
    """Texts that stand alone, as docstrings do."""
    for node in nodes_of(statement):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node


def _is_path(text: str) -> bool:
    if len(text) > _LONGEST or "\n" in text or "`" in text:
        return False
    return bool(_SURELY.match(text) or _PROBABLY.match(text))
