"""The user's own modules that a task has imported."""

# Plain strings, as the observer has them.
# ruff: noqa: PTH100

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import takewhile
from typing import Any


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

    def files(self) -> Iterator[str]:
        """Their sources."""
        for module in self:
            yield os.path.abspath(str(module.__file__))

    def __iter__(self) -> Iterator[Any]:
        # Not the difference of two sets: a look at every name would have a forked worker copy
        # hundreds of pages. Without Python code in between, no thread can import meanwhile.
        for name in list(takewhile(self._last.__ne__, reversed(sys.modules))):
            module = sys.modules.get(name)
            path = getattr(module, "__file__", None)
            if name == "__main__" or not isinstance(path, str):
                continue
            if not os.path.abspath(path).startswith(self._installed):
                yield module
