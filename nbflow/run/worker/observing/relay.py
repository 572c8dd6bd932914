"""What processes read that a step has started: they write it down for the step's own process."""

# ruff: noqa: PTH108, PTH118

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

#: What tells of a new entry: the collection's name, the entry, and what it holds.
Tell: TypeAlias = Callable[[str, str, Any], None]
#: Where collections are kept: whose attributes they are, and of what names.
Kept: TypeAlias = Sequence[tuple[object, str]]


class Relay:
    """A file that a task's other processes write to, made before the first of them is there."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._file: os.stat_result | None = None
        self._address = ""
        #: Whether this is such a process.
        self.tells = False

    def prepare(self) -> None:
        """This process is about to be forked, or to start another one."""
        if self._descriptor < 0:
            path = os.path.join(tempfile.gettempdir(), f"nbflow-{os.getpid()}-{time.time_ns()}")
            # Appended to: each process writes whole lines, behind those of all others.
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._descriptor = os.open(path, flags, 0o600)
            os.unlink(path)
            self._file = os.fstat(self._descriptor)
            self._address = f"/proc/{os.getpid()}/fd/{self._descriptor}"

    def address(self) -> str:
        """What a process that is no fork opens to write to it; Linux only has such a name."""
        self.prepare()
        return self._address

    def join(self, address: str) -> None:
        """Write where the process says that has started this one."""
        self._descriptor = os.open(address, os.O_WRONLY | os.O_APPEND)
        self._file = os.fstat(self._descriptor)

    def tell_of(self, kept: Kept) -> None:
        """In such a process: tell what is new in these collections from now on."""
        self.tells = True
        for holder, name in kept:
            setattr(holder, name, Told(name, self.tell, getattr(holder, name)))

    def take_in(self, kept: Kept, but: Container[str]) -> None:
        """In the task's own process: add to them what was told, but for some entries."""
        held = {name: getattr(holder, name) for holder, name in kept}
        for collection, entry, value in self._told():
            if entry not in but:
                held[collection].setdefault(entry, value)
                if collection == "given" and not value:
                    held[collection][entry] = value  # this one was told earlier than that

    def tell(self, collection: str, entry: str, held: Any) -> None:
        """In such a process: it has read something."""
        line = json.dumps([collection, entry, held]) + "\n"
        with suppress(OSError):
            if not self._is_open():
                self.join(self._address)
            os.write(self._descriptor, line.encode("utf-8", "surrogateescape"))

    def _is_open(self) -> bool:
        # It may have closed all that it did not open, and the number may be its own file's by now.
        try:
            now = os.fstat(self._descriptor)
        except OSError:
            return False
        return self._file is not None and os.path.samestat(now, self._file)

    def _told(self) -> Iterator[tuple[str, str, Any]]:
        if self._descriptor < 0:
            return
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            for line in file:
                try:
                    collection, entry, held = json.loads(line)
                except ValueError:  # of a process that was killed while it wrote
                    continue
                yield collection, entry, tuple(held) if isinstance(held, list) else held
        os.close(self._descriptor)
        self._descriptor = -1


class Told(dict[str, Any]):
    """A collection whose new entries are told."""

    def __init__(self, name: str, tell: Tell, held: Mapping[str, Any] | None = None) -> None:
        super().__init__(held or {})
        self._name = name
        self._tell = tell

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self:
            self._tell(self._name, key, value)
        super().__setitem__(key, value)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]
