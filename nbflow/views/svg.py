"""Draws a graph as SVG: cards in columns, light and dark, every text escaped."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from nbflow.views.graph import GraphEdge, GraphNode, shown
from nbflow.views.layout import Box, Layout, Link, layout
from nbflow.views.status import LOOKS, look

_MARGIN = 28.0
_HEADER = 46.0
_CARD_HEIGHT = 58.0
_STACK = 5.0
_TEXT_LEFT = 48.0
_LABEL_HEIGHT = 14.0
_SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace"

#: Class and property to the colour on a light and on a dark page.
_COLOURS: dict[tuple[str, str], tuple[str, str]] = {
    ("page", "fill"): ("#f6f8fa", "#0d1117"),
    ("title", "fill"): ("#1f2328", "#f0f6fc"),
    ("summary", "fill"): ("#59636e", "#9198a1"),
    ("card", "fill"): ("#ffffff", "#161b22"),
    ("card", "stroke"): ("#d1d9e0", "#343b45"),
    ("given", "fill"): ("#fbfcfd", "#12161c"),
    ("shade", "fill"): ("#1f2328", "#000000"),
    ("name", "fill"): ("#1f2328", "#f0f6fc"),
    ("detail", "fill"): ("#59636e", "#9198a1"),
    ("count", "fill"): ("#59636e", "#9198a1"),
    ("edge", "stroke"): ("#afb8c1", "#4b545f"),
    ("tip", "fill"): ("#8c959f", "#656e78"),
    ("label", "fill"): ("#59636e", "#9198a1"),
}
_FIXED = f"""\
.nbflow-graph text {{ font-family: {_SANS}; }}
.nbflow-graph .title {{ font-size: 16px; font-weight: 600; }}
.nbflow-graph .summary {{ font-size: 12px; }}
.nbflow-graph .card {{ stroke-width: 1; }}
.nbflow-graph .given {{ stroke-dasharray: 4 3; }}
.nbflow-graph .shade {{ opacity: 0.06; }}
.nbflow-graph .name {{ font-size: 14px; font-weight: 600; }}
.nbflow-graph .detail, .nbflow-graph .count {{ font-size: 11.5px; }}
.nbflow-graph .count {{ font-weight: 600; }}
.nbflow-graph .word {{ font-weight: 600; }}
.nbflow-graph .icon {{ fill: none; stroke-width: 1.7; stroke-linecap: round;
  stroke-linejoin: round; }}
.nbflow-graph .edge {{ fill: none; stroke-width: 1.5; }}
.nbflow-graph .observed {{ stroke-dasharray: 5 4; }}
.nbflow-graph .replayed {{ stroke-dasharray: 1 4; stroke-linecap: round; }}
.nbflow-graph .label {{ font-family: {_MONO}; font-size: 10.5px; text-anchor: middle; }}"""


def svg(nodes: Iterable[GraphNode], edges: Iterable[GraphEdge], title: str) -> str:
    """The graph as an SVG document that stands alone, or inside a page.

    Edges between nodes that are not there are left out.

    >>> svg([GraphNode("a", "load", status="cached")], [], "train").startswith("<svg")
    True
    """
    nodes = list(nodes)
    index = {node.id: position for position, node in enumerate(nodes)}
    edges = [edge for edge in edges if edge.source in index and edge.target in index]
    links = [
        Link(index[edge.source], index[edge.target], _width(_names(edge), 10.5, mono=True))
        for edge in edges
    ]
    boxes = [_box(node) for node in nodes]
    drawn = layout(boxes, links)
    body = [
        *_edges(edges, drawn),
        *(_card(node, drawn, position) for position, node in enumerate(nodes)),
        *_labels(edges, links, drawn),
    ]
    summary = _summary(nodes)
    header = max(_width(title, 16), _width(summary, 12))
    width = max(drawn.width, header) + 2 * _MARGIN
    height = drawn.height + _HEADER + 2 * _MARGIN
    inner = "\n".join(body)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" class="nbflow-graph" role="img" \
aria-label={_quoted(title)} width="{_n(width)}" height="{_n(height)}" \
viewBox="0 0 {_n(width)} {_n(height)}" style="max-width: 100%; height: auto">
<title>{_text(title)}</title>
<desc>{_text(summary)}</desc>
<style>
{_style(nodes)}
</style>
<defs><marker id="nbflow-tip" viewBox="0 0 8 8" refX="6.5" refY="4" markerWidth="8" \
markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" \
d="M0.5 0.8L7.5 4L0.5 7.2L2.3 4z"/></marker></defs>
<rect class="page" width="100%" height="100%" rx="12"/>
<text class="title" x="{_n(_MARGIN)}" y="38">{_text(title)}</text>
<text class="summary" x="{_n(_MARGIN)}" y="57">{_text(summary)}</text>
<g transform="translate({_n(_MARGIN)} {_n(_MARGIN + _HEADER)})">
{inner}
</g>
</svg>
"""


