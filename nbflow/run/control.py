"""The records between the scheduler and the zygote: start, kill; ready, exited."""

from __future__ import annotations

import socket
import struct
import sys
from typing import Literal, NamedTuple, TypeAlias

import msgspec

Kind: TypeAlias = Literal["start", "kill", "ready", "exited", "refused"]

_KINDS: tuple[Kind, ...] = ("start", "kill", "ready", "exited", "refused")
_LAYOUT = struct.Struct("<bqqq")
SIZE = _LAYOUT.size

#: What a fresh interpreter does first; its argument is a Setting.
SPAWN = "import sys, json; s = sys.argv[1]; sys.path[:] = json.loads(s)['path']; "


class Record(NamedTuple):
    """One record; ``start`` comes with the task's socket as a descriptor."""

    kind: Kind
    #: Which task, by its number in this executor.
    serial: int = 0
    #: Of ``exited`` the wait status, of ``refused`` the error number.
    status: int = 0
    #: Of ``exited``: peak resident set in bytes.
    peak_bytes: int = 0

    def pack(self) -> bytes:
        return _LAYOUT.pack(_KINDS.index(self.kind), self.serial, self.status, self.peak_bytes)


def unpack(data: bytes) -> Record:
    kind, serial, status, peak_bytes = _LAYOUT.unpack(data)
    return Record(_KINDS[kind], serial, status, peak_bytes)


class Setting(msgspec.Struct, frozen=True):
    """What a zygote is told when it starts."""

    #: ``fork`` forks a worker from the zygote; ``spawn`` starts a fresh interpreter.
    method: Literal["fork", "spawn"]
    #: Descriptor of its end of the control socket.
    control: int
    path: tuple[str, ...]
    preload: tuple[str, ...]
    #: Environment variables that matter while modules are loaded: what tasks have instead.
    environment: dict[str, str | None]


def command(entry: Literal["main", "single"], setting: Setting) -> list[str]:
    """The command line of a zygote (``main``) or of one worker in a fresh interpreter."""
    # By name: whoever starts a zygote has no use for what it imports.
    code = f"{SPAWN}from nbflow.run.zygote import {entry}; {entry}(s)"
    # Where it starts, modules may have the names of Python's own.
    return [sys.executable, "-P", "-c", code, msgspec.json.encode(setting).decode()]


def receive(control: socket.socket) -> tuple[Record, int | None] | None:
    """The next record and the descriptor that came with it; None at the end."""
    data, descriptors, _, _ = socket.recv_fds(control, SIZE, 1)
    while data and len(data) < SIZE:
        rest = control.recv(SIZE - len(data))
        if not rest:
            return None
        data += rest
    if not data:
        return None
    return unpack(data), descriptors[0] if descriptors else None
