"""Functions of the notebook that configure a library when they are called."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from nbflow.analysis.configuration import configuration_of
from nbflow.analysis.nodes import nodes_of
from nbflow.records.configuration import Configuration


def configurations_in(
    function: ast.stmt, reads_of: Callable[[ast.stmt], tuple[frozenset[str], frozenset[str]]]
) -> Iterator[Configuration]:
    """What a function tells libraries; as statements that stand where it is called.

    A statement that is not executed whenever the function is, or that needs more than what is
    global, cannot be said again.
    """
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    imports = {
        (alias.asname or alias.name.partition(".")[0]): statement
        for statement, _ in _statements(function.body, True)
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for alias in statement.names
    }
    own = _names_of(function) - imports.keys()
    for statement, surely in _statements(function.body, True):
        told = configuration_of(statement, reads_of)
        # What else is set on a module or class is found when it happens.
        known = isinstance(statement, ast.Expr) or (told is not None and told.package)
        if told is None or not known or told.root in own:
            continue
        told = replace(
            told,
            text=f"{told.text}` in `{function.name}(…)",
            repeats=told.repeats and surely and own.isdisjoint(told.needs | told.calls),
        )
        first = imports.get(told.root)
        if first is not None:
            top = _top(first)
            if told.package not in ("", top):
                continue
            told = replace(
                told,
                root="",
                package=top,
                source=f"{ast.unparse(first)}\n{told.source}",
                needs=told.needs - imports.keys(),
            )
        yield told


def surely_called(statements: Sequence[ast.stmt]) -> dict[str, int]:
    """The functions that are called by their plain names whenever these run: their first lines."""
    found: dict[str, int] = {}
    for statement in statements:
        match statement:
            case (
                ast.Expr(value=ast.Call(func=ast.Name(id=name)))
                | ast.Assign(value=ast.Call(func=ast.Name(id=name)))
                | ast.Return(value=ast.Call(func=ast.Name(id=name)))
            ):
                found.setdefault(name, statement.lineno)
    return found


def _statements(block: Sequence[ast.stmt], surely: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of a function, and whether each is executed whenever the function is."""
    left = False
    for statement in block:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        yield statement, surely and not left
        left |= any(isinstance(node, ast.Return) for node in nodes_of(statement))
        within = surely and not left and isinstance(statement, ast.With)
        for part in ast.iter_child_nodes(statement):
            if isinstance(part, ast.stmt):
                yield from _statements([part], within)
            elif isinstance(part, ast.ExceptHandler | ast.match_case):
                yield from _statements(part.body, False)


def _names_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """Names that mean something of the function's own."""
    found = {node.arg for node in nodes_of(function) if isinstance(node, ast.arg)}
    for node in nodes_of(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)


def _top(statement: ast.Import | ast.ImportFrom) -> str:
    module = statement.module if isinstance(statement, ast.ImportFrom) else statement.names[0].name
    return (module or "").partition(".")[0]
