"""Whether one object holds on to another: a cursor to its connection, a writer to its file."""

from __future__ import annotations

import gc
import types
from collections.abc import Iterable, Iterator

#: So many objects are looked at on the way.
_MOST = 2_000
#: What leads anywhere.
_AWAY = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType)


def are_related(one: object, others: Iterable[object]) -> bool:
    """Whether an object can be reached from one of the others, or one of those from it."""
    others = list(others)
    wanted = {id(other) for other in others}
    if isinstance(one, _AWAY) or not gc.is_tracked(one):
        return False
    return any(id(each) in wanted for each in _reached(one)) or any(
        each is one for other in others for each in _reached(other)
    )


def _reached(one: object) -> Iterator[object]:
    waiting, seen = [one], {id(one)}
    while waiting and len(seen) < _MOST:
        each = waiting.pop()
        yield each
        if isinstance(each, types.BuiltinFunctionType):
            held = [each.__self__]  # as the method by which a writer writes
        elif isinstance(each, _AWAY):
            continue
        else:
            held = gc.get_referents(each)
        for part in held:
            if id(part) not in seen and not isinstance(part, types.ModuleType):
                seen.add(id(part))
                waiting.append(part)
