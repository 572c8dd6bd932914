"""Databases that SQL attaches to another one: SQLite opens them without Python's hearing of it."""

# Plain strings, as the rest of what observes.
# ruff: noqa: PTH115, PTH118, PTH208

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

#: Told of each database.
Tell = Callable[[str], None]
_MODULES = ("sqlite3", "sqlite3.dbapi2", "_sqlite3")
#: What SQLite asks an authorizer for, and how one consents.
_ATTACH, _OK = 24, 0
_OPEN_FILES = "/proc/self/fd"
_MAGIC = b"SQLite format 3\0"


@contextmanager
def watching(tell: Tell) -> Iterator[None]:
    """Have the connections that are made meanwhile tell, from then on."""
    # A worker's shell has it imported.
    modules: list[Any] = [sys.modules[name] for name in _MODULES if name in sys.modules]
    originals = [(module, module.connect) for module in modules]
    if originals:
        telling = _telling(originals[0][1], tell)
        for module in modules:
            module.connect = telling
    try:
        yield
    finally:
        for module, original in originals:
            module.connect = original


def _telling(plain: Callable[..., Any], tell: Tell) -> Callable[..., Any]:
    @functools.wraps(plain, updated=())
    def connect(*arguments: Any, **keywords: Any) -> Any:
        connection = plain(*arguments, **keywords)
        with suppress(Exception):  # whatever a class of the user's makes of it
            # One that the step sets itself takes its place.
            connection.set_authorizer(_Authorizer(tell))
        return connection

    return connect


class _Authorizer:
    """Consents to everything."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        #: Whether a database was attached whose name stands in no text.
        self._is_unnamed = False

    def __call__(self, action: int, name: object, *_: object) -> int:
        with suppress(Exception):  # as much as one would be a refusal
            if self._is_unnamed:
                # It is open by now, and not yet read.
                self._is_unnamed = False
                for path in _open_databases():
                    self._tell(path)
            if action == _ATTACH:
                self._is_unnamed = not isinstance(name, str)
                if isinstance(name, str):
                    self._tell(name)
        return _OK


def _open_databases() -> Iterator[str]:
    """Databases that this process has open; where the system does not tell, none is known."""
    for descriptor in os.listdir(_OPEN_FILES):
        with suppress(OSError):
            path = os.readlink(os.path.join(_OPEN_FILES, descriptor))
            if path.startswith(os.sep) and os.pread(int(descriptor), 16, 0) == _MAGIC:
                yield path
