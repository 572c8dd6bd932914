"""Orders and aligns the vertices of a layout's columns: few crossings, straight edges."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

_HELPER_GAP = 14.0
#: Vertices of a part from where on it is gone over less often: nobody sees each line of it.
_SMALL, _LARGE = 500, 4000


@dataclass(slots=True)
class Grid:
    """The vertices of one connected part in their columns: nodes, then helpers."""

    #: Vertices of each column, top to bottom.
    columns: list[list[int]]
    before: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    after: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def untangle(grid: Grid) -> None:
    """Order each column by the middle of its neighbours, back and forth, and keep the best."""
    size = sum(len(column) for column in grid.columns)
    if size == len(grid.columns):
        return
    best, fewest = [list(column) for column in grid.columns], _crossings(grid)
    for sweep in range(12 if size < 1000 else 6 if size < _LARGE else 4):
        if fewest == 0:
            break
        columns = range(len(grid.columns))
        if sweep % 2:
            columns = columns[::-1]
        for current, previous in zip(columns[1:], columns, strict=False):
            position = {vertex: i for i, vertex in enumerate(grid.columns[previous])}
            near = grid.before if previous < current else grid.after
            keys = {}
            for i, vertex in enumerate(grid.columns[current]):
                places = [position[other] for other in near[vertex]]
                keys[vertex] = sum(places) / len(places) if places else float(i)
            grid.columns[current].sort(key=keys.__getitem__)
        crossings = _crossings(grid)
        if crossings < fewest:
            best, fewest = [list(column) for column in grid.columns], crossings
    grid.columns = best


def _crossings(grid: Grid) -> int:
    crossings = 0
    for left, right in pairwise(grid.columns):
        position = {vertex: i for i, vertex in enumerate(right)}
        ended: list[int] = []
        for vertex in left:
            ends = sorted(position[other] for other in grid.after[vertex])
            crossings += sum(len(ended) - bisect_right(ended, end) for end in ends)
            for end in ends:
                insort(ended, end)
    return crossings


def align(
    grid: Grid, middles: list[float], heights: Sequence[float], count: int, row_gap: float
) -> None:
    """Move each vertex towards the middle of its neighbours, as far as its column allows."""

    gaps_of = [
        [
            (heights[a] + heights[b]) / 2 + (row_gap if max(a, b) < count else _HELPER_GAP)
            for a, b in pairwise(column)
        ]
        for column in grid.columns
    ]

    def settle(at: int, near: Callable[[int], list[int]]) -> None:
        column = grid.columns[at]
        wishes, pulls = [], []
        for vertex in column:
            # Long edges first: a strand of helpers should be straight.
            light, heavy = (1.0, 3.0) if vertex < count else (3.0, 10.0)
            total = pull = 0.0
            for other in near(vertex):
                weight = light if other < count else heavy
                total += weight * middles[other]
                pull += weight
            wishes.append(total / pull if pull else middles[vertex])
            pulls.append(1.0 + pull)
        for vertex, middle in zip(column, _spread(wishes, pulls, gaps_of[at]), strict=True):
            middles[vertex] = middle

    last = len(grid.columns) - 1
    size = sum(len(column) for column in grid.columns)
    for at in range(last + 1):
        settle(at, lambda _: [])
    for _ in range(6 if size < _LARGE else 3):
        for at in range(1, last + 1):
            settle(at, grid.before.__getitem__)
        for at in range(last - 1, -1, -1):
            settle(at, grid.after.__getitem__)
    near = {v: grid.before[v] + grid.after[v] for column in grid.columns for v in column}
    for _ in range(20 if size < _SMALL else 4 if size < _LARGE else 2):
        for at in range(last + 1):
            settle(at, near.__getitem__)


def straighten(grid: Grid, middles: list[float], heights: Sequence[float], count: int) -> None:
    """Level each strand of helpers over the longest stretches that nothing stands in."""
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    for column in grid.columns:
        for over, under in pairwise(column):
            above[under], below[over] = over, under

    def room(helper: int) -> tuple[float, float]:
        low, high = -inf, inf
        if (other := above.get(helper)) is not None:
            low = middles[other] + heights[other] / 2 + _HELPER_GAP
        if (other := below.get(helper)) is not None:
            high = middles[other] - heights[other] / 2 - _HELPER_GAP
        return low, high

    def level(stretch: Sequence[int], low: float, high: float) -> None:
        ends = [*grid.after[stretch[-1]], *grid.before[stretch[0]]]
        straight = [middles[end] for end in ends if end < count and low <= middles[end] <= high]
        mean = sum(middles[helper] for helper in stretch) / len(stretch)
        height = straight[0] if straight else min(max(mean, low), high)
        for helper in stretch:
            middles[helper] = height

    starts = [v for column in grid.columns for v in column if v >= count]
    for start in starts:
        if grid.before[start][0] >= count:
            continue
        strand = [start]
        while further := [other for other in grid.after[strand[-1]] if other >= count]:
            strand.append(further[0])
        first, (low, high) = 0, room(start)
        for position in range(1, len(strand)):
            lower, upper = room(strand[position])
            if min(high, upper) < max(low, lower):
                level(strand[first:position], low, high)
                first, low, high = position, lower, upper
            else:
                low, high = max(low, lower), min(high, upper)
        level(strand[first:], low, high)


def _spread(wishes: Sequence[float], pulls: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The positions nearest to the wishes, in squares by pull, that keep order and gaps."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for wish, pull, offset in zip(wishes, pulls, offsets, strict=True):
        mean, weight, many = wish - offset, pull, 1
        while blocks and blocks[-1][0] >= mean:
            other_mean, other_weight, other_many = blocks.pop()
            mean = (mean * weight + other_mean * other_weight) / (weight + other_weight)
            weight, many = weight + other_weight, many + other_many
        blocks.append((mean, weight, many))
    settled = [mean for mean, _, many in blocks for _ in range(many)]
    return [mean + offset for mean, offset in zip(settled, offsets, strict=True)]
