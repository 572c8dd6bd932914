"""Codec ``pickle``: any other object, with large buffers out of band."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cloudpickle

from nbflow.errors import UncarriableError
from nbflow.store.layout import Buffer


@dataclass(frozen=True, slots=True)
class Pickled:
    """What a pickler made of a value."""

    details: object
    buffers: list[Buffer]
    #: Global names that functions inside the value read.
    free: tuple[str, ...]


def dump(value: object, namespace: Mapping[str, Any] | None, name: str) -> Pickled:
    """Pickle a value."""
    buffers: list[pickle.PickleBuffer] = []
    stream = BytesIO()
    try:
        cloudpickle.Pickler(stream, protocol=5, buffer_callback=buffers.append).dump(value)
    except Exception as error:
        raise UncarriableError(name, type(value).__qualname__, str(error)) from error
    return Pickled(None, [stream.getbuffer(), *(buffer.raw() for buffer in buffers)], ())


def load(
    details: object, buffers: Sequence[memoryview], namespace: dict[str, Any] | None
) -> object:
    """Unpickle a value."""
    return pickle.loads(buffers[0], buffers=buffers[1:])
