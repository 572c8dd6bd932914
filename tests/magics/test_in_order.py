"""The order of a foreach's outputs, whichever split is first: pure, without a kernel."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nbflow.magics.in_order import InOrder
from nbflow.records.task import ErrorText, Status, TaskRun

CELL = "cell"


def task(index: int | None, status: Status, failed: bool = False) -> TaskRun:
    name = "x[]" if index is None else f"x[{index}]"
    error = ErrorText("ValueError", "no", ()) if failed else None
    return TaskRun(name, CELL, "x", index, status, 0.0, error=error)


def text(index: int, number: int) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": f"{index}.{number} "}


class Watched:
    """An InOrder, and what it has put out."""

    def __init__(self, splits: int) -> None:
        self.shown: list[str] = []
        self.splits = splits
        self.order = InOrder(CELL, lambda o: self.shown.append(o["text"]), self.logged)
        self.order.changed(task(None, "running"))
        self.order.changed(task(None, "completed"))

    def logged(self, run: TaskRun) -> list[dict[str, Any]]:
        return [] if run.index is None else [text(run.index, number) for number in range(2)]


@st.composite
def interleavings(draw: st.DrawFn) -> tuple[int, list[tuple[int, str]]]:
    """Splits that begin, print twice and end, in any order that keeps each one's own."""
    count = draw(st.integers(1, 5))
    left = {index: ["running", "0", "1", "completed"] for index in range(count)}
    events = []
    while left:
        index = draw(st.sampled_from(sorted(left)))
        events.append((index, left[index].pop(0)))
        if not left[index]:
            del left[index]
    return count, events


@given(interleavings())
def test_all_is_shown_once_and_in_order(case: tuple[int, list[tuple[int, str]]]) -> None:
    count, events = case
    watched = Watched(count)
    ended = []
    for index, event in events:
        if event in ("running", "completed"):
            run = task(index, "running" if event == "running" else "completed")
            watched.order.changed(run)
            ended += [run] if event == "completed" else []
        else:
            watched.order.output(f"x[{index}]", text(index, int(event)))
        # What is shown so far is a beginning of what will be.
        whole = [f"{each}.{number} " for each in range(count) for number in range(2)]
        assert watched.shown == whole[: len(watched.shown)]
    watched.order.finish(ended)
    assert watched.shown == whole


def test_the_first_split_is_shown_live() -> None:
    watched = Watched(2)
    watched.order.changed(task(0, "running"))
    watched.order.output("x[0]", text(0, 0))
    assert watched.shown == ["0.0 "]


def test_nothing_comes_after_a_split_that_failed() -> None:
    watched = Watched(3)
    for index in range(3):
        watched.order.changed(task(index, "running"))
    watched.order.changed(task(2, "completed"))
    watched.order.output("x[0]", text(0, 0))
    watched.order.changed(task(0, "completed"))
    watched.order.changed(task(1, "failed", failed=True))
    watched.order.finish([task(0, "completed"), task(1, "failed", True), task(2, "completed")])
    assert watched.shown == ["0.0 ", "1.0 ", "1.1 "]


def test_a_new_start_forgets_what_was_shown() -> None:
    watched = Watched(1)
    watched.order.changed(task(0, "running"))
    assert not watched.order.restart()
    watched.order.changed(task(None, "cached"))
    watched.order.changed(task(0, "cached"))
    assert watched.shown == ["0.0 ", "0.1 "]
    assert watched.order.restart()


def test_other_cells_are_ignored() -> None:
    watched = Watched(1)
    other = TaskRun("y", "other", "y", None, "completed", 0.0)
    watched.order.changed(other)
    watched.order.output("y", text(9, 9))
    watched.order.finish([other])
    assert watched.shown == []
