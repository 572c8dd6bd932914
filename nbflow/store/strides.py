"""How an array lies in memory: kept when it is carried, for sums and products depend on it.

NumPy and BLAS add in the order in which the numbers lie, so that an array of equal content that
lies otherwise gives other last digits; and those can be the seed of larger differences. So the
layout is part of the content, and of the digest. Gaps are kept as gaps, but not what is in them.
No array is stored at more than twice its size: wide gaps are stored narrow, and are as wide as
they were when it is loaded, unless that would take much memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

try:
    from numpy.lib.array_utils import byte_bounds
except ImportError:  # NumPy 1
    byte_bounds = np.byte_bounds  # type: ignore[attr-defined]

#: Arrays are stored as they lie while the gaps are no larger than the rest.
_MOST_AROUND = 2
#: Bytes up to which gaps are made as wide again as they were; behind that they stay narrow, which
#: nobody sees but who asks for the strides.
_WIDEST = 1 << 26


class Layout(msgspec.Struct, frozen=True):
    """Where the items of an array are in its memory; all in bytes."""

    strides: tuple[int, ...]
    #: Where the first item is; it is not at the beginning when strides are negative.
    offset: int
    size: int
    #: The strides with which it is loaded, where it is stored with others.
    wide: tuple[int, ...] | None = None


def bounds_of(array: Any) -> tuple[int, int]:
    """The addresses of an array's first byte, and of what is behind its last."""
    low, high = byte_bounds(array)
    return low, high


def layout_of(array: Any) -> Layout:
    """The layout with which an array is carried."""
    axes = [axis for axis in range(array.ndim) if array.shape[axis] > 1]
    strides = [array.itemsize] * array.ndim
    for axis in axes:
        strides[axis] = array.strides[axis]
    layout = _placed(array, strides)
    if layout.size <= _MOST_AROUND * array.nbytes:
        return layout
    held = kept = array.itemsize
    narrow: dict[int, int] = {}
    for axis in sorted(axes, key=lambda axis: abs(array.strides[axis])):
        stride = abs(array.strides[axis])
        if stride < held and stride not in narrow:
            return layout  # items lie upon each other
        narrow.setdefault(stride, kept if stride == held else kept + array.itemsize)
        strides[axis] = narrow[stride] if array.strides[axis] > 0 else -narrow[stride]
        held += stride * (array.shape[axis] - 1)
        kept += narrow[stride] * (array.shape[axis] - 1)
    narrowed = _placed(array, strides)
    return replace(narrowed, wide=layout.strides if layout.size <= _WIDEST else None)


def memory_of(array: Any, layout: Layout) -> Any:
    """The memory of an array in this layout, as bytes; the array's own where it has no gaps."""
    forward = array[tuple(slice(None, None, -1 if s < 0 else 1) for s in layout.strides)]
    ordered = forward.transpose(sorted(range(array.ndim), key=lambda axis: -forward.strides[axis]))
    if ordered.flags.c_contiguous:
        return ordered.reshape(-1).view(np.uint8)
    memory = np.zeros(layout.size, np.uint8)
    restored(memory, array.dtype, array.shape, layout.strides, layout.offset)[...] = array
    return memory


def restored(
    memory: Any,
    dtype: Any,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int,
    wide: tuple[int, ...] | None = None,
) -> Any:
    """The array over memory that was laid out so."""
    array: Any = np.ndarray(shape, dtype, memory, offset, strides)
    if wide is None:
        return array
    place = _placed(array, wide)
    spread = restored(np.zeros(place.size, np.uint8), dtype, shape, place.strides, place.offset)
    spread[...] = array
    return spread


def _placed(array: Any, strides: Sequence[int]) -> Layout:
    ways = [s * (length - 1) for s, length in zip(strides, array.shape, strict=True)]
    return Layout(
        tuple(strides), -sum(min(way, 0) for way in ways), array.itemsize + sum(map(abs, ways))
    )
