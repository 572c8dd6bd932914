"""The graph of a flow as a widget in an output cell: it lives while the flow runs."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from anywidget import AnyWidget
from traitlets import Dict

from nbflow.views import picture
from nbflow.views.graph import GraphEdge, GraphNode, shown
from nbflow.views.lettering import fit, short, width
from nbflow.views.outline import sketch
from nbflow.views.pace import Pace
from nbflow.views.picture import Arrow, Card, Label, Picture
from nbflow.views.status import LOOKS, look
from nbflow.views.svg import svg

#: Least seconds between two messages about the same graph.
_INTERVAL = 0.05
#: Wide enough for ``running · 37 of 120 · 12 s``, since a card keeps its width while the flow runs.
_LEAST_WIDTH = 216.0
#: Most characters of a text, and most lines of a list, that a node tells when asked.
_LONGEST, _MOST = 300, 6


def _styles() -> str:
    """The style sheet, with the ink and ground of every status on a light page and a dark one."""
    rules = [Path(__file__).with_name("widget.css").read_text("utf-8")]
    for name in [*LOOKS, "none"]:
        style = look(name)
        for page, (ink, ground) in (("", style.light), (".dark", style.dark)):
            rules.append(f".nbflow-view{page} .{name} {{ --sign: {ink}; --disc: {ground}; }}\n")
    return "".join(rules)


class DrawnCard(TypedDict):
    """What of a card stays as it is."""

    kind: str
    x: float
    y: float
    width: float
    radius: float
    name: str
    #: The whole name, or as much of it as anybody reads.
    label: str
    #: Names that reach it, with where from; and names that it gives, with who reads them.
    reads: list[str]
    gives: list[str]


class State(TypedDict):
    """What of a card changes while the flow runs."""

    #: Its status if that has a look, else ``none``.
    look: str
    icon: str
    word: str
    #: As much of the detail as the card has room for; ``story`` is all of it.
    detail: str
    story: str
    count: str
    #: From 0 to 1; None where nobody knows.
    done: float | None
    reasons: list[str]


class DrawnArrow(TypedDict):
    """An arrow; ends are positions of cards."""

    source: int
    target: int
    kind: str
    path: str
    whole: str


class DrawnLabel(TypedDict):
    """The names on an arrow."""

    source: int
    target: int
    text: str
    x: float
    y: float
    width: float


class Drawing(TypedDict):
    """All that is drawn once."""

    title: str
    width: float
    height: float
    #: In the order in which they are counted.
    statuses: list[str]
    #: Measures that all cards share.
    card: float
    stack: float
    text: float
    cards: list[DrawnCard]
    arrows: list[DrawnArrow]
    labels: list[DrawnLabel]


class GraphWidget(AnyWidget):
    """A flow's graph, drawn in the page.

    Whoever opens or reloads a page gets all of ``drawing`` and ``states``; a page that is open is
    sent only ``changes``, which it puts into ``states``. All methods may be called by any thread.

    Parameters
    ----------
    nodes, edges
        The graph; edges between nodes that are not there are left out.
    title
        Stands above it.
    """

    _esm = Path(__file__).with_name("widget.js")
    _css = _styles()
    drawing = Dict().tag(sync=True)
    #: By a card's position, as text: JSON knows no other keys.
    states = Dict().tag(sync=True)
    #: What of ``states`` was changed last. A trait and not a message, for messages overtake traits.
    changes = Dict().tag(sync=True)

    def __init__(self, nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], title: str) -> None:
        self._lock = threading.RLock()
        self._pace = Pace(self._send_changes, _INTERVAL)
        self._title = title
        self._changed: set[str] = set()
        self._revision = 0
        #: Whether the front end has been told of changes one by one since it was told everything.
        self._piecemeal = False
        drawn = self._lay_out(nodes, edges)
        super().__init__(drawing=_drawing(drawn, title), states=_states(drawn))

    def draw(self, nodes: Sequence[GraphNode], edges: Sequence[GraphEdge]) -> None:
        """Draw another graph in the place of this one."""
        with self._lock, self.hold_sync():
            drawn = self._lay_out(nodes, edges)
            self._changed.clear()
            self._piecemeal = False
            self.drawing = {**_drawing(drawn, self._title)}
            self.states = _states(drawn)

    def update(self, nodes: Iterable[GraphNode]) -> None:
        """Show how these nodes stand now; those that the graph does not have are left out.

        May be called as often as anything happens: the page hears of it twenty times a second.
        """
        with self._lock:
            for node in nodes:
                card = self._cards.get(node.id)
                if card is None or node == card.node:
                    continue
                position = self._positions[node.id]
                self._cards[node.id] = card = replace(card, node=node)
                state = _state(card)
                if state != self.states[position]:
                    # In place, which no trait notices: it is sent with the others that changed.
                    self.states[position] = state
                    self._changed.add(position)
            asked = bool(self._changed)
        if asked:
            self._pace.ask()

    def flush(self) -> None:
        """Send what waits, and everything once more: to be called when a run has ended.

        What a front end or a runner keeps of a widget beside the notebook is what it was last told
        as a whole.
        """
        self._pace.flush()
        with self._lock:
            if self._piecemeal:
                self._piecemeal = False
                self.send_state("states")

    def _lay_out(self, nodes: Sequence[GraphNode], edges: Sequence[GraphEdge]) -> Picture:
        drawn = picture.picture(nodes, edges, least=_LEAST_WIDTH)
        self._edges = tuple(edges)
        self._cards = {card.node.id: card for card in drawn.cards}
        self._positions = {card.node.id: str(at) for at, card in enumerate(drawn.cards)}
        return drawn

    def _send_changes(self) -> None:
        with self._lock:
            changes = {position: self.states[position] for position in sorted(self._changed)}
            self._changed.clear()
            if changes:
                self._piecemeal = True
                # Numbered: the same change of another graph is another change.
                self._revision += 1
                self.changes = {"revision": self._revision, "states": changes}

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        # Beside the widget, for whoever cannot show one: GitHub, nbconvert, a terminal.
        with self._lock:
            nodes = [card.node for card in self._cards.values()]
            data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
            data["text/plain"] = sketch(nodes, self._edges).plain()
            data["image/svg+xml"] = svg(nodes, self._edges, self._title)
        return data, metadata


def _drawing(drawn: Picture, title: str) -> Drawing:
    reads: list[list[str]] = [[] for _ in drawn.cards]
    gives: list[list[str]] = [[] for _ in drawn.cards]
    names = [picture.name(card.node) for card in drawn.cards]
    for arrow in drawn.arrows:
        told = ", ".join(arrow.edge.names) or "something"
        told += " (replayed)" if arrow.edge.replayed else ""
        reads[arrow.target].append(f"{told} ← {names[arrow.source]}")
        gives[arrow.source].append(f"{told} → {names[arrow.target]}")
    return {
        "title": _told(title),
        "width": drawn.width,
        "height": drawn.height,
        "statuses": list(LOOKS),
        "card": picture.CARD_HEIGHT,
        "stack": picture.STACK,
        "text": picture.TEXT_LEFT,
        "cards": [
            {
                "kind": card.node.kind,
                "x": round(card.left, 1),
                "y": round(card.top, 1),
                "width": round(card.width, 1),
                "radius": card.radius,
                "name": shown(name),
                "label": _told(card.node.label),
                "reads": _listed(read),
                "gives": _listed(given),
            }
            for card, name, read, given in zip(drawn.cards, names, reads, gives, strict=True)
        ],
        "arrows": [_arrow(arrow) for arrow in drawn.arrows],
        "labels": [_label(label) for label in drawn.labels],
    }


def _arrow(arrow: Arrow) -> DrawnArrow:
    edge = arrow.edge
    return {
        "source": arrow.source,
        "target": arrow.target,
        "kind": "replayed" if edge.replayed else "observed" if edge.observed else "",
        "path": arrow.path,
        "whole": arrow.whole if arrow.whole != arrow.path else "",
    }


def _label(label: Label) -> DrawnLabel:
    return {
        "source": label.source,
        "target": label.target,
        "text": shown(label.text),
        "x": round(label.x, 1),
        "y": round(label.y, 1),
        "width": round(label.width, 1),
    }


def _states(drawn: Picture) -> dict[str, State]:
    return {str(position): _state(card) for position, card in enumerate(drawn.cards)}


def _state(card: Card) -> State:
    node = card.node
    word = short(node.status or "", 30)
    room = card.room - width(f"{word} · " if word else "", picture.DETAIL_SIZE)
    return {
        "look": picture.looks(node),
        "icon": picture.icon(node),
        "word": shown(word),
        "detail": shown(fit(short(node.detail, 100), picture.DETAIL_SIZE, room)),
        "story": _told(node.detail),
        "count": picture.count(node),
        "done": min(node.done / node.count, 1.0) if node.done is not None and node.count else None,
        "reasons": _listed(node.reasons),
    }


def _told(text: str) -> str:
    return shown(short(text, _LONGEST))


def _listed(texts: Sequence[str]) -> list[str]:
    kept = [_told(text) for text in texts[:_MOST]]
    return [*kept, f"… and {len(texts) - _MOST} more"] if len(texts) > _MOST else kept
