"""Nodes never overlap, edges lead to the right, and the same graph always lies the same way."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.views.layout import Box, Layout, Link, layout

BOX = Box(100, 40)


def lay(count: int, *edges: tuple[int, int]) -> Layout:
    return layout([BOX] * count, [Link(source, target) for source, target in edges])


def lefts(drawn: Layout) -> list[float]:
    return [left for left, _ in drawn.places]


def test_nothing_takes_no_room() -> None:
    assert lay(0) == Layout([], [], [], 0.0, 0.0)


def test_a_chain_is_straight() -> None:
    drawn = lay(4, (0, 1), (1, 2), (2, 3))
    assert len({middle for _, middle in drawn.places}) == 1
    assert lefts(drawn) == sorted(set(lefts(drawn)))
    assert drawn.routes[0] == [(100, 20), (172, 20)]
    assert (drawn.width, drawn.height) == (4 * 100 + 3 * 72, 40)


def test_a_join_stands_in_the_middle_of_its_branches() -> None:
    drawn = lay(4, (0, 1), (0, 2), (1, 3), (2, 3))
    middles = [middle for _, middle in drawn.places]
    assert middles[0] == middles[3] == pytest.approx((middles[1] + middles[2]) / 2)


def test_what_reads_nothing_stands_close_to_its_use() -> None:
    left = lefts(lay(4, (0, 1), (1, 2), (3, 2)))
    assert left[3] == left[1]


def test_branches_given_crosswise_are_untangled() -> None:
    drawn = lay(6, (0, 1), (0, 2), (2, 3), (1, 4), (3, 5), (4, 5))
    middle = [middle for _, middle in drawn.places]
    assert (middle[1] < middle[2]) == (middle[4] < middle[3])


def test_an_edge_that_passes_a_column_passes_no_node_in_it() -> None:
    drawn = lay(3, (0, 1), (1, 2), (0, 2))
    route = drawn.routes[2]
    assert len(route) == 4
    assert route[1][1] == route[2][1]
    assert abs(route[1][1] - drawn.places[1][1]) > BOX.height / 2


def test_a_long_edge_is_level_where_nothing_stands_in_its_way() -> None:
    drawn = lay(6, *((i, i + 1) for i in range(5)), (0, 5))
    assert len({y for _, y in drawn.routes[-1][1:-1]}) == 1


def test_edges_of_one_source_share_their_way() -> None:
    drawn = lay(5, *((i, i + 1) for i in range(4)), (0, 3), (0, 4))
    longer, shorter = drawn.routes[-1], drawn.routes[-2]
    assert shorter[:-1] == longer[: len(shorter) - 1]


def test_room_for_a_label_is_made_before_the_target() -> None:
    drawn = layout([BOX] * 3, [Link(0, 1), Link(1, 2, label=300)])
    left = lefts(drawn)
    assert left[1] - left[0] == 172
    assert left[2] - left[1] > 400


def test_parts_that_are_not_connected_stand_below_each_other() -> None:
    drawn = lay(4, (0, 1), (2, 3))
    middle = [middle for _, middle in drawn.places]
    assert middle[0] == middle[1] < middle[2] == middle[3]


def test_nodes_without_edges_stand_behind_all_others_where_that_is_asked_for() -> None:
    links = [Link(1, 3), Link(1, 4), Link(4, 6)]
    drawn = layout([BOX] * 9, links, loose_last=True)
    step = 100 + 72
    assert lefts(drawn) == [step * column for column in (3, 0, 3, 1, 1, 4, 2, 4, 5)]
    # No column is fuller than the fullest of the others.
    assert drawn.height == 2 * 40 + 24
    loose = layout([BOX] * 4, [], loose_last=True)
    assert (loose.width, loose.height) == (2 * 100 + 72, 2 * 40 + 24)


def test_a_cycle_is_drawn_with_an_edge_that_leads_back() -> None:
    drawn = lay(3, (0, 1), (1, 2), (2, 0), (1, 1))
    back = drawn.routes[2]
    assert back[0][0] > back[-1][0]
    assert len(set(lefts(drawn))) == 3


graphs = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.lists(
            st.builds(Box, st.floats(1, 200), st.floats(1, 90)), min_size=count, max_size=count
        ),
        st.lists(
            st.builds(
                Link, st.integers(0, count - 1), st.integers(0, count - 1), st.floats(0, 100)
            ),
            max_size=30,
        ),
    )
)


@given(graphs)
def test_no_two_nodes_overlap_and_everything_is_inside(
    graph: tuple[list[Box], list[Link]],
) -> None:
    boxes, links = graph
    drawn = layout(boxes, links)
    assert drawn == layout(boxes, links)
    places = list(zip(boxes, drawn.places, strict=True))
    for (box, (left, middle)), (other, (left2, middle2)) in combinations(places, 2):
        beside = left + box.width <= left2 or left2 + other.width <= left
        apart = abs(middle - middle2) >= (box.height + other.height) / 2 + 23.9
        assert beside or apart
    for box, (left, middle) in places:
        assert left >= 0
        assert left + box.width <= drawn.width + 0.001
        assert middle - box.height / 2 >= -0.001
        assert middle + box.height / 2 <= drawn.height + 0.001
    for link, route in zip(links, drawn.routes, strict=True):
        assert len(route) % 2 == 0
        columns = [x for x, _ in route]
        if link.source != link.target:
            assert columns in (sorted(columns), sorted(columns, reverse=True))
        assert all(-0.001 <= y <= drawn.height + 0.001 for _, y in route)


@pytest.mark.parametrize("shape", ["near", "far", "chain", "fan"])
def test_two_thousand_nodes_are_laid_out_whatever_their_shape(shape: str) -> None:
    count, dice = 2000, random.Random(0)
    edges = {
        "near": [(dice.randrange(max(0, i - 60), i), i) for i in range(1, count) for _ in "ab"],
        "far": [(dice.randrange(i), i) for i in range(1, count) for _ in "ab"],
        "chain": [(i - 1, i) for i in range(1, count)] + [(0, i) for i in range(2, count)],
        "fan": [(0, i) for i in range(1, count - 1)]
        + [(i, count - 1) for i in range(1, count - 1)],
    }[shape]
    drawn = lay(count, *edges)
    assert len(set(drawn.places)) == count
