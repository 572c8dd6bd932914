"""The memory of pandas' frames and columns: who shows it, and who copies it before writing."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from nbflow.store.functions import Reduced

#: Where the classes of blocks are, and of what keeps them together.
_INTERNALS = "pandas.core.internals."


def memory_of(frame: Any) -> Iterator[tuple[Any, int]]:
    """The arrays in which a frame or column keeps its items, and whose memory they are.

    Frames and columns that were made of each other have the same number there: the first of them
    that is written to takes a copy, so that they share nothing that can be seen. In pandas 2 they
    take none, unless it is told to.
    """
    copies = _copies()
    for block in frame._mgr.blocks:
        number = id((copies and getattr(block, "refs", None)) or block)
        values = block.values
        if hasattr(values, "__array_interface__"):
            yield values, number
            continue
        # Categories, dates with a zone, numbers that may be missing: those too are in arrays.
        for part in ("_ndarray", "_data", "_mask"):
            array = getattr(values, part, None)
            if hasattr(array, "__array_interface__"):
                yield array, number


def _copies() -> bool:
    told = getattr(importlib.import_module("pandas._config"), "using_copy_on_write", None)
    return told is None or bool(told())


class Blocks:
    """Blocks of one pickle that copy before they are written to, for the sake of each other."""

    def __init__(self) -> None:
        #: Where some memory was met first, by the ``id`` of who counts its blocks.
        self._first: dict[int, Any] = {}

    def reduce(self, obj: Any, kind: type) -> Reduced | None:
        """How a block, or all there is in a column, is taken apart if its memory was met before."""
        if not kind.__module__.startswith(_INTERNALS):
            return None
        is_column = hasattr(obj, "blocks") and obj.ndim == 1
        block = obj.blocks[0] if is_column else obj
        if (count := getattr(block, "refs", None)) is None or not hasattr(block, "mgr_locs"):
            return None
        first = self._first.setdefault(id(count), obj)
        if first is obj:
            return None
        parts = first, block.values, block.mgr_locs.indexer, block.ndim
        return (restore_column, (*parts, *obj.axes)) if is_column else (restore_block, parts)


def restore_block(first: Any, values: Any, places: Any, dimensions: int) -> Any:
    """A block that knows of another one with the same memory."""
    blocks: Any = importlib.import_module("pandas.core.internals.blocks")
    internals: Any = importlib.import_module("pandas._libs.internals")
    refs = first.blocks[0].refs if hasattr(first, "blocks") else first.refs
    place = internals.BlockPlacement(places)
    return blocks.new_block(values, place, ndim=dimensions, refs=refs)


def restore_column(first: Any, values: Any, places: Any, dimensions: int, axis: Any) -> Any:
    """The same for what a column consists of."""
    managers: Any = importlib.import_module("pandas.core.internals.managers")
    block = restore_block(first, values, places, dimensions)
    return managers.SingleBlockManager(block, axis)
