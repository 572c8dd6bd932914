"""Digests: BLAKE3 of bytes, and of tagged structures, never of joined strings."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import NewType, TypeAlias

from blake3 import blake3

#: The hexadecimal BLAKE3 of an artifact's content or of a tagged structure.
Digest = NewType("Digest", str)

#: What can be hashed as a structure: scalars, sequences and string-keyed mappings of them.
Structure: TypeAlias = (
    "bool | int | float | str | bytes | Iterable[Structure] | Mapping[str, Structure] | None"
)


def of_bytes(data: bytes | bytearray | memoryview) -> Digest:
    """Digest of raw bytes."""
    return Digest(blake3(data).hexdigest())


def of_structure(tag: str, value: Structure) -> Digest:
    """Digest of a structure in a canonical, typed, length-prefixed form.

    ``1``, ``1.0`` and ``True`` differ, as do ``["ab"]`` and ``["a", "b"]``; mappings count by
    sorted key. ``tag`` names the kind and the format version, so that two uses never collide.

    >>> of_structure("example-1", [1]) == of_structure("example-1", [True])
    False
    """
    out = bytearray()
    _encode(tag, out)
    _encode(value, out)
    return of_bytes(out)


def _encode(value: Structure, out: bytearray) -> None:
    match value:
        case str():  # most are
            _sized(b"s", value.encode("utf-8", "surrogatepass"), out)
        case None:
            out += b"n"
        case bool():
            out += b"b1" if value else b"b0"
        case int():
            _sized(b"i", str(value).encode(), out)
        case float():
            out += b"f" + struct.pack("<d", value)
        case bytes():
            _sized(b"y", value, out)
        case Mapping():
            out += b"m" + struct.pack("<Q", len(value))
            for key in sorted(value):
                _encode(key, out)
                _encode(value[key], out)
        case _:
            items = list(value)
            out += b"l" + struct.pack("<Q", len(items))
            for item in items:
                _encode(item, out)


def _sized(kind: bytes, data: bytes, out: bytearray) -> None:
    out += kind + struct.pack("<Q", len(data)) + data
