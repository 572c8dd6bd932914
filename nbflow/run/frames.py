"""Length-prefixed msgpack frames: how a request and a task's events cross a socket."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import msgspec

from nbflow.records.message import TaskRequest, WorkerEvent

_LENGTH = struct.Struct("<Q")
_encoder = msgspec.msgpack.Encoder()
_event_decoder: msgspec.msgpack.Decoder[WorkerEvent] = msgspec.msgpack.Decoder(WorkerEvent)
_request_decoder = msgspec.msgpack.Decoder(TaskRequest)


def frame(message: TaskRequest | WorkerEvent) -> bytes:
    """One message as bytes, ready to send."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


def request(body: bytes) -> TaskRequest:
    """The request that a frame's body holds."""
    return _request_decoder.decode(body)


def event(body: bytes) -> WorkerEvent:
    """The event that a frame's body holds."""
    return _event_decoder.decode(body)


class Splitter:
    """Cuts a stream of bytes into the bodies of its frames; a torn last frame stays inside."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take bytes as they come, give the bodies that are complete."""
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            end = start + _LENGTH.size + length
            if len(self._buffer) < end:
                break
            yield bytes(self._buffer[start + _LENGTH.size : end])
            start = end
        del self._buffer[:start]


def receive(connection: Any) -> bytes:
    """Read one whole frame's body from a blocking socket; raises EOFError when it ends before."""
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return _exactly(connection, length)


def _exactly(connection: Any, size: int) -> bytes:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = connection.recv_into(view)
        if not count:
            raise EOFError("the connection ended within a frame")
        view = view[count:]
    return bytes(data)
