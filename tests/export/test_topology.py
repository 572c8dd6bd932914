"""Any graph is laid out as steps one after the other and side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.export.topology import Parts, Side, arranged


def told(parts: Parts) -> str:
    """``a (b | c d) e``."""
    return " ".join(
        f"({' | '.join(map(told, part.parts))})" if isinstance(part, Side) else part
        for part in parts
    )


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ("", ""),
        ("a", "a"),
        ("a b:a c:b", "a b c"),
        ("a b", "(a | b)"),
        ("a b:a c:a d:bc", "a (b | c) d"),
        ("a b:a c:a d:b e:c f:de", "a (b d | c e) f"),
        ("a b:a c:a d:b e:c", "a (b d | c e)"),
        ("a b:a c:a d:b", "a (b d | c)"),
        # No series and sides give this one as it is: `d` waits for `c` as well.
        ("a b c:a d:b e:ab", "(a | b) (c | d | e)"),
        ("a b c:ab d:c e:c f:de g:a h:fg", "(a | b) (c (d | e) f | g) h"),
    ],
)
def test_what_is_independent_runs_side_by_side(graph: str, expected: str) -> None:
    above = {each[0]: set(each[2:]) for each in graph.split()}
    assert told(arranged(tuple(above), above)) == expected


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, set[str]]:
    names = "abcdefgh"[: draw(st.integers(1, 8))]
    return {
        name: set(draw(st.lists(st.sampled_from(names[:place]), max_size=3))) if place else set()
        for place, name in enumerate(names)
    }


@given(graphs())
def test_every_step_comes_once_and_after_those_above_it(above: dict[str, set[str]]) -> None:
    done: list[str] = []

    def walk(parts: Parts, before: frozenset[str]) -> frozenset[str]:
        for part in parts:
            if isinstance(part, Side):
                sides = [walk(side, before) for side in part.parts]
                before = before.union(*sides)
            else:
                assert above[part] <= before, "what it needs has been joined by then"
                done.append(part)
                before |= {part}
        return before

    walk(arranged(tuple(above), above), frozenset())
    assert sorted(done) == sorted(above)
