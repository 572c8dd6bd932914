"""Where each card, arrow and name of a graph's picture goes, whoever draws it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from nbflow.views.durations import plural
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.layout import Box, Layout, Link, layout
from nbflow.views.lettering import short, width
from nbflow.views.status import LOOKS, look, word_for
from nbflow.views.wording import Worded

CARD_HEIGHT = 58.0
#: How far the cards behind a foreach's stick out, each.
STACK = 5.0
#: The kinds of nodes that stand for several things.
STACKED = frozenset({"foreach", "group"})
#: From a card's left to its texts; left of them stands the icon.
TEXT_LEFT = 48.0
NAME_SIZE = 14.0
DETAIL_SIZE = 11.5
_LABEL_SIZE = 10.5
_LABEL_HEIGHT = 14.0
#: No name on an arrow is wider.
_WIDEST = 200.0
#: Of cards where arrows lead down, at least: wide enough for ``completed · 0.31 s``; and at most,
#: for what stands behind the status.
_NARROW, _LESS_NARROW = 196.0, 240.0
#: Between rows, and between the cards of one, where arrows lead down.
_ROW_GAP, _ASIDE = 46.0, 24.0
_TEXT_RIGHT = 18.0
_SLIDERS = "M3.5 5.4h9M3.5 10.6h9M6.2 3.8v3.2M9.8 9v3.2"

_Point = tuple[float, float]


class Card(msgspec.Struct, frozen=True):
    """The card of a node, without what stands behind it."""

    node: GraphNode
    left: float
    top: float
    width: float

    @property
    def middle(self) -> float:
        """Of its height."""
        return self.top + CARD_HEIGHT / 2

    @property
    def room(self) -> float:
        """For its texts."""
        return room(self.width)

    @property
    def radius(self) -> float:
        """Of its corners."""
        return CARD_HEIGHT / 2 if self.node.kind == "parameters" else 10.0


class Arrow(msgspec.Struct, frozen=True):
    """An edge, as the data of an SVG path."""

    edge: GraphEdge
    #: Its ends, by position.
    source: int
    target: int
    #: Without what a longer arrow of the same source draws already.
    path: str
    #: From card to card.
    whole: str
    #: What it says when asked.
    told: str


class Label(msgspec.Struct, frozen=True):
    """The names that an edge carries; the place is its middle."""

    #: The edge's ends, by position.
    source: int
    target: int
    text: str
    x: float
    y: float
    width: float
    #: Whether it would hide another: it is shown while one of its ends is looked at.
    crowded: bool = False


class Picture(msgspec.Struct, frozen=True):
    """All that is drawn, in the order in which it is; the corner at the top left is (0, 0)."""

    cards: tuple[Card, ...]
    arrows: tuple[Arrow, ...]
    labels: tuple[Label, ...]
    width: float
    height: float


def picture(
    nodes: Sequence[GraphNode],
    edges: Iterable[GraphEdge],
    *,
    least: float = 132,
    down: bool = False,
) -> Picture:
    """Lay the graph out; edges between nodes that are not there are left out.

    Parameters
    ----------
    nodes, edges
        The graph.
    least
        Width that each card has at least, where arrows lead to the right.
    down
        From top to bottom, with narrow cards; from left to right by default.
    """
    index = {node.id: position for position, node in enumerate(nodes)}
    edges = [edge for edge in edges if edge.source in index and edge.target in index]
    links = [
        Link(index[edge.source], index[edge.target], width(_names(edge), _LABEL_SIZE, mono=True))
        for edge in edges
    ]
    if down:
        return _down(nodes, edges, links, [narrow(node) + _stack(node) for node in nodes])
    boxes = [_box(node, least) for node in nodes]
    drawn = layout(boxes, links)
    return Picture(
        tuple(_card(node, drawn, position) for position, node in enumerate(nodes)),
        tuple(_arrows(nodes, edges, links, drawn, down=False)),
        tuple(_labels(edges, links, drawn, down=False)),
        drawn.width,
        drawn.height,
    )


def _down(
    nodes: Sequence[GraphNode],
    edges: Sequence[GraphEdge],
    links: Sequence[Link],
    widths: Sequence[float],
) -> Picture:
    """The same in rows: laid out in columns that lie on their sides."""
    stacks = [_stack(node) for node in nodes]
    drawn = layout(
        [Box(CARD_HEIGHT + stack, wide) for stack, wide in zip(stacks, widths, strict=True)],
        [replace(link, label=_LABEL_HEIGHT) for link in links],
        column_gap=_ROW_GAP,
        row_gap=_ASIDE,
        loose_last=True,
    )
    # What leaves a card leaves its own lower edge, where others of its row are stacks.
    for link, points in zip(links, drawn.routes, strict=True):
        top = drawn.places[link.source][0]
        if points[0][0] > top:
            points[0] = (top + CARD_HEIGHT + stacks[link.source], points[0][1])
    return Picture(
        tuple(
            Card(node, middle - wide / 2, top, wide - stack)
            for node, stack, wide, (top, middle) in zip(
                nodes, stacks, widths, drawn.places, strict=True
            )
        ),
        tuple(_arrows(nodes, edges, links, drawn, down=True)),
        tuple(_labels(edges, links, drawn, down=True)),
        drawn.height,
        drawn.width,
    )


def narrow(node: GraphNode) -> float:
    """The width of a card that says its name, and of the rest what there is room for."""
    return max(_NARROW, _named(node), min(_detailed(node), _LESS_NARROW))


def summary(nodes: Iterable[GraphNode]) -> str:
    """How many steps there are, and of each status.

    >>> summary([GraphNode("a", "load", status="cached"), GraphNode("b", "fit")])
    '2 steps · 1 cached'
    """
    tally: Counter[str] = Counter()
    for node in nodes:
        if node.kind != "parameters":
            tally.update(dict(node.tally) if node.tally else {node.status or "": 1})
    counts = [f"{tally[status]} {word_for(status)}" for status in LOOKS if tally[status]]
    return " · ".join([plural(tally.total(), "step"), *counts])


def name(node: GraphNode) -> str:
    """What its card is called."""
    return short(node.label, 30)


def detail(node: GraphNode) -> str:
    """What stands behind the status on its card."""
    return short(node.detail, 36)


def count(node: GraphNode) -> str:
    """How many splits a foreach has, or steps a group, and how many of them are done."""
    if node.kind == "group" and node.done is None:
        return plural(node.count or 0, "step")
    if node.kind not in STACKED:
        return ""
    if node.count is None:
        return "×n"
    done, all_ = (f"{each or 0:,}".replace(",", "\u202f") for each in (node.done, node.count))
    return f"×{all_}" if node.done is None else Worded("%1 of %2", done, all_)


def room(width: float) -> float:
    """For the texts of a card of this width."""
    return width - TEXT_LEFT - _TEXT_RIGHT


def looks(node: GraphNode) -> str:
    """The status whose look its card has; ``none`` for one that has none."""
    return node.status if node.status is not None and node.status in LOOKS else "none"


def icon(node: GraphNode) -> str:
    """The path of its icon, in a 16 × 16 box."""
    return _SLIDERS if node.kind == "parameters" and node.status is None else look(node.status).icon


def number(value: float) -> str:
    """A coordinate, no longer than it has to be."""
    return f"{value:.1f}".removesuffix(".0")


def _box(node: GraphNode, least: float) -> Box:
    stack = _stack(node)
    return Box(max(_detailed(node), _named(node), least) + stack, CARD_HEIGHT + 2 * stack)


def _detailed(node: GraphNode) -> float:
    """Width of a card that says how the node stands, and what there is behind that."""
    second = " · ".join(filter(None, (word_for(node.status or ""), detail(node))))
    return width(second, DETAIL_SIZE + 0.3) + TEXT_LEFT + _TEXT_RIGHT


def _named(node: GraphNode) -> float:
    """Width of a card that says the node's name and its count."""
    most = width(count(node), DETAIL_SIZE)
    if node.count and node.done != node.count:
        # As wide as it becomes while it runs.
        most = max(most, width(count(replace(node, done=node.count)), DETAIL_SIZE))
    counted = most + 12 if most else 0.0
    return width(name(node), NAME_SIZE + 0.8) + counted + TEXT_LEFT + _TEXT_RIGHT


