"""Names that visibly share an object: ``y = x``, ``for row in rows``, ``for k, v in d.items()``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TypeAlias

from nbflow.analysis.definitions import is_literal
from nbflow.analysis.mutations import ELEMENTWISE, VIEWS
from nbflow.analysis.scopes import Scope
from nbflow.analysis.state import Root

Roots: TypeAlias = frozenset[Root]
#: Names that are about to be bound, with the roots of the objects that they get.
Shares: TypeAlias = list[tuple[str, Roots]]

_NONE: Roots = frozenset()


class Aliases:
    """Follows expressions back to the notebook's names whose objects they are, or are part of.

    Parameters
    ----------
    scope_of
        The scope that a name belongs to where the walk stands.
    """

    def __init__(self, scope_of: Callable[[str], Scope]) -> None:
        self._scope_of = scope_of

    def roots(self, node: ast.expr) -> Roots:
        """The names whose object changes visibly when this expression's object is changed."""
        match node:
            case ast.Name(id=name):
                return self._roots_of_name(name)
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                return self.roots(value)
            case ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.roots(value)
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in VIEWS:
                return self.roots(value)
            case ast.IfExp(body=body, orelse=orelse):
                return self.roots(body) | self.roots(orelse)
            case ast.BoolOp(values=values):
                return self._all(values)
        return _NONE

    def assigned(self, target: ast.expr, value: ast.expr) -> Shares:
        """What an assignment makes its targets share."""
        match target, value:
            case (ast.Tuple(elts=targets), ast.Tuple(elts=values)) if len(targets) == len(values):
                pairs = zip(targets, values, strict=True)
                return [share for pair in pairs for share in self.assigned(*pair)]
        return _each(target, self._shared(value))

    def looped(self, target: ast.expr, iterable: ast.expr) -> Shares:
        """What a loop makes its targets share with the elements of what it iterates over."""
        match target, iterable:
            case (
                ast.Tuple(elts=[_, element]),
                ast.Call(func=ast.Name("enumerate"), args=[inner, *_]),
            ):
                return self.looped(element, inner)
            case (
                ast.Tuple(elts=targets),
                ast.Call(func=ast.Name("zip"), args=inners),
            ) if len(targets) == len(inners):
                pairs = zip(targets, inners, strict=True)
                return [share for pair in pairs for share in self.looped(*pair)]
            case (
                ast.Tuple(elts=[_, element]),
                ast.Call(func=ast.Attribute(value=mapping, attr="items")),
            ):
                return _each(element, self.roots(mapping))
        return _each(target, self._elements(iterable))

    def share(self, shares: Shares) -> None:
        """The targets are bound now: remember what they share."""
        for name, roots in shares:
            scope = self._scope_of(name)
            if roots and scope.kind in {"module", "comprehension"}:
                scope.state.aliases[name] = roots

    def _roots_of_name(self, name: str) -> Roots:
        scope = self._scope_of(name)
        shared = scope.state.aliases.get(name, _NONE)
        if scope.kind == "module":
            return shared | {Root(name, above=name not in scope.state.sure)}
        return shared

    def _shared(self, value: ast.expr) -> Roots:
        match value:
            case ast.Subscript(slice=index) if not is_literal(index):
                return _NONE  # `df[mask]`, `xs[1:]`: mostly a copy
            case ast.Subscript(value=inner) | ast.Attribute(value=inner):
                return self._shared(inner)
        return self.roots(value)

    def _elements(self, iterable: ast.expr) -> Roots:
        match iterable:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return self._all(elements)
            case ast.Call(func=ast.Name(id=name), args=inners) if name in ELEMENTWISE:
                return frozenset().union(*map(self._elements, inners))
        return self.roots(iterable)

    def _all(self, nodes: Iterable[ast.expr]) -> Roots:
        return frozenset().union(*map(self.roots, nodes))


def _each(target: ast.expr, roots: Roots) -> Shares:
    match target:
        case ast.Name(id=name):
            return [(name, roots)]
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return [share for element in elements for share in _each(element, roots)]
        case ast.Starred(value=value):
            return _each(value, roots)
    return []
