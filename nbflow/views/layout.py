"""Lays a graph out in columns, left to right: where each node and each edge goes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from nbflow.views.columns import Grid, align, straighten, untangle

#: No more helper vertices than this for edges that pass columns; the longest edges go without.
_LARGEST = 12_000


class Box(msgspec.Struct, frozen=True):
    """The size of a node."""

    width: float
    height: float


class Link(msgspec.Struct, frozen=True):
    """An edge between two nodes, by index."""

    source: int
    target: int
    #: Room its label needs, in the gap before its target.
    label: float = 0.0


class Layout(msgspec.Struct, frozen=True):
    """Where everything lies; the corner at the top left is (0, 0)."""

    #: Left and middle of each node.
    places: list[tuple[float, float]]
    #: Width of each node's column.
    widths: list[float]
    #: The points of each link: curves from even to odd ones, straight lines from odd to even.
    routes: list[list[tuple[float, float]]]
    width: float
    height: float


def layout(
    boxes: Sequence[Box],
    links: Sequence[Link],
    *,
    column_gap: float = 72,
    row_gap: float = 24,
    loose_last: bool = False,
) -> Layout:
    """Lay the graph out; the same graph always lies the same way.

    Parameters
    ----------
    boxes
        The nodes' sizes, in the order in which they should rather stand.
    links
        The edges; cycles are drawn with an edge that leads back.
    column_gap, row_gap
        The least distance between columns, and between the nodes of one.
    loose_last
        Whether nodes without edges stand in columns of their own behind all others, and not in the
        first one.
    """
    count = len(boxes)
    ends = [(link.source, link.target) for link in links]
    order = _order(count, ends)
    forward = [(s, t) if order[s] < order[t] else (t, s) for s, t in ends]
    ranks = _ranks(count, forward, order)
    behind = _put_last(_loose(count, ends), ranks) if loose_last else {}
    helpers, chains = _helpers(forward, ranks)
    heights = [box.height for box in boxes] + [0.0] * len(helpers)
    middles = [0.0] * len(heights)
    tops: dict[int, float] = defaultdict(float)  # of the columns behind; at 0, of all before
    for grid in _parts(count, forward, ranks, helpers, chains, order):
        untangle(grid)
        align(grid, middles, heights, count, row_gap)
        straighten(grid, middles, heights, count)
        vertices = [vertex for column in grid.columns for vertex in column]
        highest = min(middles[v] - heights[v] / 2 for v in vertices)
        column = behind.get(vertices[0], 0)
        for vertex in vertices:
            middles[vertex] += tops[column] - highest
        tops[column] = max(middles[v] + heights[v] / 2 for v in vertices) + row_gap
    lefts, widths = _columns(boxes, links, forward, ranks, column_gap)
    routes = _routes(ends, forward, chains, ranks, lefts, widths, middles)
    return Layout(
        places=[(lefts[ranks[node]], middles[node]) for node in range(count)],
        widths=[widths[ranks[node]] for node in range(count)],
        routes=routes,
        width=lefts[-1] + widths[-1] if count else 0.0,
        height=max(tops.values(), default=row_gap) - row_gap,
    )


def _routes(
    ends: Sequence[tuple[int, int]],
    forward: Sequence[tuple[int, int]],
    chains: Sequence[Sequence[int]],
    ranks: Sequence[int],
    lefts: Sequence[float],
    widths: Sequence[float],
    middles: Sequence[float],
) -> list[list[tuple[float, float]]]:
    strands: dict[int, list[tuple[float, float]]] = {}
    routes = []
    for (source, target), chain, end in zip(forward, chains, ends, strict=True):
        rank = ranks[source]
        strand = strands.setdefault(source, [(lefts[rank] + widths[rank], middles[source])])
        for step, vertex in enumerate(chain[len(strand) // 2 :], start=rank + 1 + len(strand) // 2):
            strand.append((lefts[step], middles[vertex]))
            strand.append((lefts[step] + widths[step], middles[vertex]))
        points = [*strand[: 2 * len(chain) + 1], (lefts[ranks[target]], middles[target])]
        routes.append(points if end == (source, target) else points[::-1])
    return routes


def _order(count: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """Each node's position in a topological order; a cycle is cut at its first node."""
    after: dict[int, list[int]] = defaultdict(list)
    missing = [0] * count
    for source, target in ends:
        if source != target:
            after[source].append(target)
            missing[target] += 1
    ready = deque(node for node in range(count) if not missing[node])
    order = [-1] * count
    placed = first = 0
    while placed < count:
        if not ready:
            while order[first] >= 0:
                first += 1
            ready.append(first)
        node = ready.popleft()
        if order[node] >= 0:
            continue
        order[node] = placed
        placed += 1
        for other in after[node]:
            missing[other] -= 1
            if not missing[other] and order[other] < 0:
                ready.append(other)
    return order


