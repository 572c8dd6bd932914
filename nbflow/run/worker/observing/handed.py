"""Paths that readers in other languages are given: what they surely look at."""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH112, PTH118, PTH207

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from nbflow.run.worker.observing import natives
from nbflow.run.worker.observing.looks import Asked

#: How deep values are looked into, and at how many in all.
_DEPTH, _MOST_PARTS = 3, 10_000


class Observer(Protocol):
    """What is told of the paths."""

    def opened(self, raw: object, flags: int, as_text: bool = False) -> None:
        """A file is about to be opened."""

    def listed(self, raw: object) -> None:
        """A directory is about to be listed."""

    def asked(self, raw: object, what: Asked) -> None:
        """Something is asked of a path that is not opened."""


def to_reader(observer: Observer, path: str) -> None:
    """A reader is given a path: of a file, of a directory with files, or a pattern of paths."""
    found = [path]
    if glob.has_magic(path) and not os.path.lexists(path):
        found = glob.glob(path, recursive=True)  # which tells of what it lists
    elif not os.path.lexists(path):
        observer.asked(path, "there")
        return
    for each in found:
        if not os.path.isdir(each):
            observer.opened(each, os.O_RDONLY)
            continue
        for folder, _, names in os.walk(each):
            observer.listed(folder)
            for name in names:
                observer.opened(os.path.join(folder, name), os.O_RDONLY)


def to_step(observer: Observer, values: Iterable[object]) -> None:
    """A step is given values, some of which read files when they are used."""
    if any(module in sys.modules for module in natives.LAZY):
        for value in islice(_with_parts(values, _DEPTH), _MOST_PARTS):
            for path in natives.paths_behind(value):
                to_reader(observer, path)


def _with_parts(values: Iterable[object], depth: int) -> Iterator[object]:
    """Values, and what containers and plain objects among them hold."""
    for value in values:
        yield value
        if depth > 0 and isinstance(value, list | tuple | set | frozenset):
            yield from _with_parts(value, depth - 1)
        elif depth > 0 and isinstance(value, dict):
            yield from _with_parts(value.values(), depth - 1)
        elif depth > 0 and type(value).__module__ == "__main__":
            yield from _with_parts(getattr(value, "__dict__", {}).values(), depth - 1)


def to_sqlite(observer: Observer, database: object) -> None:
    """A database is about to be opened, and with it the log of what was changed last."""
    if not isinstance(database, str | bytes | os.PathLike):
        return
    path, access = os.fsdecode(database), os.O_RDWR
    if path.startswith("file:") and not os.path.lexists(path):
        parts = urlsplit(path)
        path = unquote(parts.path)
        if "memory" in parse_qs(parts.query).get("mode", ()):
            return
        if parse_qs(parts.query).keys() & {"immutable"} or "mode=ro" in parts.query:
            access = os.O_RDONLY
    if path in ("", ":memory:"):
        return
    observer.opened(path, access)
    if _has_log(path):
        observer.opened(f"{path}-wal", access)


def _has_log(path: str) -> bool:
    """Whether changes are kept beside the database until it takes them in."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return os.read(descriptor, 20)[18:20] == b"\2\2"
        finally:
            os.close(descriptor)
    except OSError:
        return False
