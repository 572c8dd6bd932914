"""Which of a task's inputs hold frames that the body has changed in a way that others may see.

Frames and columns share indexes freely, and of those only the names can be changed; and they copy
their memory before they write to it, unless only arrays show it as well. Mostly it matters to
nobody, so it must cost next to nothing to tell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbflow.run.worker.carrying.sharing import children, look_of
from nbflow.store.blocks import memory_of

#: So many objects are looked at under one name; behind that, every change may be one of names.
_MAXIMUM_OBJECTS = 300


@dataclass(slots=True)
class _Parts:
    """What of pandas there is inside a value."""

    axes: list[tuple[Any, list[Any]]] = field(default_factory=list)
    #: The arrays in which frames keep their items.
    memory: list[Any] = field(default_factory=list)
    #: Whether there are arrays beside those.
    bare: bool = False


class Frames:
    """Notes what indexes are called, and where items are, when a body begins."""

    def __init__(self) -> None:
        self._noted: dict[str, _Parts] = {}
        #: Names of values that were too large to be looked through.
        self._cut: set[str] = set()

    def note(self, values: Mapping[str, object]) -> None:
        """Look at the inputs; the body comes next."""
        if "pandas" not in sys.modules:
            return
        for name, value in values.items():
            if look_of(type(value)) == "leaf":
                continue
            found = _parts(value)
            if found is None:
                self._cut.add(name)
            else:
                self._noted[name] = found

    def renamed(self, changed: Collection[str]) -> Iterator[str]:
        """The inputs in which an index has other names now.

        Parameters
        ----------
        changed
            Inputs whose objects the body has changed in one way or another.
        """
        for name in changed:
            noted = self._noted.get(name, _Parts())
            if name in self._cut or any(list(axis.names) != before for axis, before in noted.axes):
                yield name

    def rewritten(self, changed: Collection[str], load: Callable[[str], object]) -> Iterator[str]:
        """The inputs of which some memory that arrays may show as well holds something else now.

        Parameters
        ----------
        load
            Gives an input as it was.
        """
        for name in changed:
            noted = self._noted.get(name, _Parts())
            if name in self._cut or noted.bare:
                yield name
            elif noted.memory:
                before = _parts(load(name))
                if before is None or not _are_same(before.memory, noted.memory):
                    yield name


def _parts(value: object) -> _Parts | None:
    """What there is inside a value; None where it is too much to look through."""
    waiting: list[Any] = [value]
    seen: dict[int, object] = {}
    found = _Parts()
    while waiting:
        each = waiting.pop()
        look = look_of(type(each))
        if look in ("leaf", "alone") or id(each) in seen:
            continue
        if look == "array":
            found.bare = True
            continue
        seen[id(each)] = each
        if look == "axis":
            found.axes.append((each, list(each.names)))
            continue
        if look == "frame":
            found.memory += [array for array, _ in memory_of(each)]
        held = each.axes if look == "frame" else children(look, each)
        if len(held) + len(seen) + len(waiting) > _MAXIMUM_OBJECTS:
            return None
        waiting += held
    return found


def _are_same(before: list[Any], now: list[Any]) -> bool:
    return len(before) == len(now) and all(map(_is_same, before, now))


def _is_same(before: Any, now: Any) -> bool:
    import numpy as np

    if before.dtype != now.dtype or before.shape != now.shape or now.dtype.hasobject:
        return False
    if now.flags.f_contiguous:
        before, now = before.T, now.T
    one, other = (np.ascontiguousarray(each).reshape(-1).view(np.uint8) for each in (before, now))
    words = one.size // 8 * 8  # byte by byte it would take longer than to hash them
    return np.array_equal(
        one[:words].view(np.uint64), other[:words].view(np.uint64)
    ) and np.array_equal(one[words:], other[words:])
