"""Lines fit into 80 columns, whatever letters they hold."""

from __future__ import annotations

from typing import get_args

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.records.task import Status
from nbflow.views.blocks import REST, WIDTH, Note, Row, Span, Table, line
from nbflow.views.page import page
from nbflow.views.text import columns, cut, mark, pad, paint, width


@pytest.mark.parametrize(
    "statuses", [get_args(Status), ("fresh", "new", "stale", "unknown", "blocked")]
)
def test_each_status_has_a_glyph_of_its_own(statuses: tuple[str, ...]) -> None:
    glyphs = {click.unstyle(mark(status)) for status in statuses}
    assert len(glyphs) == len(statuses)
    assert all(width(glyph) == 1 for glyph in glyphs)


@pytest.mark.parametrize(
    ("text", "limit", "told"),
    [
        ("short", 8, "short"),
        ("exactly8", 8, "exactly8"),
        ("a word too many", 8, "a word…"),
        ("two\nlines", 20, "two lines"),
        ("漢字漢字", 5, "漢字…"),
        ("x", 0, ""),
    ],
)
def test_text_is_cut_to_one_line_with_an_ellipsis(text: str, limit: int, told: str) -> None:
    assert cut(text, limit) == told


@given(st.text(), st.integers(min_value=0, max_value=100))
def test_cut_text_always_fits(text: str, limit: int) -> None:
    assert width(cut(text, limit)) <= limit


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5))
def test_columns_always_fit_beside_a_glyph(rows: list[tuple[str, str, str]]) -> None:
    assert all(width(line) <= WIDTH - 4 for line in columns(rows, limits=(24, 9)))


@given(
    st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5),
    st.integers(min_value=60, max_value=200),
)
def test_columns_fit_whatever_the_terminal(rows: list[tuple[str, str, str]], room: int) -> None:
    assert all(width(line) <= room - 4 for line in columns(rows, limits=(24, 9), room=room))


def test_what_is_no_terminal_is_given_all() -> None:
    long = "a_name_that_is_longer_than_any_column " * 5
    told = page(
        Table((Row((long, long)),), ("", ""), limits=(4,)),
        line(Span(long, limit=4), Span(long, limit=REST)),
        Note("error", long, long),
    )
    assert told.plain(None).count("…") == 0
    assert len(told.plain(None).splitlines()) == 4
    assert "…" in told.plain(80)


def test_a_wide_terminal_is_used_and_a_narrow_one_leaves_room_for_the_end() -> None:
    long = "a_name_that_is_longer_than_any_column"
    assert columns([(long, "fresh", long)], (24, 9), room=100) == [f"{long}  fresh  {long}"]
    (narrow,) = columns([(long, "fresh", long)], (24, 9), room=40)
    assert narrow == "a_name_that_is_longer_t…  fresh  a_name_that…"


def test_columns_are_aligned_and_one_of_them_to_the_right() -> None:
    rows = [("a", "1", "x"), ("bbb", "200", "")]
    assert columns(rows, limits=(5, 5), right=1) == ["a      1  x", "bbb  200"]


def test_padding_counts_columns_not_letters() -> None:
    assert pad("漢", 4) == "漢  "
    assert pad("7", 3, "right") == "  7"


def test_paint_colours_only_what_is_there() -> None:
    assert paint("", "bad") == ""
    assert paint("x", "bad") != "x"
    assert click.unstyle(paint("x", "bad")) == "x"
