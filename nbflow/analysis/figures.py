"""Which bodies go on with pyplot's current figure, where one cell's outlives the cell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import parse

#: Backends beside the usual one, and its own switch, after which figures stay open.
_STAYING = re.compile(
    r"%matplotlib\s+(?!inline|-)\w|close_figures\s*=\s*False|\b(matplotlib|mpl)\.use\(|switch_backend\("
)
#: Pyplot's own switch: they stay open until they are shown.
_SWITCH = re.compile(r"\.ioff\(\)|\.ion\(\)|\.interactive\((?:True|False)\)")
_PYPLOT = frozenset({"plt", "pyplot", "pylab"})
#: What makes a figure of its own, or is about none.
_MAKING = frozenset({"figure", "subplots", "subplot_mosaic", "figaspect", "matshow"})
_IDLE = frozenset(
    {"rc", "rcParams", "rcdefaults", "rc_context", "style", "xkcd", "ion", "ioff", "cm"}
    | {"switch_backend", "get_cmap", "colormaps", "get_fignums", "fignum_exists", "isinteractive"}
    | {"register_cmap", "set_cmap", "set_loglevel", "Figure", "Axes", "Circle", "Rectangle"}
)


def figures_stay(bodies: Iterable[str]) -> bool:
    """Whether these cells have pyplot's figures stay open when a cell has ended.

    >>> figures_stay(["%matplotlib inline"]), figures_stay(["%matplotlib widget"])
    (False, True)
    """
    return any(_STAYING.search(body) for body in bodies)


def figures_wait(bodies: Iterable[str]) -> bool:
    """Whether below these cells pyplot's figures stay open until somebody shows them.

    >>> figures_wait(["plt.ioff()", "x = 1"]), figures_wait(["plt.ioff()", "plt.ion()"])
    (True, False)
    """
    switches = [text for body in bodies for text in _SWITCH.findall(body)]
    return bool(switches) and ("ioff" in switches[-1] or "False" in switches[-1])


@lru_cache(maxsize=1024)
def of_pyplot(
    body: str, within: bool = False
) -> tuple[Literal["makes", "goes on", "shows", ""], int]:
    """What a body first does with pyplot's figures, and in which line.

    >>> of_pyplot("plt.title('x')"), of_pyplot("fig, ax = plt.subplots()"), of_pyplot("x = 1")
    (('goes on', 1), ('makes', 1), ('', 0))

    Parameters
    ----------
    within
        Whether what its functions do counts, which somebody calls.
    """
    try:
        statements = parse(body).statements
    except (SyntaxError, ValueError, RecursionError):
        return "", 0
    found = sorted(
        (node.lineno, node.col_offset, node.attr)
        for statement in statements
        if within or not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in nodes_of(statement)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in _PYPLOT
        and node.attr not in _IDLE
    )
    for line, _, name in found:
        if name == "show":
            return "shows", line
        return ("makes" if name in _MAKING else "goes on"), line
    return "", 0
