"""All nodes of a tree, walked once however many look at them."""

from __future__ import annotations

import ast
from typing import Any


def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """The tree itself and all below it, the outer ones first; kept with the tree."""
    kept: Any = tree.__dict__.get("_nodes")
    if kept is None:
        kept = tree.__dict__["_nodes"] = _walked(tree)
    nodes: tuple[ast.AST, ...] = kept
    return nodes


def _walked(tree: ast.AST) -> tuple[ast.AST, ...]:
    """As ``ast.walk``, in half its time."""
    nodes = [tree]
    for node in nodes:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                nodes.append(value)
            elif isinstance(value, list):
                nodes += [item for item in value if isinstance(item, ast.AST)]
    return tuple(nodes)
