"""Definitions that do something beyond themselves when they are executed: they enrol somewhere.

``@register`` puts a function into a dictionary, ``@area.register`` into a generic function, a
subclass is told to its base. Whoever reads the one below must have the others executed.
"""

from __future__ import annotations

import re

from nbflow.flow.reach import Reach
from nbflow.flow.scope import FromDefinition, FromOrdinary, FromStep, Placed, Position, Scope
from nbflow.steps import CodeCell

#: What makes a class hear of its subclasses: a hook, or being a metaclass.
_HEARS = re.compile(r"__init_subclass__|\(\s*type\s*[,)]")

#: What keeps what it is told by ``register`` where nothing shows it.
_IS_TOLD = re.compile(r"@.*\bsingledispatch(method)?\b|\bABC(Meta)?\b")


def enrolled_in(scope: Scope, code: CodeCell, placed: Placed) -> list[str]:
    """The names whose object the execution of a definition visibly changes."""
    definition = placed.definition
    if not definition.needs or definition.kind in ("import", "constant"):
        return []
    found = {n for n in definition.decorators if _can_hold(scope, n, placed.position)}
    needs = dict.fromkeys(sorted(definition.needs), definition.line)
    for other in Reach(scope, code, placed.position).of(needs, {}).definitions:
        told = other.definition
        if told.kind == "function":
            found |= told.changes | told.writes
        elif (
            told.kind == "class"
            and definition.kind == "class"
            and (scope.asks_subclasses or _HEARS.search(told.source))
        ):
            found |= {*told.names, *told.changes, *told.writes}
    return sorted(name for name in found - {*definition.names} if _own(scope, name, placed))


def registered_with(scope: Scope, placed: Placed) -> list[str]:
    """The generic functions and abstract classes of the notebook that a statement tells of others.

    What one keeps is nothing that could be handed on: it is told once more where it is read.
    """
    held = {name: holder(scope, name, placed.position) for name in placed.definition.decorators}
    return sorted(name for name, one in held.items() if one is not None and _is_told(one))


def _is_told(held: Placed) -> bool:
    kind, source = held.definition.kind, held.definition.source
    return kind in ("function", "class") and _IS_TOLD.search(source) is not None


def _own(scope: Scope, name: str, placed: Placed) -> bool:
    """Whether it is for this definition to say so: a step hands on the data that it changes."""
    held = holder(scope, name, placed.position)
    if held is not None and held.definition.kind in ("function", "class"):
        return True
    return not placed.step and bool(scope.above(name, placed.position))


def holder(scope: Scope, name: str, position: Position) -> Placed | None:
    """The definition that a name stands for above a place, where it stands for one."""
    for binding in scope.above(name, position):
        match binding:
            case FromDefinition(placed) if name not in placed.definition.names:
                continue  # it only changes it, or is a star import
            case FromDefinition(placed):
                return placed
            case _:
                return None
    return None


def _can_hold(scope: Scope, name: str, position: Position) -> bool:
    """Whether it is an object of the notebook's own, not a library."""
    held = holder(scope, name, position)
    if held is not None:
        return held.definition.kind != "import"
    return any(isinstance(b, FromStep | FromOrdinary) for b in scope.above(name, position)[:1])
