"""The geometry of a picture: what fits, what is shared, and what each arrow says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.views.drawn import Drawn
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.lettering import fit, short, width
from nbflow.views.picture import DETAIL_SIZE, NAME_SIZE, STACK, TEXT_LEFT, picture, room


def test_arrows_and_names_know_which_cards_they_join() -> None:
    nodes = [GraphNode("cell-1", "load"), GraphNode("cell-2", "fit")]
    drawn = picture(nodes, [GraphEdge("cell-1", "cell-2", ("xs",)), GraphEdge("cell-1", "gone")])
    assert [(arrow.source, arrow.target, arrow.told) for arrow in drawn.arrows] == [
        (0, 1, "load → fit: xs")
    ]
    assert [(label.source, label.target, label.text) for label in drawn.labels] == [(0, 1, "xs")]


def test_an_arrow_that_starts_on_another_is_known_whole_too() -> None:
    nodes = [GraphNode(str(i), "x") for i in range(5)]
    chain = [GraphEdge(str(i), str(i + 1)) for i in range(4)]
    drawn = picture(nodes, [*chain, GraphEdge("0", "3"), GraphEdge("0", "4")])
    far = {arrow.target: arrow for arrow in drawn.arrows if arrow.source == 0}
    assert far[4].path == far[4].whole
    assert len(far[3].path) < len(far[3].whole)
    assert all(arrow.whole.startswith("M") for arrow in drawn.arrows)


@pytest.mark.parametrize("kind", ["step", "foreach", "parameters"])
def test_cards_are_as_wide_as_asked_for_and_no_arrow_ends_inside_a_stack(kind: str) -> None:
    (card,) = picture([GraphNode("a", "a", kind)], [], least=300).cards  # type: ignore[arg-type]
    assert card.width == 300
    assert card.room < 300 - TEXT_LEFT
    stack = 2 * STACK if kind == "foreach" else 0
    assert picture([card.node], [], least=300).width == 300 + stack


def test_where_arrows_lead_down_cards_are_narrow_and_say_their_names() -> None:
    nodes = [
        GraphNode("a", "load", "step", "stale", "its code changed, and so did a file it reads"),
        GraphNode("b", "a_name_of_some_thirty_letters", "foreach", "new", "first run", 12_000),
    ]
    across, down = Drawn(nodes, [], "flow"), Drawn(nodes, [], "flow", down=True)
    least = Drawn([GraphNode("c", "fit")], [], "flow").drawing["cards"][0]["width"]
    load, named = down.drawing["cards"]
    assert load["width"] < least
    assert width(named["name"], NAME_SIZE) < room(named["width"])
    # One state serves both drawings: of the rest each says what it has room for, which of narrow
    # cards the page finds out.
    told = across.states["0"]
    assert told["brief"] == "code changed, and so did a file it reads"
    assert (
        width(f"{told['word']} · {told['detail']}", DETAIL_SIZE)
        <= across.drawing["cards"][0]["width"]
    )


@given(st.text(), st.integers(1, 20), st.floats(0, 400))
def test_a_shortened_text_keeps_to_its_room(text: str, length: int, room: float) -> None:
    assert len(short(text, length)) <= length
    fitted = fit(text, 11.5, room)
    assert not fitted or width(fitted, 11.5) <= room + 1e-6


def test_names_that_would_hide_each_other_are_told_on_demand() -> None:
    names = ("a" * 28, "b" * 28)
    nodes = [GraphNode("a", "a"), GraphNode("b", "b"), GraphNode("c", "c")]
    edges = [
        GraphEdge("a", "b", names[:1]),
        GraphEdge("a", "c", names[:1]),
        GraphEdge("b", "c", names[1:]),
    ]
    drawn = picture(nodes, edges, down=True)
    shown = [label for label in drawn.labels if not label.crowded]
    assert len(shown) == 2
    assert {label.text for label in drawn.labels} == set(names)
