"""What a task asks of the world beside files: other machines, and other programs."""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH119

from __future__ import annotations

import os

from nbflow.records.task import Fact
from nbflow.run.worker.observing.commands import COMMANDS

#: Where among the arguments of an audit event the machine stands that is asked.
NETWORK = {"socket.getaddrinfo": 0, "socket.connect": 1, "socket.sendto": 1}
#: Programs with which libraries ask what machine they are on: no step depends on more of them.
_PROBES = frozenset(
    {
        *("lscpu", "ldconfig", "uname", "sysctl", "fc-list", "gcc", "cc", "ld", "objdump"),
        *("file", "getconf", "locale"),
    }
)


_SHELLS = frozenset({"sh", "bash", "dash", "zsh"})


class Outside:
    """Notes it, in the words of Python's audit events."""

    #: What other processes of the task add to.
    TOLD = ("seen",)

    def __init__(self) -> None:
        #: Kinds of hazards, by what was asked or started.
        self.seen: dict[str, str] = {}

    def heard(self, event: str, arguments: tuple[object, ...]) -> None:
        """Python tells of something (called by the audit hook)."""
        if event in NETWORK:
            host = _host(arguments[NETWORK[event]])
            # A machine is first looked up by its name, and then asked by its number.
            if host and (event == "socket.getaddrinfo" or "network" not in self.seen.values()):
                self.seen.setdefault(host, "network")
        else:
            program = _program(arguments[COMMANDS[event][0]])
            if program and program not in _PROBES:
                self.seen.setdefault(f"`{program}`", "subprocess")

    def facts(self) -> tuple[Fact, ...]:
        """The hazards that were seen."""
        return tuple(Fact("hazard", kind, what) for what, kind in self.seen.items())


def _host(address: object) -> str:
    """The machine of an address; empty for one within this machine's own kernel."""
    match address:
        case [str() | bytes() as host, *_] | (str() | bytes() as host):
            text = os.fsdecode(host)
            return "" if "/" in text or "\0" in text else text
    return ""


def _program(command: object) -> str:
    match command:
        case [shell, "-c", str() as text, *_] if _program([shell]) in _SHELLS:
            return _program(text)
        case [str() | bytes() | os.PathLike() as first, *_]:
            return os.path.basename(os.fsdecode(first))
        case str() | bytes() | os.PathLike():
            words = os.fsdecode(command).split()
            return os.path.basename(words[0]) if words else ""
    return ""
