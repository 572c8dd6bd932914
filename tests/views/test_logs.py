"""Logs for a page: the last of what each task put out, and no more than a page can take."""

from __future__ import annotations

from typing import Any

from nbflow.views.logs import sections, stamp


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def display(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


def test_splits_have_their_names_over_them_and_a_step_has_none() -> None:
    told = sections([("each[]", []), ("each[0]", [stream("a\n")]), ("each[2]", [display("b")])])
    assert [(each["heading"], len(each["outputs"])) for each in told] == [
        ("each[0]", 1),
        ("each[2]", 1),
    ]
    assert [each["heading"] for each in sections([("load", [stream("a")])])] == [""]


def test_of_a_long_log_the_end_is_shown_from_the_beginning_of_a_line() -> None:
    lines = "".join(f"line {number}\n" for number in range(100_000))
    (told,) = sections([("load", [stream("first\n"), stream(lines, "stderr")])])
    (shown,) = told["outputs"]
    assert told["cut"]
    assert shown["text"].startswith("line ")
    assert shown["text"].endswith("line 99999\n")
    assert len(shown["text"]) <= 1 << 17


def test_a_line_without_an_end_is_cut_too() -> None:
    (told,) = sections([("load", [stream("x" * 1_000_000)])])
    assert len(told["outputs"][0]["text"]) == 1 << 17
    (told,) = sections([("load", [stream("early"), stream("x" * (1 << 17), "stderr")])])
    assert (len(told["outputs"]), told["cut"]) == (1, True)


def test_displays_have_a_bound_of_their_own() -> None:
    (told,) = sections([("load", [display("x" * 1_000_000) for _ in range(5)])])
    assert (len(told["outputs"]), told["cut"]) == (2, True)


def test_of_very_many_splits_the_last_are_shown() -> None:
    told = sections([(f"each[{split}]", [stream("a")]) for split in range(1000)])
    assert [told[0]["heading"], told[-1]["heading"]] == ["each[800]", "each[999]"]


def test_a_stamp_is_another_when_anything_came() -> None:
    one, other = (sections([("load", [stream(text)])]) for text in ("a", "ab"))
    assert stamp(one) != stamp(other)
    assert stamp(one) == stamp(sections([("load", [stream("a")])]))
