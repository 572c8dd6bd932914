"""Which values are addresses of objects: numbers that mean something in one process only."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from nbflow.analysis.nodes import nodes_of


def gives_address(tree: ast.AST) -> bool:
    """Whether anything in a definition asks for the address of an object."""
    return any(map(_is_address, nodes_of(tree)))


def addresses_kept(statements: Sequence[ast.stmt]) -> tuple[tuple[int, str], ...]:
    """Line and text of the addresses that statements bind to names."""
    return tuple(
        (node.lineno, ast.unparse(node)) for node in _values(statements) if _is_address(node)
    )


def calls_kept(statements: Sequence[ast.stmt]) -> dict[str, int]:
    """Functions whose values statements bind to names, with their first lines."""
    found: dict[str, int] = {}
    for node in _values(statements):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                found.setdefault(name, node.lineno)
    return found


def _values(statements: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """All expressions within the values of assignments."""
    for statement in statements:
        for node in nodes_of(statement):
            match node:
                case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                    yield from (each for each in nodes_of(value) if isinstance(each, ast.expr))


def _is_address(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="id"), args=[_]):
            return True
        case ast.Attribute(attr="__array_interface__" | "data_ptr"):
            return True
        case ast.Attribute(attr="data", value=ast.Attribute(attr="ctypes")):
            return True
    return False
