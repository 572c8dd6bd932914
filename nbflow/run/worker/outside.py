"""What a task asks of the world beside files: other machines, and other programs."""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH119

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from nbflow.records.task import Fact
from nbflow.run.worker.handed import COMMANDS
from nbflow.run.worker.relay import Relay, Told

#: Where among the arguments of an audit event the machine stands that is asked.
NETWORK = {"socket.getaddrinfo": 0, "socket.connect": 1, "socket.sendto": 1}
#: Programs with which libraries ask what machine they are on: no step depends on more of them.
_PROBES = frozenset(
    {
        *("lscpu", "ldconfig", "uname", "sysctl", "fc-list", "gcc", "cc", "ld", "objdump"),
        *("file", "getconf", "locale"),
    }
)
#: What watches the task that runs now.
active: Outside | None = None


def heard(event: str, arguments: tuple[object, ...]) -> None:
    """Python tells of something (called by the audit hook)."""
    if active is not None:
        active.heard(event, arguments)


class Outside:
    """Notes it from ``watching()`` on, in forked processes as well."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}
        self._relay = Relay()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what this process does meanwhile."""
        global active
        active = self
        try:
            yield
        finally:
            active = None

    def heard(self, event: str, arguments: tuple[object, ...]) -> None:
        """Python tells of something, in one of the words of its audit events."""
        if event in NETWORK:
            host = _host(arguments[NETWORK[event]])
            # A machine is first looked up by its name, and then asked by its number.
            if host and (event == "socket.getaddrinfo" or "network" not in self._seen.values()):
                self._seen.setdefault(host, "network")
        else:
            program = _program(arguments[COMMANDS[event][0]])
            if program and program not in _PROBES:
                self._seen.setdefault(f"`{program}`", "subprocess")

    def forking(self) -> None:
        """This process is about to be forked."""
        self._relay.prepare()

    def forked(self) -> None:
        """In a process that was forked: what it does is told to the one that it comes from."""
        self._seen = Told("outside", self._relay.tell, self._seen)

    def facts(self) -> tuple[Fact, ...]:
        """The hazards that were seen."""
        for _, what, kind in self._relay.told():
            self._seen.setdefault(what, kind)
        return tuple(Fact("hazard", kind, what) for what, kind in sorted(self._seen.items()))


def _host(address: object) -> str:
    """The machine of an address; empty for one within this machine's own kernel."""
    match address:
        case [str() | bytes() as host, *_] | (str() | bytes() as host):
            text = os.fsdecode(host)
            return "" if "/" in text or "\0" in text else text
    return ""


def _program(command: object) -> str:
    match command:
        case [str() | bytes() | os.PathLike() as first, *_]:
            return os.path.basename(os.fsdecode(first))
        case str() | bytes() | os.PathLike():
            words = os.fsdecode(command).split()
            return os.path.basename(words[0]) if words else ""
    return ""
