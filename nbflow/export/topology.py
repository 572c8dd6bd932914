"""A flow's graph as steps one after the other and side by side: all that Metaflow can draw."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import msgspec


class Side(msgspec.Struct, frozen=True):
    """Parts that run side by side, and are joined."""

    parts: tuple[Parts, ...]


#: Steps by their cell ids, and parts side by side; one after the other.
Parts: TypeAlias = "tuple[str | Side, ...]"


def arranged(order: Sequence[str], above: Mapping[str, Collection[str]]) -> Parts:
    """All steps, each after those above it; side by side where they do not depend on each other.

    Where the graph cannot be drawn so, some steps wait for more than they need.

    >>> arranged("abcd", {"b": "a", "c": "a", "d": "bc"})
    ('a', Side(parts=(('b',), ('c',))), 'd')
    """
    return _one_after_the_other(tuple(order), {cell: set(above.get(cell, ())) for cell in order})


def _one_after_the_other(cells: tuple[str, ...], above: Mapping[str, set[str]]) -> Parts:
    if not cells:
        return ()
    groups = _groups(cells, above)
    if len(groups) > 1:
        return (Side(tuple(_one_after_the_other(group, above) for group in groups)),)
    if len(cells) == 1:
        return cells
    within = set(cells)
    first = tuple(cell for cell in cells if not above[cell] & within)
    last = tuple(c for c in cells if not any(c in above[other] for other in cells))
    rest = tuple(cell for cell in cells if cell not in first)
    before = tuple(cell for cell in cells if cell not in last)
    # Whatever falls apart without its ends stays apart as long as it can.
    if len(_groups(rest, above)) <= 1 < len(_groups(before, above)):
        return (*_one_after_the_other(before, above), *_one_after_the_other(last, above))
    return (*_one_after_the_other(first, above), *_one_after_the_other(rest, above))


def _groups(cells: Sequence[str], above: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """The cells that hang together, each group in order."""
    found: list[set[str]] = []
    for cell in cells:
        met = [group for group in found if group & _near(cell, cells, above)]
        found = [group for group in found if group not in met]
        found.append({cell}.union(*met))
    found.sort(key=lambda group: min(cells.index(cell) for cell in group))
    return [tuple(cell for cell in cells if cell in group) for group in found]


def _near(cell: str, cells: Sequence[str], above: Mapping[str, set[str]]) -> set[str]:
    return above[cell] | {other for other in cells if cell in above[other]}
