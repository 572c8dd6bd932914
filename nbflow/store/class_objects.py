"""Objects that a class makes in its body: who holds one holds that very one, and no copy of it.

Such an object (``EMPTY = object()``, ``items = []``, a default of a method) is known by its class
and by its number there. It is made where the class is defined, wherever that is.
"""

from __future__ import annotations

import enum
import types
import weakref
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copyreg import _slotnames  # type: ignore[attr-defined] # typeshed leaves it out
from typing import Any

#: So many objects of a class are known.
_MOST = 1000
_MAPPINGS = (dict, OrderedDict, defaultdict, Counter)
_PLAIN = frozenset({object, list, set, bytearray, deque, *_MAPPINGS})
#: What a named tuple keeps of its own accord.
_OF_NAMED_TUPLES = "_field_defaults"
_MISSING = object()

#: The objects of each class as its statement has left them, by ``id`` of the class.
_objects: dict[int, tuple[weakref.ref[type], tuple[Any, ...]]] = {}
#: Class and number of each of them, by its own ``id``, which stays its own as it is kept above.
places: dict[int, tuple[weakref.ref[type], int]] = {}


def note(cls: type, namespace: Mapping[str, Any] | None) -> None:
    """A class has just been defined: note what it has made, not what has names of its own."""
    if made := tuple(_made_by(cls)):
        keep(cls, made, set(map(id, (namespace or {}).values())))


def keep(cls: type, made: tuple[Any, ...], others: Iterable[int] = ()) -> None:
    """These are the objects of a class, in order; some, by ``id``, count as others'."""
    number = id(cls)

    def forget(_: object) -> None:
        del _objects[number]
        for each in made:
            if id(each) in places and places[id(each)][0] is reference:
                del places[id(each)]

    reference = weakref.ref(cls, forget)
    _objects[number] = reference, made
    for place, each in enumerate(made):
        if id(each) not in others:
            places.setdefault(id(each), (reference, place))


def of(cls: type) -> Sequence[Any]:
    """The objects of a class, in order."""
    known = _objects.get(id(cls))
    return known[1] if known is not None and known[0]() is cls else ()


def place_of(each: object) -> tuple[type, int] | None:
    """Class and number of an object, if a class has made it."""
    known = places.get(id(each))
    cls = known and known[0]()
    return (cls, known[1]) if known and cls else None


def own(cls: type) -> list[tuple[Any, int]]:
    """The objects of a class that are no others' at the same time, and their numbers."""
    numbered = enumerate(of(cls))
    return [(each, number) for number, each in numbered if place_of(each) == (cls, number)]


def shape_of(each: Any) -> tuple[Any, ...]:
    """The type of an object, and what one of this type is made with beside its content."""
    kind = type(each)
    if kind is deque:
        return kind, (), each.maxlen
    if kind is defaultdict:
        return kind, each.default_factory
    return (kind,)


def fill_stored(context: Any, cls: type, each: Any, content: Any) -> None:
    """Fill an object where its class is loaded."""
    context.fill(cls, each, content)


class Made:
    """Stands in a pickle for what is in an object that a class has made."""

    def __init__(self, context: object, cls: type, each: object) -> None:
        self._parts = context, cls, each

    def __reduce__(self) -> tuple[Any, ...]:
        return fill_stored, (*self._parts, content_of(self._parts[-1]))


def content_of(each: Any) -> Any:
    """What is in an object now, for :func:`fill`."""
    kind = type(each)
    if kind in _MAPPINGS:
        return dict(each)
    if kind in (list, deque):
        return list(each)
    if kind in (set, bytearray):
        return kind(each)
    slots = ((name, _get(each, name)) for name in _slots(kind))
    kept = {name: value for name, value in slots if value is not _MISSING}
    return dict(attributes_of(each)), kept


def fill(each: Any, content: Any) -> None:
    """Put something else into an object, in place."""
    kind = type(each)
    if kind in _PLAIN:
        if kind is not object:
            each.clear()
            each.extend(content) if kind in (list, bytearray, deque) else each.update(content)
        return
    attributes, slots = content
    if own := attributes_of(each):
        own.clear()
    if attributes:
        _get(each, "__dict__").update(attributes)
    for name in _slots(kind):
        if name in slots:
            object.__setattr__(each, name, slots[name])
        elif _get(each, name) is not _MISSING:
            object.__delattr__(each, name)


def _made_by(cls: type) -> Iterator[Any]:
    """In an order that is the same wherever the class is defined."""
    if issubclass(cls, enum.Enum):
        return
    own = ((n, v) for n, v in vars(cls).items() if n != _OF_NAMED_TUPLES)
    waiting = [v for n, v in own if not _is_special(n) or _is_callable(v)]
    seen: set[int] = set()
    left = _MOST
    for each in waiting:  # grows meanwhile
        if id(each) in seen:
            continue
        seen.add(id(each))
        if _is_filled(each):
            yield each
            left -= 1
        if not left:
            return
        waiting += _parts(each, cls)


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_callable(value: object) -> bool:
    return isinstance(value, types.FunctionType | staticmethod | classmethod)


def _is_filled(each: Any) -> bool:
    """Whether it is of a kind that can be given another content in place."""
    kind = type(each)
    if kind in _PLAIN:
        return True
    if kind.__module__ != "__main__" or isinstance(each, type | enum.Enum):
        return False
    # Nothing but attributes, then.
    return all(
        base is object or base.__module__ in ("__main__", "typing", "abc") for base in kind.__mro__
    )


def _parts(each: Any, cls: type) -> list[Any]:
    match each:
        case staticmethod() | classmethod():
            return [each.__func__]
        case property():
            return [each.fget, each.fset]
        case types.FunctionType():
            if not each.__qualname__.startswith(f"{cls.__qualname__}."):
                return []
            defaults = [*(each.__defaults__ or ()), *(each.__kwdefaults__ or {}).values()]
            return [*defaults, *vars(each).values()]
    kind = type(each)
    if kind in (list, tuple, deque, *_MAPPINGS):
        items = each.values() if kind in _MAPPINGS else each
        return [*items] if len(items) <= _MOST else []
    if kind in _PLAIN or not _is_filled(each):
        return []
    attributes, slots = content_of(each)
    return [*attributes.values(), *slots.values()]


def attributes_of(each: Any) -> dict[str, Any]:
    """The attributes of an object, without asking code that a user could have written."""
    attributes = _get(each, "__dict__")
    return {} if attributes is _MISSING else attributes


def _get(each: object, name: str) -> Any:
    try:
        return object.__getattribute__(each, name)
    except AttributeError:
        return _MISSING


def _slots(kind: type) -> Iterable[str]:
    names: Iterable[str] = _slotnames(kind)
    return names
