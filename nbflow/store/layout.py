"""The layout of a stored value: a self-describing header, then aligned raw buffers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from nbflow.errors import StoreError

Buffer: TypeAlias = bytes | memoryview

#: The digit is the version of the layout.
MAGIC = b"nbflow1\n"
#: Enough for every vector instruction, and for a cache line.
ALIGNMENT = 64

_PREFIX = struct.Struct("<8sI")


class Header(msgspec.Struct, frozen=True, array_like=True):
    """What stands before the buffers."""

    codec: str
    #: What the codec needs beside the buffers.
    details: Any
    #: Length of each buffer in bytes.
    lengths: list[int]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Header)


def pack(codec: str, details: object, buffers: Sequence[Buffer]) -> list[Buffer]:
    """The buffers whose concatenation is the stored value."""
    header = _encoder.encode(Header(codec, details, [len(buffer) for buffer in buffers]))
    packed: list[Buffer] = [_padded(_PREFIX.pack(MAGIC, len(header)) + header)]
    for buffer in buffers:
        if buffer:
            packed.append(buffer)
            if buffer is not buffers[-1] and (padding := -len(buffer) % ALIGNMENT):
                packed.append(bytes(padding))
    return packed


def unpack(data: memoryview) -> tuple[Header, list[memoryview]]:
    """The header and the buffers of a stored value, without copying.

    Raises
    ------
    StoreError
        The value was written by another version of nbflow.
    """
    magic, length = _PREFIX.unpack_from(data)
    if magic != MAGIC:
        raise StoreError(
            "an artifact was written by another version of nbflow",
            "update nbflow, or delete the store to compute everything again",
        )
    start = _PREFIX.size
    header = _decoder.decode(data[start : start + length])
    position = _aligned(start + length)
    buffers = []
    for size in header.lengths:
        buffers.append(data[position : position + size])
        position = _aligned(position + size)
    return header, buffers


def _aligned(position: int) -> int:
    return position + -position % ALIGNMENT


def _padded(data: bytes) -> bytes:
    return data.ljust(_aligned(len(data)), b"\0")
