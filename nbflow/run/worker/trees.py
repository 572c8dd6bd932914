"""Directories that are moved or removed with all that they hold."""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH100, PTH118

from __future__ import annotations

import os
from typing import Protocol


class Observer(Protocol):
    """What is told of each file and directory."""

    def walk(self, raw: object) -> list[tuple[str, list[str]]]:
        """The directories at a path and below it with the names of their files."""

    def opened(self, raw: object, flags: int, as_text: bool = False) -> None:
        """A file is about to be opened."""

    def removed(self, raw: object) -> None:
        """A file is about to be removed."""

    def made(self, raw: object, is_there: bool) -> None:
        """A directory is about to be made or removed."""


def removed(observer: Observer, raw: object) -> None:
    """A directory is about to be removed."""
    for folder, names in observer.walk(raw):
        observer.made(folder, is_there=False)
        for name in names:
            observer.removed(os.path.join(folder, name))


def renamed(observer: Observer, raw: object, to: object) -> None:
    """A file or a directory is about to be moved."""
    walked = observer.walk(raw)
    if not walked or not isinstance(to, str | bytes | os.PathLike):
        _moved(observer, raw, to)
        return
    root, target = walked[0][0], os.path.abspath(os.fsdecode(to))
    for folder, names in walked:
        there = f"{target}{folder.removeprefix(root)}"
        observer.made(folder, is_there=False)
        observer.made(there, is_there=True)
        for name in names:
            _moved(observer, os.path.join(folder, name), os.path.join(there, name))


def _moved(observer: Observer, raw: object, to: object) -> None:
    observer.removed(raw)
    observer.opened(to, os.O_WRONLY | os.O_TRUNC)
