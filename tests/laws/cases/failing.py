"""Cells that are tagged as ones that may raise: what they have left until then is there below."""

from __future__ import annotations

from nbformat import NotebookNode

from tests.laws.cases.case import case
from tests.notebooks import code


def failing(name: str, source: str) -> NotebookNode:
    """A step that goes on after its own exception."""
    return code(source, f"step:{name}", "raises-exception")


CASES = (
    case(
        "what is bound before an exception is kept, what comes after it is as it was",
        "a = 1\nb = 1\nitems = []",
        failing("fails", "a = 2\nitems.append(a)\nprint('so far')\n1 / 0\nb = 2\nitems.append(b)"),
        "x = a, b, items",
    ),
    case(
        "a tagged cell that raises nothing",
        failing("fine", "a = 3"),
        "b = a + 1",
    ),
    case(
        "a name that is nowhere, where that is what is shown",
        "a = 1",
        failing("fails", "print(a)\nnowhere + 1"),
        "b = a + 1",
    ),
    case(
        "a line that is no Python, where that is what is shown",
        "a = 1",
        failing("fails", "def broken(:\n    pass"),
        "b = a + 1",
    ),
    case(
        "an exception of the notebook's own in a tagged cell",
        code("class Refused(Exception):\n    pass"),
        "def refuse(v):\n    if v > 1:\n        raise Refused(v)\n    return v",
        failing("fails", "c = refuse(1)\nd = refuse(2)"),
        "x = c, 'd' in globals()",
    ),
)
