"""Arrays that are views of one memory: how they are taken apart, so that they will be so again."""

from __future__ import annotations

import ctypes
import pickle
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from nbflow.store.buffers import owner_of
from nbflow.store.functions import Reduced
from nbflow.store.strides import bounds_of

#: Memory around views that is none of the values themselves is kept whole up to this times the
#: part that they show.
_MOST_AROUND = 4


def reducers_of(arrays: Iterable[Any]) -> dict[int, Reduced]:
    """How to take apart the arrays that others among them are views of, and those views."""
    by_root: dict[int, list[Any]] = {}
    for array in {id(each): each for each in arrays}.values():
        if array.size and _is_taken_apart(array):
            by_root.setdefault(id(_root(array)), []).append(array)
    found: dict[int, Reduced] = {}
    for members in by_root.values():
        if len(members) > 1:
            root = _root(members[0])
            if root.dtype.hasobject:
                _add_objects(root, members, found)
            else:
                _add_views(root, members, found)
    return found


def owner(data: Any, dtype: Any, shape: tuple[int, ...], order: str, writeable: bool) -> Any:
    """An array that owns its memory, as the one did that others were views of."""
    array: Any = np.empty(shape, dtype, order)  # type: ignore[call-overload]
    flat = array.reshape(-1) if order == "C" else array.T.reshape(-1)
    flat.view(np.uint8)[:] = np.frombuffer(data, np.uint8)
    array.flags.writeable = writeable
    return array


def owner_of_objects(items: list[Any]) -> Any:
    """The same for objects: a row of them."""
    array = np.empty(len(items), object)
    for place, item in enumerate(items):
        array[place] = item
    return array


def view(
    base: Any,
    offset: int,
    dtype: Any,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    write: bool,
    kind: Any = np.ndarray,
) -> Any:
    """A view of another array's memory."""
    flat = base if base.flags.c_contiguous else base.T
    array: Any
    if dtype.hasobject:
        array = as_strided(flat[offset // dtype.itemsize :], shape, strides)
    else:
        array = np.ndarray(shape, dtype, flat, offset, strides)
    if not write:
        array.flags.writeable = False
    return array if kind is np.ndarray else array.view(kind)


def give_attributes(array: Any, attributes: dict[str, Any]) -> None:
    """Give an array of a class of its own what it keeps beside its items."""
    vars(array).update(attributes)


def _add_views(root: Any, members: Sequence[Any], found: dict[int, Reduced]) -> None:
    low = min(bounds_of(each)[0] for each in members)
    high = max(bounds_of(each)[1] for each in members)
    dense = root.flags.c_contiguous or root.flags.f_contiguous
    is_member = any(each is root for each in members)
    base = root if type(root) is np.ndarray else root.view(np.ndarray)
    if dense and (is_member or root.nbytes <= _MOST_AROUND * (high - low)):
        low = bounds_of(root)[0]
    else:
        base = np.frombuffer(ctypes.string_at(low, high - low), np.uint8)
    order = "C" if base.flags.c_contiguous else "F"
    flat: Any = (base if order == "C" else base.T).reshape(-1).view(np.uint8)
    write = any(each.flags.writeable for each in (root, *members))
    parts = owner, (pickle.PickleBuffer(flat), base.dtype, base.shape, order, write)
    if base is root:
        found[id(root)] = parts
    kept = root if base is root else _Memory(parts)
    for each in members:
        if each is not kept:
            found[id(each)] = _as_view(kept, low, each)


def _add_objects(root: Any, members: Sequence[Any], found: dict[int, Reduced]) -> None:
    low = min(bounds_of(each)[0] for each in members)
    high = max(bounds_of(each)[1] for each in members)
    flat = (root if root.flags.c_contiguous else root.T).reshape(-1)
    first, size = bounds_of(root)[0], root.itemsize
    items = [flat[place] for place in range((low - first) // size, (high - first) // size)]
    kept = _Memory((owner_of_objects, (items,)))
    for each in members:
        found[id(each)] = _as_view(kept, low, each)


def _as_view(kept: Any, low: int, each: Any) -> Any:
    start = each.__array_interface__["data"][0] - low
    place = (kept, start, each.dtype, each.shape, each.strides, each.flags.writeable)
    if type(each) is np.ndarray:
        return view, place
    return view, (*place, type(each)), dict(vars(each)), None, None, give_attributes


class _Memory:
    """A piece of memory of which only parts have a name; it is loaded as an array of its own."""

    def __init__(self, parts: Reduced) -> None:
        self.parts = parts

    def __reduce__(self) -> Reduced:
        return self.parts


def _is_taken_apart(array: Any) -> bool:
    """Whether there is nothing more to an array than its items, attributes and place in memory."""
    root, kind = _root(array), type(array)
    if kind is np.ndarray and root.base is not None and owner_of(root) is not None:
        return False  # it goes with that
    if array.dtype.hasobject or root.dtype.hasobject:
        dense = root.flags.c_contiguous or root.flags.f_contiguous
        return bool(dense and array.dtype == root.dtype == np.dtype(object))
    # What is mapped from a file is no part of the process's memory.
    return kind is np.ndarray or (hasattr(array, "__dict__") and not isinstance(array, np.memmap))


def _root(array: Any) -> Any:
    while True:
        base = array.base
        if type(base).__name__ == "DummyArray":
            base = base.base  # of views made by their strides
        if not isinstance(base, np.ndarray):
            return array
        array = base