def _card(node: GraphNode, drawn: Layout, position: int) -> Card:
    left, middle = drawn.places[position]
    left_over = drawn.widths[position] - _stack(node)
    return Card(node, left, middle - CARD_HEIGHT / 2, left_over)


def _stack(node: GraphNode) -> float:
    """How far what stands behind a card sticks out."""
    return 2 * STACK if node.kind in STACKED else 0.0


def _arrows(
    nodes: Sequence[GraphNode],
    edges: Sequence[GraphEdge],
    links: Sequence[Link],
    drawn: Layout,
    *,
    down: bool,
) -> Iterator[Arrow]:
    """The arrows; what several of one source share is drawn once, with the longest of them."""
    shared: dict[int, int] = {}
    routes = zip(edges, links, drawn.routes, strict=True)
    for edge, link, points in sorted(routes, key=lambda each: (each[0].observed, -len(each[2]))):
        if link.source == link.target:
            continue
        first = 0
        if points[0][0] < points[-1][0] and len(points) > 2:
            first = min(shared.get(link.source, 0), len(points) - 2)
            shared[link.source] = max(shared.get(link.source, 0), len(points) - 2)
        told = f"{name(nodes[link.source])} → {name(nodes[link.target])}"
        told += f": {', '.join(edge.names)}" if edge.names else ""
        told += " (replayed)" if edge.replayed else ""
        whole = _path(points, down)
        path = _path(points[first:], down) if first else whole
        yield Arrow(edge, link.source, link.target, path, whole, told)


