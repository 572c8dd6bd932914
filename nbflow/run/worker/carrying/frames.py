"""Which of a task's inputs hold a pandas index that the body has given other names.

All else of an index is immutable; frames and columns share indexes freely, and mostly it matters
to nobody. So it must cost next to nothing to tell.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from nbflow.run.worker.carrying.sharing import children, look_of

#: So many objects are looked at under one name; behind that, every change may be one of names.
_MAXIMUM_OBJECTS = 300


class Axes:
    """Notes what indexes are called when a body begins."""

    def __init__(self) -> None:
        self._noted: dict[str, list[tuple[Any, list[Any]]]] = {}
        #: Names of values that were too large to be looked through.
        self._cut: set[str] = set()

    def note(self, values: Mapping[str, object]) -> None:
        """Look at the inputs; the body comes next."""
        if "pandas" not in sys.modules:
            return
        for name, value in values.items():
            if look_of(type(value)) == "leaf":
                continue
            found = _axes(value)
            if found is None:
                self._cut.add(name)
            elif found:
                self._noted[name] = [(axis, list(axis.names)) for axis in found]

    def renamed(self, changed: Collection[str]) -> Iterator[str]:
        """The inputs in which an index has other names now.

        Parameters
        ----------
        changed
            Inputs whose objects the body has changed in one way or another.
        """
        for name in changed:
            noted = self._noted.get(name, ())
            if name in self._cut or any(list(axis.names) != before for axis, before in noted):
                yield name


def _axes(value: object) -> list[Any] | None:
    """The indexes inside a value; None where there is too much to look through."""
    waiting: list[Any] = [value]
    seen: dict[int, object] = {}
    found: list[Any] = []
    while waiting:
        each = waiting.pop()
        look = look_of(type(each))
        if look in ("leaf", "alone", "array") or id(each) in seen:
            continue
        seen[id(each)] = each
        if look == "axis":
            found.append(each)
            continue
        held = each.axes if look == "frame" else children(look, each)
        if len(held) + len(seen) + len(waiting) > _MAXIMUM_OBJECTS:
            return None
        waiting += held
    return found
