"""The records between the scheduler and the zygote: load, start, kill; ready, exited."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import msgspec

Kind: TypeAlias = Literal["load", "start", "kill", "ready", "exited", "refused"]

_KINDS: tuple[Kind, ...] = ("load", "start", "kill", "ready", "exited", "refused")
_LAYOUT = struct.Struct("<bqqq")
SIZE = _LAYOUT.size

#: What a fresh interpreter does first; its argument is a Setting.
SPAWN = "import sys, json; s = sys.argv[1]; sys.path[:] = json.loads(s)['path']; "


class Record(NamedTuple):
    """One record; ``start`` comes with the task's socket as a descriptor."""

    kind: Kind
    #: Which task, by its number in this executor; of ``load`` the length of what is behind it.
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
    #: Environment variables that matter while modules are loaded: what tasks have instead.
    environment: dict[str, str | None]


def command(entry: Literal["main", "single"], setting: Setting) -> list[str]:
    """The command line of a zygote (``main``) or of one worker in a fresh interpreter."""
    # By name: whoever starts a zygote has no use for what it imports.
    code = f"{SPAWN}from nbflow.run.zygote import {entry}; {entry}(s)"
    # Where it starts, modules may have the names of Python's own.
    return [sys.executable, "-P", "-c", code, msgspec.json.encode(setting).decode()]


class Load(msgspec.Struct, frozen=True):
    """What a zygote imports ahead."""

    modules: tuple[str, ...]
    #: Where: some of them look there for their configuration.
    directory: str


def load(modules: Sequence[str], directory: Path | None) -> bytes:
    """The record that has a zygote import modules, with all about it behind it."""
    text = msgspec.json.encode(Load(tuple(modules), str(directory or "")))
    return Record("load", len(text)).pack() + text


def receive(control: socket.socket) -> tuple[Record, int | None] | None:
    """The next record and the descriptor that came with it; None at the end."""
    data, descriptors, _, _ = socket.recv_fds(control, SIZE, 1)
    data = data and _filled(control, data, SIZE)
    return (unpack(data), descriptors[0] if descriptors else None) if data else None


def receive_load(control: socket.socket, record: Record) -> Load:
    """What stands behind a ``load`` record."""
    return msgspec.json.decode(_filled(control, b"", record.serial), type=Load)


def _filled(control: socket.socket, data: bytes, size: int) -> bytes:
    """Data and what comes behind it, up to a size; nothing where the other side has gone."""
    while len(data) < size:
        rest = control.recv(size - len(data))
        if not rest:
            return b""
        data += rest
    return data
