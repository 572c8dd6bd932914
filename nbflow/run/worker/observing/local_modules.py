"""The user's own modules, as a task imports them."""

# Plain strings, as the observer has them.
# ruff: noqa: PTH100

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Any

from nbflow.run.worker.observing.places import installed


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
