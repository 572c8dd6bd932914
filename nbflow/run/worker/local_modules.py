"""The user's own modules that a task has imported."""

# Plain strings, as the observer has them.
# ruff: noqa: PTH100

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import takewhile


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
        # Not the difference of two sets: a look at every name would have a forked worker copy
        # hundreds of pages. Without Python code in between, no thread can import meanwhile.
        for name in list(takewhile(self._last.__ne__, reversed(sys.modules))):
            path = getattr(sys.modules.get(name), "__file__", None)
            if name != "__main__" and isinstance(path, str):
                path = os.path.abspath(path)
                if not path.startswith(self._installed):
                    yield path
