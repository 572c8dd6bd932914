"""All nodes of a tree, walked once however many look at them."""

from __future__ import annotations

import ast
from typing import Any


def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """The tree itself and all below it, the outer ones first; kept with the tree."""
    kept: Any = tree.__dict__.get("_nodes")
    if kept is None:
        kept = tree.__dict__["_nodes"] = tuple(ast.walk(tree))
    nodes: tuple[ast.AST, ...] = kept
    return nodes
