"""Codec ``json``: scalars and plain containers, exactly, in a form that is safe to read.

JSON has fewer types than Python; what it lacks is an object with one key that starts with ``$``:
``{"$tuple": [1, 2]}``. Subclasses, shared or recursive containers, strings that UTF-8 lacks and
sets with an order of their own, and NaNs are not plain: they are left to the pickle codec.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from nbflow.store import class_objects, set_order

#: Beyond this many values the pickle codec is faster.
MAXIMUM_VALUES = 20_000
_MAXIMUM_DEPTH = 100
_MAXIMUM_BITS = 10_000
_MAXIMUM_BYTES = 1 << 16


class NotPlainError(ValueError):
    """The value is not of plain types only."""


def encode(value: object, maximum_values: int = MAXIMUM_VALUES, *, any_nan: bool = False) -> bytes:
    """The JSON text of a plain value.

    Parameters
    ----------
    any_nan
        Whether it does not matter which NaN it is: they are told apart by ``is`` and ``in`` only.

    Raises
    ------
    NotPlainError
        Something in the value is not plain, or there is too much of it.
    """
    return _dump(_Writer(maximum_values, any_nan).write(value)).encode()


def decode(data: bytes | memoryview) -> object:
    """The value of a JSON text that :func:`encode` wrote."""
    return json.loads(bytes(data), object_pairs_hook=_read_object)


def _dump(tree: object) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


class _Writer:
    """Turns a value into what the json module can write, seeing each container only once."""

    def __init__(self, maximum_values: int, any_nan: bool) -> None:
        self.left = maximum_values
        self.any_nan = any_nan
        self.depth = 0
        self.seen: set[int] = set()

    def write(self, value: object) -> object:
        kind = type(value)
        self.left -= 1
        if self.left < 0:
            raise NotPlainError("too many values")
        if kind in _SIMPLE:
            return value
        if scalar := _SCALARS.get(kind):
            if value != value and not self.any_nan:
                raise NotPlainError("a NaN is equal to itself only")
            return scalar(value)
        container = _CONTAINERS.get(kind)
        if container is None or self.depth == _MAXIMUM_DEPTH:
            raise NotPlainError(kind.__qualname__)
        self.depth += 1
        written = container(self, value)
        self.depth -= 1
        return written

    def once(self, value: object) -> None:
        # A shared list would come back as two: only pickle keeps identity.
        if id(value) in self.seen:
            raise NotPlainError("shared container")
        if id(value) in class_objects.places:
            raise NotPlainError("an object that a class has made")
        self.seen.add(id(value))

    def write_list(self, value: list[object]) -> object:
        self.once(value)
        return [self.write(item) for item in value]

    def write_tuple(self, value: tuple[object, ...]) -> object:
        return {"$tuple": [self.write(item) for item in value]}

    def write_set(self, value: set[object]) -> object:
        self.once(value)
        return {"$set": self.in_order(value)}

    def write_frozenset(self, value: frozenset[object]) -> object:
        return {"$frozenset": self.in_order(value)}

    def in_order(self, value: set[object] | frozenset[object]) -> list[object]:
        written = sorted(((self.write(item), item) for item in value), key=lambda w: _dump(w[0]))
        if set_order.has_its_own(value, [item for _, item in written]):
            raise NotPlainError("a set's order")
        return [each for each, _ in written]

    def write_dict(self, value: dict[Any, object]) -> object:
        self.once(value)
        if all(type(key) is str for key in value) and not _looks_tagged(value):
            return {_text(key): self.write(item) for key, item in value.items()}
        return {"$dict": [[self.write(key), self.write(item)] for key, item in value.items()]}


def _integer(value: int) -> object:
    if value.bit_length() > _MAXIMUM_BITS:
        raise NotPlainError("int")
    return value


def _real(value: float) -> object:
    return value if math.isfinite(value) else {"$float": repr(value)}


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotPlainError("str") from None
    return value


def _binary(value: bytes) -> object:
    if len(value) > _MAXIMUM_BYTES:
        raise NotPlainError("bytes")
    return {"$bytes": base64.b64encode(value).decode()}


_SIMPLE = frozenset({type(None), bool})
_SCALARS: Mapping[type, Callable[[Any], object]] = {
    int: _integer,
    float: _real,
    complex: lambda value: {"$complex": [_real(value.real), _real(value.imag)]},
    str: _text,
    bytes: _binary,
}
_CONTAINERS: Mapping[type, Callable[[_Writer, Any], object]] = {
    list: _Writer.write_list,
    tuple: _Writer.write_tuple,
    set: _Writer.write_set,
    frozenset: _Writer.write_frozenset,
    dict: _Writer.write_dict,
}
_READERS: Mapping[str, Callable[[Any], object]] = {
    "$float": float,
    "$complex": lambda parts: complex(*parts),
    "$bytes": base64.b64decode,
    "$tuple": tuple,
    "$set": set,
    "$frozenset": frozenset,
    "$dict": dict,
}


def _looks_tagged(value: dict[Any, object]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith("$")


def _read_object(pairs: list[tuple[str, Any]]) -> object:
    if len(pairs) == 1 and pairs[0][0].startswith("$"):
        return _READERS[pairs[0][0]](pairs[0][1])
    return dict(pairs)