def _ranks(count: int, forward: Sequence[tuple[int, int]], order: Sequence[int]) -> list[int]:
    """The column of each node: right of all it reads, and what reads nothing close to its use."""
    ranks = [0] * count
    reads = [False] * count
    for source, target in sorted(forward, key=lambda ends: order[ends[0]]):
        if source != target:
            ranks[target] = max(ranks[target], ranks[source] + 1)
            reads[target] = True
    nearest: dict[int, int] = {}
    for source, target in forward:
        if source != target and not reads[source]:
            nearest[source] = min(nearest.get(source, ranks[target]), ranks[target])
    for source, rank in nearest.items():
        ranks[source] = rank - 1
    return ranks


def _loose(count: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """The nodes without edges."""
    tied = {node for link in ends for node in link}
    return [node for node in range(count) if node not in tied]


def _put_last(loose: Sequence[int], ranks: list[int]) -> dict[int, int]:
    """Give these nodes columns behind all others, no fuller than those; each node's column."""
    apart = set(loose)
    sizes = Counter(rank for node, rank in enumerate(ranks) if node not in apart)
    fullest = max(sizes.values(), default=math.ceil(math.sqrt(len(loose))))
    first = max(sizes, default=-1) + 1
    columns = {node: first + place // fullest for place, node in enumerate(loose)}
    for node, column in columns.items():
        ranks[node] = column
    return columns


def _helpers(
    forward: Sequence[tuple[int, int]], ranks: Sequence[int]
) -> tuple[list[int], list[list[int]]]:
    """Helper vertices' columns, and the helpers each link passes.

    Links of one source share their helpers, so that they leave as one strand and part late.
    """
    columns: list[int] = []
    strands: dict[int, list[int]] = defaultdict(list)
    chains: list[list[int]] = [[] for _ in forward]
    by_length = sorted(range(len(forward)), key=lambda i: _span(forward[i], ranks))
    for index in by_length:
        source, _ = forward[index]
        passed = _span(forward[index], ranks) - 1
        strand = strands[source]
        if passed <= 0 or len(columns) + passed - len(strand) > _LARGEST:
            continue
        while len(strand) < passed:
            strand.append(len(ranks) + len(columns))
            columns.append(ranks[source] + len(strand))
        chains[index] = strand[:passed]
    return columns, chains


def _span(ends: tuple[int, int], ranks: Sequence[int]) -> int:
    return ranks[ends[1]] - ranks[ends[0]]


def _parts(
    count: int,
    forward: Sequence[tuple[int, int]],
    ranks: Sequence[int],
    helpers: Sequence[int],
    chains: Sequence[Sequence[int]],
    order: Sequence[int],
) -> list[Grid]:
    """The connected parts, in the order of their first nodes."""
    columns_of = [*ranks, *helpers]
    before: dict[int, list[int]] = defaultdict(list)
    after: dict[int, list[int]] = defaultdict(list)
    near: dict[int, list[int]] = defaultdict(list)
    joined: set[tuple[int, int]] = set()
    for (source, target), chain in zip(forward, chains, strict=True):
        near[source].append(target)
        near[target].append(source)
        path = [source, *chain, target]
        for left, right in pairwise(path):
            adjacent = columns_of[right] == columns_of[left] + 1
            if adjacent and (left, right) not in joined:
                joined.add((left, right))
                after[left].append(right)
                before[right].append(left)
                near[left].append(right)
                near[right].append(left)
    seen = [False] * len(columns_of)
    place = [*order, *([0] * len(helpers))]
    for (source, _), chain in zip(forward, chains, strict=True):
        for helper in chain:
            place[helper] = order[source]
    parts: list[Grid] = []
    for node in range(count):
        if seen[node]:
            continue
        seen[node] = True
        part = [node]
        for vertex in part:
            for other in near[vertex]:
                if not seen[other]:
                    seen[other] = True
                    part.append(other)
        columns: dict[int, list[int]] = defaultdict(list)
        for vertex in sorted(part, key=lambda v: (place[v], v)):
            columns[columns_of[vertex]].append(vertex)
        parts.append(Grid([columns[rank] for rank in sorted(columns)], before, after))
    return parts


def _columns(
    boxes: Sequence[Box],
    links: Sequence[Link],
    forward: Sequence[tuple[int, int]],
    ranks: Sequence[int],
    column_gap: float,
) -> tuple[list[float], list[float]]:
    """Left and width of each column."""
    widths = [0.0] * (max(ranks, default=-1) + 1)
    gaps = [column_gap] * len(widths)
    for box, rank in zip(boxes, ranks, strict=True):
        widths[rank] = max(widths[rank], box.width)
    for link, (_, target) in zip(links, forward, strict=True):
        before = max(ranks[target] - 1, 0)
        gaps[before] = max(gaps[before], link.label + column_gap / 2)
    lefts = [0.0]
    for width, gap in zip(widths, gaps, strict=True):
        lefts.append(lefts[-1] + width + gap)
    return lefts[:-1], widths