def _style(nodes: Sequence[GraphNode]) -> str:
    statuses = sorted({node.status for node in nodes if node.status in LOOKS} - {None}, key=str)
    colours = dict(_COLOURS)
    for status in [*statuses, "none"]:
        style = look(status)
        (ink, ground), (dark_ink, dark_ground) = style.light, style.dark
        colours[(f"{status} .disc", "fill")] = (ground, dark_ground)
        colours[(f"{status} .icon", "stroke")] = (ink, dark_ink)
        colours[(f"{status} .word", "fill")] = (ink, dark_ink)
    light = [f".nbflow-graph .{name} {{ {what}: {c[0]}; }}" for (name, what), c in colours.items()]
    dark = [f"  .nbflow-graph .{name} {{ {what}: {c[1]}; }}" for (name, what), c in colours.items()]
    return "\n".join([_FIXED, *light, "@media (prefers-color-scheme: dark) {", *dark, "}"])


def _summary(nodes: Sequence[GraphNode]) -> str:
    steps = [node for node in nodes if node.kind != "parameters"]
    told = [f"{len(steps)} step{'' if len(steps) == 1 else 's'}"]
    for status in LOOKS:
        if count := sum(node.status == status for node in steps):
            told.append(f"{count} {status}")
    return " · ".join(told)


def _box(node: GraphNode) -> Box:
    count = _width(_count(node), 11.5) + 12 if node.kind == "foreach" else 0.0
    text = max(
        _width(_short(node.label, 30), 14.8) + count,
        _width(" · ".join(filter(None, (node.status, _short(node.detail, 36)))), 11.8),
    )
    stack = 2 * _STACK if node.kind == "foreach" else 0.0
    return Box(max(text + _TEXT_LEFT + 18, 132) + stack, _CARD_HEIGHT + 2 * stack)


def _count(node: GraphNode) -> str:
    return "×…" if node.count is None else f"×{node.count:,}".replace(",", "\u202f")


def _card(node: GraphNode, drawn: Layout, position: int) -> str:
    left, middle = drawn.places[position]
    width = drawn.widths[position]
    top = middle - _CARD_HEIGHT / 2
    stack = node.kind == "foreach"
    if stack:
        width -= 2 * _STACK
    shape = f'rx="{_n(_CARD_HEIGHT / 2) if node.kind == "parameters" else 10}"'
    size = f'width="{_n(width)}" height="{_n(_CARD_HEIGHT)}" {shape}'
    told = " · ".join(filter(None, (node.label, node.status, node.detail)))
    status = node.status if node.status in LOOKS else "none"
    parts = [
        f'<g class="{status}" data-step={_quoted(node.id)}>',
        f"<title>{_text(told)}</title>",
    ]
    for depth in (2, 1) if stack else ():
        shift = depth * _STACK
        parts.append(f'<rect class="card" x="{_n(left + shift)}" y="{_n(top + shift)}" {size}/>')
    parts.append(f'<rect class="shade" x="{_n(left)}" y="{_n(top + 2)}" {size}/>')
    given = " given" if node.kind == "parameters" else ""
    parts.append(f'<rect class="card{given}" x="{_n(left)}" y="{_n(top)}" {size}/>')
    parts.append(f'<circle class="disc" cx="{_n(left + 26)}" cy="{_n(middle)}" r="13"/>')
    icon = look(node.status).icon
    if node.kind == "parameters" and node.status is None:
        icon = "M3.5 5.4h9M3.5 10.6h9M6.2 3.8v3.2M9.8 9v3.2"
    parts.append(
        f'<path class="icon" transform="translate({_n(left + 18)} {_n(middle - 8)})" d="{icon}"/>'
    )
    text = f'x="{_n(left + _TEXT_LEFT)}"'
    second = _status_line(node)
    baseline = middle - 4 if second else middle + 5
    parts.append(
        f'<text class="name" {text} y="{_n(baseline)}">{_text(_short(node.label, 30))}</text>'
    )
    if stack:
        right = _n(left + width - 14)
        parts.append(
            f'<text class="count" text-anchor="end" x="{right}" y="{_n(baseline)}">'
            f"{_text(_count(node))}</text>"
        )
    if second:
        parts.append(f'<text class="detail" {text} y="{_n(middle + 14)}">{second}</text>')
    return "".join([*parts, "</g>"])


