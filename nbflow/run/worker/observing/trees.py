"""Directories that are moved, removed or listed with all that they hold."""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH100, PTH112, PTH118, PTH120

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from nbflow.run.worker.observing.contents import Status
from nbflow.run.worker.observing.folders import Folders
from nbflow.run.worker.observing.listings import OF_DISTRIBUTIONS
from nbflow.run.worker.observing.looks import Asked


class Observer(Protocol):
    """What is told of each file and directory."""

    folders: Folders

    def aside(self) -> AbstractContextManager[None]:
        """What this thread does meanwhile is nobody's business."""

    def restated(self, raw: object) -> None:
        """A file is about to be in another state that holds the same."""

    def asked(self, raw: object, what: Asked) -> None:
        """Something is asked of a path that is not opened."""

    def walk(self, raw: object, most: int | None = None) -> list[tuple[str, list[str]]]:
        """The directories at a path and below it with the names of their files."""

    def opened(self, raw: object, flags: int, as_text: bool = False) -> None:
        """A file is about to be opened."""

    def removed(self, raw: object) -> None:
        """A file is about to be removed."""

    def made(self, raw: object, is_there: bool) -> None:
        """A directory is about to be made or removed."""


def listed_with(observer: Observer, raw: object, parts: Iterable[Status]) -> None:
    """A directory is listed with the status of what is there, of which this is asked."""
    for part in parts:
        for folder, names in observer.walk("." if raw is None else raw, 1):
            for name in names:
                observer.asked(os.path.join(folder, name), part)


def asked_for_distributions(observer: Observer, raw: object) -> None:
    """A directory, also one of libraries, is listed to find out which are installed."""
    if isinstance(raw, str | bytes | os.PathLike):
        with observer.aside():
            observer.folders.look(os.path.abspath(os.fsdecode(raw)), OF_DISTRIBUTIONS, {})


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


def linked(observer: Observer, target: object, raw: object, is_hard: bool) -> None:
    """A link is about to be made, to a file or to a directory."""
    if not isinstance(target, str | bytes | os.PathLike):
        return
    if not isinstance(raw, str | bytes | os.PathLike):
        return
    path, leads_to = os.fsdecode(raw), os.fsdecode(target)
    if is_hard:
        observer.opened(leads_to, os.O_RDONLY)
        observer.restated(leads_to)
    if not is_hard and os.path.isdir(os.path.join(os.path.dirname(path), leads_to)):
        observer.made(path, is_there=True)
    else:
        observer.opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)


def _moved(observer: Observer, raw: object, to: object) -> None:
    observer.removed(raw)
    observer.opened(to, os.O_WRONLY | os.O_TRUNC)
