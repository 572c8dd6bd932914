"""Files that those may write of whom Python does not tell: other programs, other languages.

They are given paths; what is there is compared with what was there before.
"""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH112, PTH118

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple, Protocol

from blake3 import blake3

from nbflow.records.digest import Digest
from nbflow.run.worker.observing.contents import Signature, signature_of

_DIRECTORY: Signature = (0, 0, 0, 0, 0)
#: Below a directory that holds more files, none is looked at.
_MOST_FILES = 2_000
#: What files held is kept of those of at most so many bytes, and of so many bytes in all.
_MOST_BYTES, _MOST_IN_ALL = 1 << 22, 1 << 25


class Rewritten(NamedTuple):
    """A file that is another by now or is gone, or a directory that was made or removed."""

    #: That of a directory ends with a slash.
    path: str
    was_there: bool
    #: What it held, if that was kept.
    before: str | None
    #: Whether somebody was to write it, and was not only given its name.
    is_sure: bool


class Keeper(Protocol):
    """Stores what files held before a task wrote them, and says it as text."""

    def before(self, subject: str) -> str:
        """What a file holds now."""

    def content(self, content: bytes) -> str:
        """What one held."""


class Unseen:
    """The paths that were given away by one task."""

    #: What other processes of the task add to.
    TOLD = ("given", "sure", "held", "stored")

    def __init__(self, keeper: Keeper | None, subject: Callable[[str], str]) -> None:
        self._keeper = keeper
        self._subject = subject
        #: The files and directories at each path, or below it, as they were.
        self.given: dict[str, list[tuple[str, Signature]]] = {}
        #: Those paths that were given to be written.
        self.sure: dict[str, None] = {}
        #: What files held, each byte a letter.
        self.held: dict[str, str] = {}
        #: The same of files that are to be written, as the keeper has stored it.
        self.stored: dict[str, str] = {}
        #: Paths of scratch files at which there was nothing.
        self.absent: set[str] = set()
        self._left = _MOST_IN_ALL

    def give(self, path: str, is_sure: bool, is_scratch: bool = False) -> None:
        """A path is given away, of a file or of a directory, which need not be there yet."""
        if is_scratch:
            if not os.path.lexists(path):
                self.absent.add(path)
            return
        if is_sure:
            self.sure[path] = None
        elif os.path.isdir(path):
            return  # too many may write there
        if path in self.given and not is_sure:
            return
        files = self.given.setdefault(path, [*_files(path)])
        for file, state in files:
            if is_sure and self._keeper is not None:
                if state != _DIRECTORY and file not in self.stored:
                    self.stored[file] = self._keeper.before(self._subject(file))
            elif file == path and state[2] <= min(_MOST_BYTES, self._left):
                self._left -= state[2]
                with suppress(OSError), open(file, "rb") as opened:
                    self.held[file] = opened.read().decode("latin-1")

    def began_without(self, path: str) -> bool:
        """Whether nothing was there when the path was given away."""
        return path in self.absent or self.given.get(path) == []

    def held_before(self, path: str, state: Signature) -> Digest | None:
        """Digest of what a file held in this state, if that was kept."""
        known = [tuple(each) for file, each in self.given.get(path, ()) if file == path]
        if path not in self.held or tuple(state) not in known:
            return None
        return Digest(blake3(self.held[path].encode("latin-1")).hexdigest())

    def rewritten(self) -> Iterator[Rewritten]:
        """What has become of it."""
        for path, files in self.given.items():
            sure = path in self.sure
            before = {file: tuple(state) for file, state in files}
            now = dict(_files(path))
            for file in now.keys() | before.keys():
                if now.get(file) == before.get(file):
                    continue
                if file not in before:
                    yield Rewritten(file, was_there=False, before=None, is_sure=sure)
                elif file in self.stored:
                    yield Rewritten(file, was_there=True, before=self.stored[file], is_sure=sure)
                elif file in self.held and self._keeper is not None:
                    # What nobody could put back is nobody's.
                    held = self._keeper.content(self.held[file].encode("latin-1"))
                    yield Rewritten(file, was_there=True, before=held, is_sure=sure)


def _files(path: str) -> Iterator[tuple[str, Signature]]:
    """What is at a path, and below it, as it is."""
    if not os.path.isdir(path):
        if (state := signature_of(path)) is not None:
            yield path, state
        return
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(folder, name) for name in ("", *names)]
        if len(found) > _MOST_FILES:
            return
    for each in found:
        if each.endswith(os.sep):
            yield each, _DIRECTORY
        else:
            yield from _files(each)
