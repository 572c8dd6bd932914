"""Python's scopes: which names belong to a function, and which reach the notebook's own names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from nbflow.analysis.state import State


@dataclass(slots=True)
class Scope:
    """A scope that the walk is in."""

    kind: Literal["module", "class", "function", "comprehension"]
    #: Locals of a function, targets of a comprehension; a class or module binds as it goes.
    names: set[str] = field(default_factory=set)
    #: Names declared ``global`` here.
    outside: set[str] = field(default_factory=set)
    #: What is bound where the walk stands; of a function only the shape of its paths matters.
    state: State = field(default_factory=State)


def function_scope(parameters: ast.arguments | None, body: Sequence[ast.AST]) -> Scope:
    """The scope of a function: its locals are settled before it runs."""
    scope = Scope("function")
    nonlocals: set[str] = set()
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        match node:
            case ast.Name(id=name, ctx=context):
                if not isinstance(context, ast.Load):
                    scope.names.add(name)
                continue
            case ast.Constant() | ast.Lambda():
                continue
            case ast.Global(names=names):
                scope.outside.update(names)
            case ast.Nonlocal(names=names):
                nonlocals.update(names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                scope.names.add(node.name)
                pending += node.decorator_list
                continue
            case ast.comprehension():
                # Its targets are its own, unlike a walrus in it.
                pending += [node.iter, *node.ifs]
                continue
            case _:
                scope.names.update(bound_by(node))
        pending += ast.iter_child_nodes(node)
    scope.names -= scope.outside | nonlocals
    if parameters is not None:
        scope.names.update(argument.arg for argument in all_parameters(parameters))
    return scope


def bound_by(node: ast.AST) -> Iterable[str]:
    """The names that one node binds or deletes, its children left aside."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return (name,)
        case ast.Import() | ast.ImportFrom():
            return [name for alias in node.names if (name := imported_name(alias)) != "*"]
        case ast.ExceptHandler(name=str(name)):
            return (name,)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
    return ()


def imported_name(alias: ast.alias) -> str:
    """The name that an import binds: ``a`` for ``import a.b``."""
    return alias.asname or alias.name.split(".")[0]


def all_parameters(parameters: ast.arguments) -> list[ast.arg]:
    """Every parameter of a function, whatever its kind."""
    found = [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs]
    return found + [arg for arg in (parameters.vararg, parameters.kwarg) if arg is not None]
