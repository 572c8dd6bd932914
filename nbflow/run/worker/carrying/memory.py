"""Where arrays, frames and columns lie in memory, and which of them show the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple


class Span(NamedTuple):
    """Where an array is."""

    low: int
    high: int
    #: The value that it is in.
    root: int
    array: Any
    #: Where a frame or column shows it, the number of whose memory it is; else nothing.
    owner: int = 0


def spans_of(
    arrays: Mapping[int, Sequence[Any]], blocks: Mapping[int, Sequence[tuple[Any, int]]]
) -> list[Span]:
    """The places of all arrays, in order, by the number of the value that they are in.

    Parameters
    ----------
    blocks
        Those of frames and columns, with the number of whose memory they are.
    """
    from nbflow.store.strides import bounds_of  # it needs NumPy

    shown = {root: [(array, 0) for array in each] for root, each in arrays.items()}
    spans = (
        Span(*bounds_of(array), root, array, owner)
        for each in (shown, blocks)
        for root, pairs in each.items()
        for array, owner in pairs
        if array.size
    )
    return sorted(spans, key=lambda span: span.low)


def of_arrays(spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Pairs of values in which arrays show the same memory."""
    end, holder, widest = 0, -1, None
    for low, high, root, array, owner in spans:
        if owner:
            continue
        if low < end and root != holder and _can_change(array, widest):
            yield holder, root
        if high > end:
            end, holder, widest = high, root, array


def of_frames(spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Pairs of values that show the same memory, one of them by a frame or column.

    Those that copy it before they write to it, for the sake of each other, are none by themselves.
    """
    end, group = 0, list[Span]()
    for span in spans:
        if span.low >= end:
            yield from _of_group(group)
            group = []
        group.append(span)
        end = max(end, span.high)
    yield from _of_group(group)


def _of_group(group: Sequence[Span]) -> Iterator[tuple[int, int]]:
    owners = {span.owner for span in group} - {0}
    is_bare = any(not span.owner for span in group)
    if len(owners) + is_bare > 1 and owners and _can_change(*(span.array for span in group)):
        yield from ((group[0].root, span.root) for span in group[1:])


def _can_change(*arrays: Any) -> bool:
    return any(array.flags.writeable for array in arrays)
