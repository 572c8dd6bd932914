"""Tells of a large value that nobody has touched it: it is made of the very objects as before.

To encode it once more tells the same of every kind of value. Of data in lists, dicts, arrays and
frames it is told here at a fraction of the time; of what holds anything else, nothing is.
"""

from __future__ import annotations

import enum
import types
import weakref
from dataclasses import dataclass
from itertools import chain
from operator import is_
from typing import Any, NamedTuple, TypeAlias

from blake3 import blake3

from nbflow.run.worker.carrying.sharing import look_of
from nbflow.store.kinds import package_of

#: Containers that are told by their items, and by how many there are.
_SEQUENCES = (list, tuple, set, frozenset)
#: Packages of what is the same for everybody, though it can be changed.
_COMMON = frozenset({"logging", "weakref"})
#: What can be changed, and what travels by itself.
_CHANGEABLE = (type, types.ModuleType, enum.Enum, weakref.ref)
#: Kinds of arrays whose bytes are all that there is to them.
_BYTES = frozenset("biufcmMSU")
#: So many arrays, frames and columns are looked at in one value, and so many levels of it.
_MAXIMUM_PARTS = 10_000
_MAXIMUM_LEVELS = 50

#: Of an array, frame or column: the objects in it, and all else that it is made of.
_Parts: TypeAlias = tuple[list[Any], tuple[object, ...]]


class Untouched(NamedTuple):
    """What a value is made of, level by level; the objects are kept, so that none is replaced."""

    value: object
    levels: list[_Level]

    def holds(self) -> bool:
        """Whether it is made of the same objects still, and its arrays hold the same."""
        return all(level.holds() for level in self.levels)


def look(value: object) -> Untouched | None:
    """Keep what a value is made of; None where it holds anything that cannot be told so."""
    levels: list[_Level] = []
    met: set[int] = set()
    waiting: dict[int, Any] = {id(value): value}
    while waiting:
        level = _Level.of([*waiting.values()]) if len(levels) < _MAXIMUM_LEVELS else None
        if level is None:
            return None
        levels.append(level)
        met |= waiting.keys()
        found = level.to_look_at()
        waiting = dict(zip(map(id, found), found, strict=True))
        for known in met & waiting.keys():
            del waiting[known]
    return Untouched(value, levels)


@dataclass(slots=True)
class _Level:
    """Some parts of a value, and what each of them holds."""

    sequences: list[Any]
    dicts: list[dict[Any, Any]]
    #: Arrays, frames and columns, with their parts.
    others: list[tuple[Any, _Parts]]
    #: What the containers hold, one after the other, and how many each.
    held: list[Any]
    lengths: list[int]

    @classmethod
    def of(cls, nodes: list[Any]) -> _Level | None:
        sequences = [each for each in nodes if type(each) in _SEQUENCES]
        dicts = [each for each in nodes if type(each) is dict]
        others: list[tuple[Any, _Parts]] = []
        if len(sequences) + len(dicts) < len(nodes):
            rest = [each for each in nodes if type(each) not in (*_SEQUENCES, dict)]
            if len(rest) > _MAXIMUM_PARTS:
                return None
            for each in rest:
                if (parts := _parts(each)) is None:
                    return None
                others.append((each, parts))
        level = cls(sequences, dicts, others, [], [])
        level.held, level.lengths = level._holds_now(), level._lengths_now()
        return level

    def to_look_at(self) -> list[Any]:
        """What it holds that has parts of its own."""
        found: list[Any] = []
        for held in (self.held, *(parts[0] for _, parts in self.others)):
            # Mostly these are very many objects of very few types.
            kinds = {kind for kind in set(map(type, held)) if not _is_leaf(kind)}
            if kinds:
                found += (each for each in held if type(each) in kinds)
        return found

    def holds(self) -> bool:
        return (
            self.lengths == self._lengths_now()
            and _are_same(self.held, self._holds_now())
            and all(_are_parts(parts, _parts(each)) for each, parts in self.others)
        )

    def _holds_now(self) -> list[Any]:
        items = chain.from_iterable(self.sequences)
        keys = chain.from_iterable(self.dicts)
        values = chain.from_iterable(each.values() for each in self.dicts)
        return [*items, *keys, *values]

    def _lengths_now(self) -> list[int]:
        return [*map(len, self.sequences), *map(len, self.dicts)]


def _are_same(before: list[Any], now: list[Any]) -> bool:
    return len(before) == len(now) and all(map(is_, before, now))


def _are_parts(before: _Parts, now: _Parts | None) -> bool:
    return now is not None and _are_same(before[0], now[0]) and before[1] == now[1]


def _is_leaf(kind: type) -> bool:
    """Whether what is of this type never changes."""
    if kind.__module__ == "__main__" or issubclass(kind, _CHANGEABLE):
        return False
    return package_of(kind) not in _COMMON and look_of(kind) == "leaf"


def _parts(each: Any) -> _Parts | None:
    """The parts of an array, or of anything of pandas; None where they cannot be told."""
    try:
        return _parts_of(each, type(each))
    except AttributeError:  # another version of a library keeps them elsewhere
        return None


def _parts_of(each: Any, kind: type) -> _Parts | None:
    name = f"{package_of(kind)}.{kind.__name__}"
    match name:
        case "numpy.ndarray":
            return _of_array(each)
        case "pandas.DataFrame" | "pandas.Series":
            return _of_frame(each)
        case "pandas.RangeIndex":
            return [*each.names], (each.start, each.stop, each.step)
        case "pandas.MultiIndex":
            return [*each.names, *each._levels, *each._codes], ()
        case "pandas.Index" | "pandas.DatetimeIndex" | "pandas.TimedeltaIndex":
            return [*each.names, each._data], (getattr(each, "freq", None),)
        case "pandas.Categorical":
            return [each._ndarray, each.dtype.categories], (each.ordered,)
        case "pandas.DatetimeArray" | "pandas.TimedeltaArray":
            return [each._ndarray], (getattr(each, "_freq", None),)
        case "pandas.NumpyExtensionArray" | "pandas.StringArray" | "pandas.PeriodArray":
            return [each._ndarray], ()
        case "pandas.IntegerArray" | "pandas.FloatingArray" | "pandas.BooleanArray":
            return [each._data, each._mask], ()
        case "pandas.ArrowStringArray" | "pandas.ArrowExtensionArray":
            return [each._pa_array], ()
        case "pyarrow.ChunkedArray":
            return [], ()  # nothing changes it
    return None


def _of_array(array: Any) -> _Parts | None:
    form = array.shape, array.strides, array.dtype.str, array.flags.writeable
    below = array.base
    # What is shown as a whole here need not be looked at twice.
    base = [below] if type(below) is type(array) and below.nbytes != array.nbytes else []
    if array.dtype.kind == "O":
        return [*base, *array.ravel().tolist()], form
    if array.dtype.kind not in _BYTES:
        return None
    if not array.nbytes:
        return base, form
    import numpy as np

    stored = array.T if array.flags.f_contiguous else array
    octets = np.ascontiguousarray(stored).reshape(-1).view(np.uint8)
    return base, (*form, blake3(octets.data).digest())


def _of_frame(frame: Any) -> _Parts:
    manager = frame._mgr
    blocks = manager.blocks
    held = [*manager.axes, *(block.values for block in blocks), frame.attrs]
    places = tuple(block.mgr_locs.as_array.tobytes() for block in blocks)
    if frame.ndim == 1:
        held.append(frame.name)
    return held, (places, frame.flags.allows_duplicate_labels)