def _path(points: Sequence[_Point], down: bool) -> str:
    def at(along: float, across: float) -> str:
        x, y = (across, along) if down else (along, across)
        return f"{number(x)} {number(y)}"

    path = [f"M{at(*points[0])}"]
    for position, ((x0, y0), (x, y)) in enumerate(pairwise(points)):
        if position % 2 or y == y0:
            path.append(f"L{at(x, y)}")
        else:
            bend = (x0 + x) / 2
            path.append(f"C{at(bend, y0)} {at(bend, y)} {at(x, y)}")
    return "".join(path)


def _labels(
    edges: Sequence[GraphEdge], links: Sequence[Link], drawn: Layout, *, down: bool
) -> Iterator[Label]:
    """The names on the last stretch of each edge, moved along it away from other names."""
    taken: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
    # Names lie along the edges, or across them where those lead down.
    line = _WIDEST if down else _LABEL_HEIGHT
    for edge, link, points in zip(edges, links, drawn.routes, strict=True):
        text = _names(edge)
        if not text or edge.source == edge.target:
            continue
        start, end = points[-2], points[-1]
        half = link.label / 2 + 3
        is_free = False
        for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.5):
            x, y = _on_curve(start, end, t)
            column, row = round(end[0]), round(y / line)
            near = [other for each in (row - 1, row, row + 1) for other in taken[column, each]]
            if down:
                is_free = all(
                    abs(x - x1) > _LABEL_HEIGHT or abs(y - y1) > half + h for x1, y1, h in near
                )
            else:
                is_free = all(
                    abs(x - x1) > half + h or abs(y - y1) > _LABEL_HEIGHT for x1, y1, h in near
                )
            if is_free:
                taken[column, row].append((x, y, half))
                break
        if down:
            x, y = y, x
        yield Label(link.source, link.target, text, x, y, 2 * half, crowded=not is_free)


def _on_curve(start: _Point, end: _Point, t: float) -> _Point:
    along = 1.5 * t * (1 - t) + t**3
    across = t * t * (3 - 2 * t)
    return start[0] + (end[0] - start[0]) * along, start[1] + (end[1] - start[1]) * across


def _names(edge: GraphEdge) -> str:
    if len(edge.names) > 3:
        return short(", ".join(edge.names[:2]), 24) + f" +{len(edge.names) - 2}"
    return short(", ".join(edge.names), 28)
