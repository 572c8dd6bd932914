"""What processes read that a step has forked: they write it down for the step's own process."""

# ruff: noqa: PTH108, PTH118

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeAlias

#: What tells of a new entry: the collection's name, the entry, and what it holds.
Tell: TypeAlias = Callable[[str, str, Any], None]


class Relay:
    """A file that forked processes write to, made before the first of them is there."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._file: os.stat_result | None = None

    def prepare(self) -> None:
        """This process is about to be forked."""
        if self._descriptor < 0:
            path = os.path.join(tempfile.gettempdir(), f"nbflow-{os.getpid()}-{time.time_ns()}")
            # Appended to: each process writes whole lines, behind those of all others.
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._descriptor = os.open(path, flags, 0o600)
            os.unlink(path)
            self._file = os.fstat(self._descriptor)

    def tell(self, collection: str, entry: str, held: Any) -> None:
        """In a forked process: it has read something."""
        line = json.dumps([collection, entry, held]) + "\n"
        # It may have closed all that it did not open, and the number may be its own file's by now.
        with suppress(OSError):
            if self._file is not None and os.path.samestat(os.fstat(self._descriptor), self._file):
                os.write(self._descriptor, line.encode("utf-8", "surrogateescape"))

    def told(self) -> Iterator[tuple[str, str, Any]]:
        """What forked processes have read."""
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
    """A collection of a forked process, whose new entries are told."""

    def __init__(self, name: str, tell: Tell, held: dict[str, Any]) -> None:
        super().__init__(held)
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
