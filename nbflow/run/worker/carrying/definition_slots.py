"""Where a definition keeps something: its slots, those of its parts, and how they are set again.

A class keeps attributes, an enumeration those of its members as well; a function keeps attributes,
defaults and the cells of its closure; an object that stands for a function keeps attributes. Their
parts are methods, the functions that decorators have wrapped, inner classes and the like. What a
cache remembers is not kept: values are the same without it.
"""

from __future__ import annotations

import enum
import functools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from nbflow.store import class_objects


class Slot(NamedTuple):
    """``("attribute", "total", "")``, ``("default", "0", "/attribute add")``.

    What stands in an object that a class has made is in a slot of its own: ``("made", "0", "")``.
    """

    kind: str
    name: str
    #: The slots that lead to the part that keeps it; empty for the definition itself.
    path: str


#: What makes a member of an enumeration one.
_OF_MEMBERS = frozenset({"_value_", "_name_", "__objclass__", "_sort_order_"})
#: What a function says of itself, and may be told to say.
_SAID = ("__doc__", "__name__", "__qualname__", "__module__", "__code__")
#: From Python 3.14 on annotations are evaluated when they are asked for.
_ARE_ANNOTATIONS_KEPT = sys.version_info < (3, 14)
#: Whether a class or function is a definition by itself, and no part of another one.
IsBound: TypeAlias = Callable[[Any], bool]


def is_definition(value: Any) -> bool:
    """Whether a value is the notebook's own, and stands for a class or function."""
    if isinstance(value, types.FunctionType):
        return value.__module__ == "__main__"
    if isinstance(value, type):
        return value.__module__ == "__main__"
    return type(value).__module__ == "__main__" and callable(value)


def slots_of(definition: Any, is_bound: IsBound) -> dict[Slot, Any]:
    """All that is kept on a definition."""
    return {
        Slot(kind, name, path): value
        for path, part in _parts(definition, is_bound)
        for kind, name, value in (*_own_slots(part), *_made(part))
    }


def put_back(definition: Any, state: Mapping[str, Any], is_bound: IsBound) -> None:
    """Have a definition keep what it kept when such a state was taken."""
    parts = dict(_parts(definition, is_bound))
    for kind, name, path in state["gone"]:
        part = parts.get(path)
        if kind == "attribute" and name in _attributes(part):
            delattr(part, name)
        elif kind == "annotation" and _ARE_ANNOTATIONS_KEPT:
            _told_of(part).pop(name, None)
    kept: dict[str, list[tuple[str, str, Any]]] = {}
    for (kind, name, path), value in state["kept"].items():
        kept.setdefault(path, []).append((kind, name, value))
    for path, values in kept.items():
        if path in parts:
            _fill(parts[path], values)


def _parts(definition: Any, is_bound: IsBound) -> Iterator[tuple[str, Any]]:
    waiting = [("", definition)]
    seen = {id(definition)}
    while waiting:
        path, part = waiting.pop()
        yield path, part
        for kind, name, value in _own_slots(part):
            inner = _unwrapped(value)
            if _is_part(inner) and id(inner) not in seen and not is_bound(inner):
                seen.add(id(inner))
                waiting.append((f"{path}/{kind} {name}", inner))


def _is_part(value: Any) -> bool:
    kind: Any = type(value)
    if kind is types.FunctionType or issubclass(kind, type):
        return is_definition(value)
    return kind.__module__ == "__main__" and (callable(value) or hasattr(kind, "__get__"))


def _unwrapped(value: Any) -> Any:
    match value:
        case staticmethod() | classmethod():
            return value.__func__
        case property():
            return value.fget
        case functools.cached_property():
            return value.func
        case functools._lru_cache_wrapper():
            return value.__wrapped__
    return value


def _own_slots(part: Any) -> Iterator[tuple[str, str, Any]]:
    if isinstance(part, enum.EnumMeta):
        yield from _enumerated(part)
        return
    if isinstance(part, type):
        for name, value in vars(part).items():
            special = name.startswith("__") and name.endswith("__") and name != "__doc__"
            if not special or isinstance(value, types.FunctionType | staticmethod | classmethod):
                yield "attribute", name, value
        yield "attribute", "__name__", part.__name__
        yield "attribute", "__qualname__", part.__qualname__
        yield from _annotations(part)
        return
    for name, value in _attributes(part).items():
        yield "attribute", name, value
    if not isinstance(part, types.FunctionType):
        return
    for name in _SAID:
        yield "attribute", name, getattr(part, name)
    for place, value in enumerate(part.__defaults__ or ()):
        yield "default", str(place), value
    for name, value in (part.__kwdefaults__ or {}).items():
        yield "keyword", name, value
    yield from _annotations(part)
    for name, cell in _cells(part):
        try:
            yield "closure", name, cell.cell_contents
        except ValueError:
            continue


def _annotations(part: Any) -> Iterator[tuple[str, str, Any]]:
    if _ARE_ANNOTATIONS_KEPT:
        for name, value in _told_of(part).items():
            yield "annotation", name, value


def _told_of(part: Any) -> dict[str, Any]:
    """The annotations of a function, or of a class alone."""
    told = vars(part).get("__annotations__") if isinstance(part, type) else part.__annotations__
    return told if isinstance(told, dict) else {}


def _enumerated(part: enum.EnumMeta) -> Iterator[tuple[str, str, Any]]:
    members: Mapping[str, Any] = part.__members__
    for name, member in members.items():
        if name == member.name:
            yield "member", name, _own_attributes(member)
    for name, value in vars(part).items():
        if not name.startswith("_") and name not in members:
            yield "attribute", name, value


def _own_attributes(member: Any) -> dict[str, Any]:
    """What a member of an enumeration has been given beside what makes it one."""
    return {name: value for name, value in vars(member).items() if name not in _OF_MEMBERS}


def _made(part: Any) -> Iterator[tuple[str, str, Any]]:
    if isinstance(part, type):
        for each, place in class_objects.own(part):
            yield "made", str(place), class_objects.content_of(each)


def _attributes(part: Any) -> Mapping[str, Any]:
    """Without asking code that a user could have written."""
    if isinstance(part, type):
        return vars(part)
    try:
        attributes: dict[str, Any] = object.__getattribute__(part, "__dict__")
    except AttributeError:
        return {}
    return attributes


def _cells(function: types.FunctionType) -> Iterator[tuple[str, types.CellType]]:
    return zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)


def _fill(part: Any, values: list[tuple[str, str, Any]]) -> None:
    defaults = list(getattr(part, "__defaults__", None) or ())
    cells = dict(_cells(part)) if isinstance(part, types.FunctionType) else {}
    for kind, name, value in values:
        match kind:
            case "made" if int(name) < len(made := class_objects.of(part)):
                class_objects.fill(made[int(name)], value)
            case "member" if name in part.__members__:
                attributes = vars(part.__members__[name])
                for each in attributes.keys() - _OF_MEMBERS:
                    del attributes[each]
                attributes.update(value)
            case "attribute" if isinstance(part, type | types.FunctionType):
                setattr(part, name, value)
            case "attribute":
                part.__dict__[name] = value
            case "default" if int(name) < len(defaults):
                defaults[int(name)] = value
            case "keyword":
                part.__kwdefaults__ = {**(part.__kwdefaults__ or {}), name: value}
            case "annotation" if _ARE_ANNOTATIONS_KEPT:
                part.__annotations__[name] = value
            case "closure" if name in cells:
                cells[name].cell_contents = value
    if defaults:
        part.__defaults__ = tuple(defaults)