def _status_line(node: GraphNode) -> str:
    word = f'<tspan class="word">{_text(node.status)}</tspan>' if node.status else ""
    return " · ".join(filter(None, (word, _text(_short(node.detail, 36)))))


def _edges(edges: Sequence[GraphEdge], drawn: Layout) -> Iterable[str]:
    """The arrows; what several of one source share is drawn once, with the longest of them."""
    shared: dict[str, int] = {}
    routes = zip(edges, drawn.routes, strict=True)
    for edge, points in sorted(routes, key=lambda each: (each[0].observed, -len(each[1]))):
        if edge.source == edge.target:
            continue
        first = 0
        if points[0][0] < points[-1][0] and len(points) > 2:
            first = min(shared.get(edge.source, 0), len(points) - 2)
            shared[edge.source] = max(shared.get(edge.source, 0), len(points) - 2)
        path = [f"M{_n(points[first][0])} {_n(points[first][1])}"]
        for number, ((x0, y0), (x, y)) in enumerate(pairwise(points[first:])):
            if number % 2 or y == y0:
                path.append(f"L{_n(x)} {_n(y)}")
            else:
                bend = _n((x0 + x) / 2)
                path.append(f"C{bend} {_n(y0)} {bend} {_n(y)} {_n(x)} {_n(y)}")
        kind = " replayed" if edge.replayed else " observed" if edge.observed else ""
        told = f"{edge.source} → {edge.target}: {', '.join(edge.names)}"
        told += " (replayed)" if edge.replayed else ""
        yield (
            f'<path class="edge{kind}" marker-end="url(#nbflow-tip)" d="{"".join(path)}">'
            f"<title>{_text(told)}</title></path>"
        )


def _labels(edges: Sequence[GraphEdge], links: Sequence[Link], drawn: Layout) -> Iterable[str]:
    """The names on the last stretch of each edge, moved along it away from other names."""
    taken: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
    for edge, link, points in zip(edges, links, drawn.routes, strict=True):
        text = _names(edge)
        if not text or edge.source == edge.target:
            continue
        start, end = points[-2], points[-1]
        half = link.label / 2 + 3
        for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.5):
            x, y = _on_curve(start, end, t)
            column, row = round(end[0]), round(y / _LABEL_HEIGHT)
            near = [other for each in (row - 1, row, row + 1) for other in taken[column, each]]
            if all(abs(x - x1) > half + h or abs(y - y1) > _LABEL_HEIGHT for x1, y1, h in near):
                break
        taken[column, row].append((x, y, half))
        yield (
            f'<rect class="page" x="{_n(x - half)}" y="{_n(y - 7)}" width="{_n(2 * half)}" '
            f'height="14" rx="4"/>'
            f'<text class="label" x="{_n(x)}" y="{_n(y + 3.5)}">{_text(text)}</text>'
        )


def _on_curve(
    start: tuple[float, float], end: tuple[float, float], t: float
) -> tuple[float, float]:
    along = 1.5 * t * (1 - t) + t**3
    across = t * t * (3 - 2 * t)
    return start[0] + (end[0] - start[0]) * along, start[1] + (end[1] - start[1]) * across


def _names(edge: GraphEdge) -> str:
    if len(edge.names) > 3:
        return _short(", ".join(edge.names[:2]), 24) + f" +{len(edge.names) - 2}"
    return _short(", ".join(edge.names), 28)


def _short(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _width(text: str, size: float, *, mono: bool = False) -> float:
    """About how wide the text will be, whichever font the page has; rather too much."""
    total = 0.0
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            total += 1.0
        elif mono:
            total += 0.62
        elif character in "iljtfrI.,:;|!'()[] ":
            total += 0.36
        else:
            total += 0.95 if character in "mwMW@%" else 0.66
    return total * size


def _text(text: str) -> str:
    return escape(shown(text), quote=False)


def _quoted(text: str) -> str:
    return f'"{escape(shown(text))}"'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
