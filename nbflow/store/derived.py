"""Objects of classes that derive from Python's own: lists, dicts, numbers, dates with more to them.

Pickle has the class itself make and fill them anew: an ``append`` that counts, a ``__new__`` that
adds a tax would do so each time that they travel, and some types forget all attributes. Here they
are what the own type holds and the attributes, and nothing of the class is called.
"""

from __future__ import annotations

import copyreg
import datetime
import decimal
import fractions
import random
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any

from nbflow.store.functions import Reduced

#: Ways in which a class may have its objects pickled.
WAYS = (
    *("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__"),
    *("__getnewargs__", "__getnewargs_ex__"),
)


def reduce_derived(obj: Any) -> Reduced | None:
    """How an object is taken apart whose class derives from one of Python's own."""
    kind = type(obj)
    base = next((each for each in kind.__mro__ if each in _CONTENT), None)
    if base is None or not _is_left_alone(kind, base):
        return None
    content = _CONTENT[base](obj)
    state = _attributes(obj, kind, base)
    if base in _FILL:
        return _new, (base, kind), (base, content, *state), None, None, _fill
    return _new, (base, kind, *content), state, None, None, _add


def _is_left_alone(kind: Any, base: Any) -> bool:
    """Whether no class above the own type has a way of its own; that of a named tuple is one."""
    if base is tuple and hasattr(kind, "_fields"):
        made = next((each for each in kind.__mro__ if "_fields" in vars(each)), kind)
        if kind.__new__ is made.__new__:
            return False
        base = made
    return all(getattr(kind, way, None) is getattr(base, way, None) for way in WAYS)


def _attributes(obj: Any, kind: type, base: type) -> tuple[dict[str, Any], dict[str, Any]]:
    known: Any = copyreg
    slots = [name for name in known._slotnames(kind) if name not in known._slotnames(base)]
    held = {name: getattr(obj, name) for name in slots if hasattr(obj, name)}
    return dict(getattr(obj, "__dict__", {})), held


def _new(base: Any, kind: type, *content: Any) -> Any:
    return base.__new__(kind, *content)


def _add(obj: Any, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    attributes, slots = state
    if attributes:
        obj.__dict__.update(attributes)
    for name, value in slots.items():
        object.__setattr__(obj, name, value)


def _fill(obj: Any, state: tuple[Any, Any, dict[str, Any], dict[str, Any]]) -> None:
    base, content, *rest = state
    _FILL[base](obj, content)
    _add(obj, (rest[0], rest[1]))


def _items(obj: Any) -> dict[Any, Any]:
    return {key: value for key, value in dict.items(obj)}  # noqa: C416 - dict() would ask the class


def _ordered_items(obj: Any) -> dict[Any, Any]:
    return {key: dict.__getitem__(obj, key) for key in OrderedDict.__iter__(obj)}


def _fill_ordered(obj: Any, items: Mapping[Any, Any]) -> None:
    for key, value in items.items():
        OrderedDict.__setitem__(obj, key, value)


def _fill_with_default(obj: Any, content: tuple[Any, dict[Any, Any]]) -> None:
    defaultdict.__init__(obj, content[0])
    dict.update(obj, content[1])


def _value(base: Any) -> Callable[[Any], tuple[Any, ...]]:
    found: Callable[[Any], tuple[Any, ...]] = base.__getnewargs__
    return found


def _of(base: Any) -> Callable[[Any], tuple[Any, ...]]:
    def arguments(obj: Any) -> tuple[Any, ...]:
        found: tuple[Any, ...] = base.__reduce_ex__(obj, 5)[1]
        return found

    return arguments


#: Own type to what an object of it holds: what makes it, or what it is to be filled with.
_CONTENT: Mapping[Any, Callable[[Any], Any]] = {
    list: list.copy,
    Counter: _items,
    OrderedDict: _ordered_items,
    defaultdict: lambda obj: (obj.default_factory, _items(obj)),
    dict: _items,
    set: lambda obj: set.union(set(), obj),
    random.Random: random.Random.getstate,
    deque: lambda obj: ([*deque.__iter__(obj)], obj.maxlen),
    frozenset: lambda obj: (frozenset.union(frozenset(), obj),),
    **{kind: _value(kind) for kind in (tuple, str, bytes, int, float, complex)},
    decimal.Decimal: lambda obj: (decimal.Decimal.__str__(obj),),
    fractions.Fraction: lambda obj: (obj.numerator, obj.denominator),
    **{k: _of(k) for k in (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)},
}
#: How those are filled that may hold themselves.
_FILL: Mapping[Any, Callable[[Any, Any], object]] = {
    list: list.extend,
    Counter: dict.update,
    OrderedDict: _fill_ordered,
    defaultdict: _fill_with_default,
    dict: dict.update,
    set: set.update,
    random.Random: random.Random.setstate,
    deque: lambda obj, content: deque.__init__(obj, *content),
}
