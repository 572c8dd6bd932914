"""What is kept of a task's live outputs, should its worker die."""

from __future__ import annotations

from typing import Any

import pytest

from nbflow.run.last_words import LastWords
from nbflow.run.worker.outputs import STREAM_LIMIT


def said(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(text: str, kind: str = "display_data", display: str = "one") -> dict[str, Any]:
    data = {"text/plain": text}
    content = {"output_type": kind, "data": data, "metadata": {}}
    return {**content, "transient": {"display_id": display}}


CLEAR = {"output_type": "clear_output", "wait": False}

CASES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "text of one stream is one output": ([said("a"), said("b")], [said("ab")]),
    "streams keep their order": (
        [said("a"), said("b", "stderr"), said("c")],
        [said("a"), said("b", "stderr"), said("c")],
    ),
    "an update changes the display": (
        [shown("1 %"), shown("2 %", "update_display_data")],
        [shown("2 %")],
    ),
    "what was cleared is gone": ([said("a"), CLEAR, said("b")], [said("b")]),
}


@pytest.mark.parametrize("case", CASES)
def test_outputs_are_kept_as_a_cell_would_keep_them(case: str) -> None:
    live, kept = CASES[case]
    words = LastWords()
    for content in live:
        words.hear("a", content)
    assert words.take("a") == kept
    assert words.take("a") == []


def test_tasks_are_kept_apart_and_a_silent_one_has_said_nothing() -> None:
    words = LastWords()
    words.hear("a", said("of a"))
    assert words.take("b") == []
    assert words.take("a") == [said("of a")]


def test_what_is_kept_is_bounded() -> None:
    words = LastWords()
    for _ in range(4):
        words.hear("a", said("x" * STREAM_LIMIT))
    (kept,) = words.take("a")
    assert len(kept["text"]) < STREAM_LIMIT + 100
