"""Which functions a cell asks how often their caches were of use."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from nbflow.analysis.nodes import nodes_of


def caches_counted(statements: Sequence[ast.stmt]) -> dict[str, int]:
    """Names whose ``cache_info()`` is called, with their first lines."""
    found: dict[str, int] = {}
    for statement in statements:
        for node in nodes_of(statement):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="cache_info")):
                    found.setdefault(name, node.lineno)
    return found
