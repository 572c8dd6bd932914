"""The user's own modules, as a task imports them."""

# Plain strings, as the observer has them.
# ruff: noqa: PTH100, PTH117, PTH118, PTH120, PTH207

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import Any

from nbflow.records.task import Fact
from nbflow.run.worker.observing.contents import digest_of_file
from nbflow.run.worker.observing.places import installed, libraries

#: What may be a path, in a line of its own or in quotes.
_PATH = re.compile(r"/[^'\"\n]+")


class LocalModules:
    """Those that were imported since this was made.

    Parameters
    ----------
    installed
        What the paths of all other modules begin with.
    """

    def __init__(self, installed: tuple[str, ...]) -> None:
        self._installed = installed
        #: The last module before the task; the task's own stand behind it.
        self._last = next(reversed(sys.modules))
        #: Paths of sources that somebody has read, and not to import them: then each letter counts.
        self.texts: dict[str, None] = {}
        #: Those of sources that were run and not imported here, also by programs that it started.
        self.run: dict[str, None] = {}

    def opened(self, path: str, as_text: bool) -> None:
        """A file is about to be read, if it is a source as a text or to run it."""
        if path.endswith(".py"):
            (self.texts if as_text else self.run)[path] = None

    def files(self) -> Iterator[str]:
        """Their sources."""
        for module in self:
            yield os.path.abspath(str(module.__file__))

    def facts(self, sources: Collection[str], subject: Callable[[str], str]) -> Iterator[Fact]:
        """What these sources say, and what tells where those of editable installs lie."""
        for path in sources:
            yield Fact("module", subject(path), digest_of_file(path) or "")
        for path in _ways(path for path in sources if os.path.isabs(subject(path))):
            yield Fact("file", path, digest_of_file(path) or "")

    def __iter__(self) -> Iterator[Any]:
        # Not the difference of two sets: a look at every name would have a forked worker copy
        # hundreds of pages. Without Python code in between, no thread can import meanwhile.
        for name in list(takewhile(self._last.__ne__, reversed(sys.modules))):
            module = sys.modules.get(name)
            if _is_local(name, module, self._installed):
                yield module


@contextmanager
def imported_anew() -> Iterator[None]:
    """Have local modules imported anew meanwhile: as they are now, and seen by who looks on."""
    aside = _local()
    _forget(aside)
    try:
        yield
    finally:
        _forget(_local())
        sys.modules.update(aside)


def _ways(sources: Iterable[str]) -> Iterator[str]:
    """The files among the installed ones that name a folder in which one of these lies."""
    folders = {parent for path in sources for parent in _parents(path)}
    for library in libraries() if folders else ():
        for kind in ("*.pth", "__editable__*.py"):
            for path in glob.glob(os.path.join(library, kind)):
                with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
                    if any(each in folders for each in _PATH.findall(file.read())):
                        yield path


def _parents(path: str) -> Iterator[str]:
    while (parent := os.path.dirname(path)) != path:
        yield parent
        path = parent


def _local() -> dict[str, Any]:
    """Those of this process, by name."""
    everywhere = installed()
    return {n: module for n, module in [*sys.modules.items()] if _is_local(n, module, everywhere)}


def _forget(names: Iterable[str]) -> None:
    for name in names:
        sys.modules.pop(name, None)


def _is_local(name: str, module: Any, installed: tuple[str, ...]) -> bool:
    path = getattr(module, "__file__", None)
    if name == "__main__" or not isinstance(path, str):
        return False
    return not os.path.abspath(path).startswith(installed)
