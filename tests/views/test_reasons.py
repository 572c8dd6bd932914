"""Every kind of reason has its words, on one line; source is shown as a difference."""

from __future__ import annotations

from typing import get_args

import pytest

from nbflow.records.reason import Reason, ReasonKind
from nbflow.views.page import page
from nbflow.views.reasons import paragraph, phrase, phrases
from nbflow.views.text import DIFFERENCE_LINES


def lines(reason: Reason) -> list[str]:
    return page(*paragraph(reason)).plain().splitlines()


def test_a_file_is_shown_with_what_differs_where_that_is_known() -> None:
    assert lines(Reason("file", "a.csv", "6 bytes, line 2: b", "7 bytes, line 2: bb")) == [
        "file a.csv changed",
        "  was 6 bytes, line 2: b",
        "  now 7 bytes, line 2: bb",
    ]
    assert lines(Reason("file", "data/", "0" * 64, "1" * 64)) == ["file data/ changed"]


@pytest.mark.parametrize("kind", get_args(ReasonKind))
def test_every_kind_of_reason_has_a_phrase(kind: ReasonKind) -> None:
    told = phrase(Reason(kind, "subject", "before", "after"))
    assert told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (Reason("parameter", "n", "10", "20"), "parameter `n` changed: 10 → 20"),
        (Reason("parameter", "n", "", "20"), "parameter `n` changed: nothing → 20"),
        (
            Reason("input", "data", "int64[3]", "int64[5]"),
            "input `data` changed: int64[3] → int64[5]",
        ),
        (Reason("input", "data", "int64[3]", "int64[3]"), "input `data` changed"),
        (Reason("input", "for k, v", "a", "b"), "item `k, v` changed: a → b"),
        (Reason("file", "a.csv", "d1", "d2"), "file a.csv changed"),
        (Reason("file", "a.csv", "d1", ""), "file a.csv is gone"),
        (Reason("file", "a.csv", "", "d2"), "file a.csv is new"),
        (Reason("package", "pandas", "2.1", "2.3"), "package pandas changed: 2.1 → 2.3"),
        (
            Reason("package", "mine", f"1.0 {'a' * 64}", f"1.0 {'b' * 64}"),
            "package mine changed: 1.0 aaaaaaaa → 1.0 bbbbbbbb",
        ),
        (Reason("definition", "is_prime", "def …", "def …"), "`is_prime` changed"),
    ],
)
def test_a_reason_says_what_differs(reason: Reason, told: str) -> None:
    assert phrase(reason) == told


def test_several_reasons_are_the_first_and_a_count() -> None:
    reasons = [Reason("source"), Reason("setup"), Reason("forced")]
    assert phrases(reasons) == "its code changed (+2)"
    assert phrases(reasons[:1]) == "its code changed"
    assert phrases([]) == ""


def test_a_change_of_source_is_shown_with_the_lines_around_it() -> None:
    before = "\n".join(f"line {n}" for n in range(20))
    after = before.replace("line 3\n", "line three\n").replace("line 15", "line fifteen")
    told = lines(Reason("source", "load", before, after))
    assert told == [
        "its code changed",
        "   line 1",
        "   line 2",
        "  -line 3",
        "  +line three",
        "   line 4",
        "   line 5",
        "    …",
        "   line 13",
        "   line 14",
        "  -line 15",
        "  +line fifteen",
        "   line 16",
        "   line 17",
    ]


def test_reasons_that_read_the_same_are_told_once() -> None:
    new = [Reason("never-ran", f"y[{index}]") for index in range(3)]
    assert phrases(new) == "first run"
    assert phrases([*new, Reason("source", "y")]) == "first run (+1)"
    assert phrases([]) == ""


def test_a_definition_that_is_new_or_gone_is_all_difference() -> None:
    told = lines(Reason("definition", "f", "", "def f(): 1"))
    assert told == ["`f` changed", "  +def f(): 1"]


def test_a_long_difference_is_cut_with_a_count() -> None:
    text = "\n".join(f"x = {n}" for n in range(100))
    told = lines(Reason("source", "load", "", text))
    assert len(told) == DIFFERENCE_LINES + 2
    assert told[-1] == "  … 60 more lines"
