"""A graph laid out as data for a page: what of it stays, and how its cards stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from msgspec.structs import replace

from nbflow.store.garbage import uncollected
from nbflow.views import picture
from nbflow.views.durations import about
from nbflow.views.graph import GraphEdge, GraphNode, shown
from nbflow.views.lettering import short
from nbflow.views.picture import Arrow, Card, Label, Picture
from nbflow.views.status import LOOKS, SPOTS, word_for
from nbflow.views.wording import Text, Worded, apart

#: Wide enough for ``running · 12 s of about 40 s``: a card keeps its width while the flow runs.
_LEAST_WIDTH = 242.0
#: Most characters of a text, and most lines of a list, that a node tells when asked; and of a text
#: on its card.
_LONGEST, _MOST, _BEGINNING = 300, 6, 100
#: Most values that it tells, and most lines of a difference, each no longer than so.
_VALUES, _LINES, _LINE = 12, 8, 80


class Passed(TypedDict):
    """Names that pass from one card to another."""

    text: str
    names: list[str]
    #: Position of the other card; -1 of a line that only counts further ones.
    card: int


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
    reads: list[Passed]
    gives: list[Passed]


class State(TypedDict):
    """What of a card changes while the flow runs."""

    #: Its status if that has a look, else ``none``.
    look: str
    icon: str
    word: str
    #: What the card says of it as far as it has room, also where arrows lead down; and all of it.
    detail: Text
    brief: Text
    story: Text
    count: Text
    #: From 0 to 1; None where nobody knows.
    done: float | None
    #: Of one that runs: when it began, in seconds since the epoch, from where the page counts; and,
    #: of one that would run as well, about how long it takes, in words, where anybody knows.
    began: float | None
    expected: Text
    reasons: list[Text]
    #: The first lines of what differs in the source, with ``+`` and ``-``.
    differs: list[str]
    #: What it gives: type, shape and size by name.
    values: dict[str, str]
    #: Of a group: how many of its steps have which status.
    tally: dict[str, int]


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
    crowded: bool


class Drawing(TypedDict):
    """All that is drawn once."""

    title: str
    #: Whether arrows lead down, and cards are narrow.
    down: bool
    width: float
    height: float
    #: Their words, in the order in which they are counted.
    statuses: list[str]
    #: By a state's look, what a card of it is from far away.
    spots: dict[str, str]
    #: Measures that all cards share.
    card: float
    stack: float
    text: float
    cards: list[DrawnCard]
    arrows: list[DrawnArrow]
    labels: list[DrawnLabel]


class Drawn:
    """A graph as a page draws it; JSON can hold all that a page needs of it.

    Parameters
    ----------
    nodes, edges
        The graph; edges between nodes that are not there are left out.
    title
        Stands above it.
    down
        From top to bottom; from left to right by default.
    """

    def __init__(
        self,
        nodes: Sequence[GraphNode],
        edges: Sequence[GraphEdge],
        title: str,
        *,
        down: bool = False,
    ) -> None:
        # Nothing in a drawing refers back.
        with uncollected():
            laid_out = picture.picture(nodes, edges, least=_LEAST_WIDTH, down=down)
            self.edges = tuple(edges)
            self.drawing = _drawing(laid_out, title, down)
            #: By a card's position, as text: JSON knows no other keys.
            self.states = {str(at): _state(card) for at, card in enumerate(laid_out.cards)}
        self._cards = {card.node.id: card for card in laid_out.cards}
        self._positions = {card.node.id: str(at) for at, card in enumerate(laid_out.cards)}

    @property
    def nodes(self) -> tuple[GraphNode, ...]:
        """The nodes as they stand, by position."""
        return tuple(card.node for card in self._cards.values())

    def update(self, nodes: Iterable[GraphNode]) -> set[str]:
        """Take in how nodes stand now, and give the positions whose state is another.

        Nodes that the graph does not have are left out.
        """
        changed: set[str] = set()
        for node in nodes:
            card = self._cards.get(node.id)
            if card is None or node == card.node:
                continue
            position = self._positions[node.id]
            self._cards[node.id] = card = replace(card, node=node)
            state = _state(card)
            if state != self.states[position]:
                self.states[position] = state
                changed.add(position)
        return changed


def _drawing(drawn: Picture, title: str, down: bool) -> Drawing:
    reads: list[list[Passed]] = [[] for _ in drawn.cards]
    gives: list[list[Passed]] = [[] for _ in drawn.cards]
    names = [picture.name(card.node) for card in drawn.cards]
    for arrow in drawn.arrows:
        told = ", ".join(arrow.edge.names) or "something"
        told += " (replayed)" if arrow.edge.replayed else ""
        for passed, card, other, sign in (
            (reads, arrow.target, arrow.source, "←"),
            (gives, arrow.source, arrow.target, "→"),
        ):
            text = _told(f"{told} {sign} {names[other]}")
            passed[card].append({"text": text, "names": _named(arrow.edge.names), "card": other})
    return {
        "title": _told(title),
        "down": down,
        "width": drawn.width,
        "height": drawn.height,
        "statuses": [word_for(status) for status in LOOKS],
        "spots": dict(SPOTS),
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
                "reads": _few(read),
                "gives": _few(given),
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
        "crowded": label.crowded,
    }


def _state(card: Card) -> State:
    node = card.node
    word = short(word_for(node.status or ""), 30)
    return {
        "look": picture.looks(node),
        "icon": picture.icon(node),
        "word": shown(word),
        "detail": apart(node.detail, _beginning),
        "brief": apart(_brief(node.detail), _beginning),
        "story": apart(node.detail, _told),
        "count": apart(picture.count(node), _told),
        "done": min(node.done / node.count, 1.0) if node.done is not None and node.count else None,
        "began": node.began,
        "expected": apart(_expected(node), _told),
        "reasons": _listed(node.reasons),
        "differs": [shown(line[:_LINE]) for line in node.differs[:_LINES]],
        "values": {_told(name): _told(value) for name, value in node.values[:_VALUES]},
        "tally": {word_for(status): count for status, count in node.tally},
    }


def _expected(node: GraphNode) -> str:
    # Beside a clock that goes, what takes less than its first second says nothing.
    least = 0.0 if node.began is None else 1.0
    return about(node.expected) if node.expected and node.expected >= least else ""


def _brief(detail: str) -> str:
    """The same in fewer words."""
    if not isinstance(detail, Worded):
        return detail.removeprefix("its ")
    told = (_brief(each) if isinstance(each, Worded) else each for each in detail.values)
    return Worded(detail.words.removeprefix("its "), *told)


def _beginning(text: str) -> str:
    return shown(short(text, _BEGINNING))


def _told(text: str) -> str:
    return shown(short(text, _LONGEST))


def _named(names: Sequence[str]) -> list[str]:
    return [_told(name) for name in names[:_VALUES]]


def _few(passed: Sequence[Passed]) -> list[Passed]:
    more: Passed = {"text": f"… and {len(passed) - _MOST} more", "names": [], "card": -1}
    return [*passed[:_MOST], *([more] if len(passed) > _MOST else [])]


def _listed(texts: Sequence[str]) -> list[Text]:
    more = [Worded("… and %1 more", len(texts) - _MOST)] if len(texts) > _MOST else []
    return [apart(text, _told) for text in (*texts[:_MOST], *more)]
