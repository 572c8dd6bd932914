"""Draws a graph as SVG: cards in columns, light and dark, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from nbflow.views import picture
from nbflow.views.graph import GraphEdge, GraphNode, shown
from nbflow.views.lettering import short, width
from nbflow.views.picture import Arrow, Card, Label
from nbflow.views.picture import number as _n
from nbflow.views.status import LOOKS, look, word_for

_MARGIN = 28.0
_HEADER = 46.0
#: Longest tooltip; what is longer helps nobody, and may be a whole file.
_TOLD = 1000
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
    drawn = picture.picture(nodes, edges)
    title = short(title, _TOLD)
    summary = picture.summary(nodes)
    header = max(width(title, 16), width(summary, 12))
    across = max(drawn.width, header) + 2 * _MARGIN
    down = drawn.height + _HEADER + 2 * _MARGIN
    labels = [label for label in drawn.labels if not label.crowded]
    inner = "\n".join([*map(_arrow, drawn.arrows), *map(_card, drawn.cards), *map(_label, labels)])
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" class="nbflow-graph" role="img" \
aria-label={_quoted(title)} width="{_n(across)}" height="{_n(down)}" \
viewBox="0 0 {_n(across)} {_n(down)}" style="max-width: 100%; height: auto">
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


def _card(card: Card) -> str:
    node = card.node
    told = " · ".join(filter(None, (node.label, word_for(node.status or ""), node.detail)))
    size = f'width="{_n(card.width)}" height="{_n(picture.CARD_HEIGHT)}" rx="{_n(card.radius)}"'
    parts = [
        f'<g class="{picture.looks(node)}" data-step={_quoted(node.id)}>',
        f"<title>{_text(short(told, _TOLD))}</title>",
    ]
    for depth in (2, 1) if node.kind in picture.STACKED else ():
        x, y = card.left + depth * picture.STACK, card.top + depth * picture.STACK
        parts.append(f'<rect class="card" x="{_n(x)}" y="{_n(y)}" {size}/>')
    parts.append(f'<rect class="shade" x="{_n(card.left)}" y="{_n(card.top + 2)}" {size}/>')
    given = " given" if node.kind == "parameters" else ""
    parts.append(f'<rect class="card{given}" x="{_n(card.left)}" y="{_n(card.top)}" {size}/>')
    x, y = card.left + 26, card.middle
    parts.append(f'<circle class="disc" cx="{_n(x)}" cy="{_n(y)}" r="13"/>')
    parts.append(
        f'<path class="icon" transform="translate({_n(x - 8)} {_n(y - 8)})" '
        f'd="{picture.icon(node)}"/>'
    )
    text = f'x="{_n(card.left + picture.TEXT_LEFT)}"'
    second = _status_line(node)
    baseline = _n(card.middle - 4 if second else card.middle + 5)
    parts.append(f'<text class="name" {text} y="{baseline}">{_text(picture.name(node))}</text>')
    if count := picture.count(node):
        right = _n(card.left + card.width - 14)
        parts.append(
            f'<text class="count" text-anchor="end" x="{right}" y="{baseline}">'
            f"{_text(count)}</text>"
        )
    if second:
        parts.append(f'<text class="detail" {text} y="{_n(card.middle + 14)}">{second}</text>')
    return "".join([*parts, "</g>"])


def _status_line(node: GraphNode) -> str:
    word = _text(short(word_for(node.status), 30)) if node.status else ""
    word = f'<tspan class="word">{word}</tspan>' if word else ""
    return " · ".join(filter(None, (word, _text(picture.detail(node)))))


def _arrow(arrow: Arrow) -> str:
    edge = arrow.edge
    kind = " replayed" if edge.replayed else " observed" if edge.observed else ""
    return (
        f'<path class="edge{kind}" marker-end="url(#nbflow-tip)" d="{arrow.path}">'
        f"<title>{_text(short(arrow.told, _TOLD))}</title></path>"
    )


def _label(label: Label) -> str:
    return (
        f'<rect class="page" x="{_n(label.x - label.width / 2)}" y="{_n(label.y - 7)}" '
        f'width="{_n(label.width)}" height="14" rx="4"/>'
        f'<text class="label" x="{_n(label.x)}" y="{_n(label.y + 3.5)}">{_text(label.text)}</text>'
    )


def _text(text: str) -> str:
    return escape(shown(text), quote=False)


def _quoted(text: str) -> str:
    return f'"{escape(shown(text))}"'
