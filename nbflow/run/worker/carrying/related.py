"""Whether one object holds on to another: a cursor to its connection, a writer to its file."""

from __future__ import annotations

import gc
import types
from collections.abc import Collection, Iterator, Mapping

#: So many objects are looked at on the way.
_MOST = 2_000
#: What leads anywhere.
_AWAY = (types.ModuleType, type, types.FunctionType)

#: What cannot be changed itself.
_UNCHANGING = (*_AWAY, tuple, frozenset, types.CodeType)

#: What holds others for all to see.
_SEEN = (*_AWAY, list, dict, tuple, set, frozenset, types.GeneratorType, types.CoroutineType)


def holders(one: object) -> Iterator[object]:
    """What a value is made of that can be changed, itself included."""
    return filter(is_holder, reached(one))


def is_holder(value: object) -> bool:
    """Whether a value holds others, and can be changed."""
    return gc.is_tracked(value) and not isinstance(value, _UNCHANGING)


def held_among(values: Mapping[str, object], parts: frozenset[int]) -> Iterator[str]:
    """The names of those values that can be changed and are among the parts of another one."""
    for name, value in values.items():
        if id(value) in parts and is_holder(value):
            yield name


def related(values: Mapping[str, object], others: Collection[object]) -> Iterator[str]:
    """The names of those values that hold on to one of the others, or are held by one."""
    wanted = {id(other) for other in others}
    held = {id(each) for other in others for each in reached(other)}
    for name, value in values.items():
        if isinstance(value, _AWAY) or not gc.is_tracked(value):
            continue
        if id(value) in held or any(id(each) in wanted for each in reached(value)):
            yield name


def held_unseen(one: object) -> Iterator[object]:
    """What an object holds that is written in C and shows nothing of it, as a writer its file."""
    if gc.is_tracked(one) and not isinstance(one, _SEEN) and not hasattr(one, "__dict__"):
        yield from holders(one)


def reached(one: object) -> Iterator[object]:
    """The objects that one holds on to, itself included."""
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
