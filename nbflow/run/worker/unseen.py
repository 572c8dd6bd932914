"""Files that those may write of whom Python does not tell: other programs, other languages.

They are given paths; what is there is compared with what was there before.
"""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH112, PTH118

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from nbflow.run.worker.contents import Signature, signature_of

_DIRECTORY: Signature = (0, 0, 0, 0, 0)
#: Below a directory that holds more files, none is looked at.
_MOST_FILES = 2_000
#: What files of at most so many bytes held is kept.
_KEPT_BYTES = 1 << 22


class Rewritten(NamedTuple):
    """A file that is another by now or is gone, or a directory that was made or removed."""

    #: That of a directory ends with a slash.
    path: str
    was_there: bool
    #: What it held, if that was kept.
    before: str | None


class Unseen:
    """The paths that were given away by one task.

    Parameters
    ----------
    keep
        Keeps, and says, what a file holds.
    """

    #: What other processes of the task add to.
    TOLD = ("given", "held")

    def __init__(self, keep: Callable[[str], str] | None) -> None:
        self._keep = keep
        #: The files and directories at each path, or below it, as they were.
        self.given: dict[str, list[tuple[str, Signature]]] = {}
        #: What files held.
        self.held: dict[str, str] = {}

    def give(self, path: str, subject: Callable[[str], str]) -> None:
        """A path is given away, of a file or of a directory, which need not be there yet."""
        if path in self.given:
            return
        self.given[path] = files = [*_files(path)]
        for file, state in files:
            if self._keep is not None and state[2] <= _KEPT_BYTES and file == path:
                self.held[file] = self._keep(subject(file))

    def rewritten(self) -> Iterator[Rewritten]:
        """What has become of it."""
        before = {file: tuple(state) for files in self.given.values() for file, state in files}
        now = {file: state for path in self.given for file, state in _files(path)}
        for file in now.keys() | before.keys():
            # What nobody can put back is nobody's.
            if now.get(file) != before.get(file) and (file not in before or file in self.held):
                yield Rewritten(file, file in before, self.held.get(file))


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
