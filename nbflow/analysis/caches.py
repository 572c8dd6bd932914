"""Functions that keep what they have given: which they are, and what cells ask of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from nbflow.analysis.definitions import is_literal
from nbflow.analysis.mutations import changed_by
from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import parse
from nbflow.records.facts import Definition

_CACHES = frozenset({"cache", "lru_cache"})


class Called(NamedTuple):
    """A call of a function by its plain name."""

    function: str
    #: Whether its arguments are all written out.
    is_plain: bool
    line: int
    #: The names that are bound to what it gives.
    bound: frozenset[str]


def is_cached(statement: ast.stmt) -> bool:
    """Whether it defines a function that gives again what it has given once."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    for decorator in decorators:
        match decorator.func if isinstance(decorator, ast.Call) else decorator:
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="functools"), attr=name):
                if name in _CACHES:
                    return True
    return False


def caches_counted(statements: Sequence[ast.stmt]) -> dict[str, int]:
    """Names whose ``cache_info()`` is called, with their first lines."""
    found: dict[str, int] = {}
    for statement in statements:
        for node in nodes_of(statement):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="cache_info")):
                    found.setdefault(name, node.lineno)
    return found


@lru_cache(maxsize=1024)
def calls_in(body: str) -> Mapping[str, Called]:
    """The calls of functions by their plain names, by their text.

    >>> calls_in("d = load(3)")["load(3)"].bound
    frozenset({'d'})
    """
    found: dict[str, Called] = {}
    for node in _nodes(body):
        match node:
            case ast.Assign(targets=targets, value=ast.Call() as call):
                bound = frozenset(t.id for t in targets if isinstance(t, ast.Name))
            case ast.Call() as call:
                bound = frozenset()
            case _:
                continue
        arguments = (*call.args, *(keyword.value for keyword in call.keywords))
        if isinstance(call.func, ast.Name):
            text, is_plain = ast.unparse(call), all(map(is_literal, arguments))
            held = found.get(text, Called(call.func.id, is_plain, call.lineno, bound))
            found[text] = held._replace(bound=held.bound | bound)
    return found


@lru_cache(maxsize=1024)
def changed_in(body: str) -> frozenset[str]:
    """The names whose object a body visibly changes in place, wherever it comes from.

    So of what a call gives, by its text.
    """
    found: set[str] = set()
    for node in _nodes(body):
        match node:
            case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()):
                found |= _root(value)
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                found |= _root(value)
            case ast.Call():
                found = found.union(*map(_root, changed_by(node, dropped=True)))
    return frozenset(found)


def gave_other(kept: Definition, text: str, bodies: Sequence[str]) -> int | None:
    """The first of these bodies that got by a call what is not made again by calling once more.

    Parameters
    ----------
    kept
        The function that is called, which keeps what it gives.
    text
        A call of it in a body below.
    """
    chance = kept.draws or any(hazard.kind in ("clock", "randomness") for hazard in kept.hazards)
    acts = chance or kept.changes or kept.writes or "print" in kept.calls
    for place, body in enumerate(bodies):
        same = calls_in(body).get(text)
        if acts and (same or _may_meet(kept, text, body)):
            return place
        changed = frozenset[str]().union(*map(changed_in, bodies[place:]))
        if not _names_of(kept, text, body).isdisjoint(changed):
            return place
    return None


def _names_of(kept: Definition, text: str, body: str) -> frozenset[str]:
    """What a body calls that which a call below may be given as well: names, and calls."""
    meets = _may_meet(kept, text, body)
    calls = {
        said: call
        for said, call in calls_in(body).items()
        if said == text or (meets and call.function in kept.names)
    }
    return frozenset(calls).union(*(call.bound for call in calls.values()))


def _may_meet(kept: Definition, text: str, body: str) -> bool:
    """Whether a function may be called with the same arguments in a body as by a call below."""
    ours = [each for each in calls_in(body).values() if each.function in kept.names]
    # One that calls itself asks for what no cell says.
    calls_itself = not kept.calls.isdisjoint(kept.names)
    is_plain = not calls_itself and all(each.is_plain for each in (*ours, *calls_in(text).values()))
    return bool(ours) and not is_plain


def _nodes(body: str) -> tuple[ast.AST, ...]:
    try:
        statements = parse(body).statements
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(node for statement in statements for node in nodes_of(statement))


def _root(node: ast.expr) -> frozenset[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    match node:
        case ast.Name(id=name):
            return frozenset({name})
        case ast.Call(func=ast.Name()):
            return frozenset({ast.unparse(node)})
    return frozenset()
