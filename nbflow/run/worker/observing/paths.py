"""The paths that are a task's business, and what facts call them."""

# The audit hook sees every open() of the step: plain strings are cheap.
# ruff: noqa: PTH100, PTH109, PTH118

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from nbflow.records.files import as_recorded, on_disk
from nbflow.run.worker.observing.places import below, installed, scratch

_CACHED = f"{os.sep}__pycache__{os.sep}"
#: Ends of paths that may stand for others: of directories, of modules and of their bytecode.
_NOT_PLAIN = (os.sep, ".py", ".pyc")


class Paths:
    """Those of one task.

    Parameters
    ----------
    directory
        The task's working directory; paths below it are reported relative to it.
    own
        Directories of nbflow itself (the store), which are nobody's business.
    """

    def __init__(self, directory: str, own: tuple[str, ...] = ()) -> None:
        self.directory = os.path.abspath(directory)
        self._inside = below(self.directory)
        ignored = (*installed(), *(below(path) for path in own if path))
        # A notebook may lie within an environment's directory.
        self.ignored = tuple(path for path in ignored if not self._inside.startswith(path))
        #: What is handed on of what lies among temporary files.
        self._handed_on: tuple[str, ...] = ()
        #: Where the process is, with a slash; empty where that has to be asked for.
        self._here = ""
        #: What is ignored below that, as paths are written there.
        self._ignored_here: tuple[str, ...] = ()

    def of(self, raw: object) -> str | None:
        """The whole path; None of what is nobody's business."""
        if not isinstance(raw, str | bytes | os.PathLike):
            return None
        path = os.path.abspath(os.fsdecode(raw))
        # The directories themselves, too.
        return None if f"{path}{os.sep}".startswith(self.ignored) or _CACHED in path else path

    def plain(self, raw: str) -> str | None:
        """The same at a fraction of the time for most files; None where the question is open."""
        if "//" in raw or "/." in raw or "__pycache__" in raw or raw.endswith(_NOT_PLAIN):
            return None
        if not raw or raw[0] == ".":
            return None
        if raw[0] == os.sep:
            return None if raw.startswith(self.ignored) else raw
        here = self._here or self._ask()
        return None if raw.startswith(self._ignored_here) else f"{here}{raw}"

    def leave(self) -> None:
        """The process changes its directory."""
        self._here = ""

    def _ask(self) -> str:
        here = below(os.getcwd())
        if here.startswith(self.ignored):
            self._ignored_here = ("",)  # that is, everything
        else:
            ignored = (path for path in self.ignored if path.startswith(here))
            self._ignored_here = tuple(path.removeprefix(here) for path in ignored)
        self._here = here
        return here

    def hand_on(self, values: Iterable[object]) -> None:
        """Temporary files and directories that values name matter to those who get these."""
        names = [os.fsdecode(each) for each in values if isinstance(each, str | os.PathLike)]
        paths = (below(name) for name in names if name.startswith(os.sep) and "\0" not in name)
        roots = scratch()
        named = (path for path in paths if path.startswith(roots) and path not in roots)
        self._handed_on = (*self._handed_on, *named)

    def matters(self, path: str) -> bool:
        """Whether somebody else may look for a file there."""
        if path == self.directory or path.startswith(self._inside):
            return True
        whole = below(path)
        return not whole.startswith(scratch()) or whole.startswith(self._handed_on)

    def is_above(self, path: str) -> bool:
        """Whether the working directory lies there, wherever that may be."""
        return self._inside.startswith(below(path))

    def subject(self, path: str | Path) -> str:
        """A path as facts name it: relative when below the working directory."""
        text = str(path)
        return "." if text == self.directory else as_recorded(text.removeprefix(self._inside))

    def path(self, subject: str) -> str:
        """The path of what facts call so."""
        return os.path.join(self.directory, on_disk(subject))
