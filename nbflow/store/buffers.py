"""Views of bytes that can be written: each remains a view of the very bytes that others show.

A memoryview of a bytearray, of an ``array.array`` or of an array; an array of ``np.frombuffer``.
"""

from __future__ import annotations

import array
import math
import struct
import sys
from typing import Any

from nbflow.store.functions import Reduced

#: References to what is looked at here, and has one owner.
_ALONE = 3


def restore_view(data: Any, code: str, shape: tuple[int, ...], begin: int | None = None) -> Any:
    """A view of bytes, or of those of them that begin somewhere; writable as its data is."""
    view: Any = memoryview(data)
    if begin is None:
        return view.cast(code, shape)
    size = struct.calcsize(code) * math.prod(shape)
    return view.cast("B")[begin : begin + size].cast(code, shape)


def reduce_view(obj: memoryview) -> Reduced:
    """How a memoryview is taken apart: with all that it is a view of, where that can be written."""
    base: Any = obj.obj
    if obj.readonly:
        return restore_view, (obj.tobytes(), obj.format, obj.shape)
    if not (obj.nbytes and obj.c_contiguous and _is_whole(base)):
        return restore_view, (bytearray(obj.tobytes()), obj.format, obj.shape)
    begin = _address(obj) - _address(memoryview(base))
    return restore_view, (base, obj.format, obj.shape, begin)


def restore_array(
    data: Any, begin: int, dtype: Any, shape: tuple[int, ...], strides: tuple[int, ...], write: bool
) -> Any:
    """An array of bytes that are somebody's."""
    import numpy as np

    made: Any = np.ndarray(shape, dtype, memoryview(data), begin, strides)
    made.flags.writeable = write
    return made


def reduce_array(obj: Any) -> Reduced | None:
    """How an array is taken apart that shows bytes of another object that can be written."""
    owner = owner_of(obj)
    if owner is None or not obj.size:
        return None
    begin = obj.__array_interface__["data"][0] - _address(memoryview(owner))
    return restore_array, (owner, begin, obj.dtype, obj.shape, obj.strides, obj.flags.writeable)


def restore_flat(base: Any, index: int) -> Any:
    """An array's iterator over its items, where it was."""
    made = base.flat
    for _ in range(index):
        next(made)
    return made


def reduce_flat(obj: Any) -> Reduced:
    """How an array's iterator is taken apart: with the array."""
    return restore_flat, (obj.base, obj.index)


def owner_of(obj: Any) -> Any:
    """The object, other than an array, whose bytes an array shows; None where they are its own."""
    numpy = sys.modules["numpy"]
    base = obj.base
    while isinstance(base, numpy.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if type(base) not in (bytearray, array.array) or not len(base):
        return None
    # What only the array refers to nobody else sees, as what was loaded with it.
    return base if sys.getrefcount(base) > _ALONE else None


def _is_whole(base: Any) -> bool:
    if isinstance(base, bytearray | array.array):
        return bool(base)
    numpy = sys.modules.get("numpy")
    is_array = numpy is not None and type(base) is numpy.ndarray
    return bool(is_array and base.flags.c_contiguous and base.size and not base.dtype.hasobject)


def _address(view: memoryview) -> int:
    import ctypes

    flat = view.cast("B") if view.ndim != 1 or view.format != "B" else view
    return ctypes.addressof((ctypes.c_char * flat.nbytes).from_buffer(flat))
