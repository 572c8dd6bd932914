"""Indexes that get other names, and what it takes to see that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbflow.run.worker.carrying.frames import Frames
from nbflow.run.worker.carrying.sharing import find


class Model:
    def __init__(self) -> None:
        self.data = frame()


def frame() -> Any:
    return pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=pd.Index(["x", "y"]))


def rename(value: Any) -> None:
    value.index.name = "k"


def rename_columns(value: Any) -> None:
    value.columns.name = "k"
    value["c"] = 5


def add(value: Any) -> None:
    value["c"] = 5


@pytest.mark.parametrize(
    ("make", "change", "renamed"),
    [
        (frame, rename, True),
        (frame, rename_columns, True),
        (frame, add, False),
        (lambda: [frame()], lambda value: rename(value[0]), True),
        (lambda: {"k": (frame(),)}, lambda value: rename(value["k"][0]), True),
        (Model, lambda value: rename(value.data), True),
        (Model, lambda value: add(value.data), False),
        (lambda: frame()["a"], rename, True),
        (lambda: frame().index, lambda value: value.set_names(["z"], inplace=True), True),
        (lambda: list(range(1000)), lambda value: value.append(1), True),
        (lambda: [1, 2], lambda value: value.append(1), False),
    ],
)
def test_new_names_of_an_index_are_seen(
    make: Callable[[], Any], change: Callable[[Any], None], renamed: bool
) -> None:
    frames, value = Frames(), make()
    frames.note({"value": value})
    change(value)
    assert list(frames.renamed({"value"})) == ["value"] * renamed
    assert list(frames.renamed(())) == []


def test_frames_and_columns_that_have_an_index_in_common_are_found() -> None:
    column = frame()["a"]
    one, other, alone = pd.DataFrame({"a": column}), pd.DataFrame({"b": column}), frame()
    found = find({"one": one, "other": other, "alone": alone, "column": column}.items())
    assert found.groups == []
    assert [sorted(group) for group in found.axes] == [["column", "one", "other"]]


def test_an_index_in_common_joins_groups_that_share_objects() -> None:
    column = frame()["a"]
    box: list[Any] = [[]]
    values = {"column": column, "box": [box, column.index], "again": box, "alone": []}
    found = find(values.items())
    assert [sorted(group) for group in found.groups] == [["again", "box"]]
    assert [sorted(group) for group in found.axes] == [["again", "box", "column"]]


@pytest.mark.parametrize(
    ("change", "rewritten"),
    [
        (add, False),
        (lambda value: value.__setitem__("a", [5, 6]), False),
        (lambda value: value.loc.__setitem__(("x", "a"), 9), True),
        (lambda value: value.fillna(0, inplace=True), False),
    ],
)
def test_memory_that_arrays_may_show_is_compared(
    change: Callable[[Any], None], rewritten: bool
) -> None:
    frames, value = Frames(), frame()
    frames.note({"value": value, "list": [1]})
    change(value)
    assert list(frames.rewritten({"value"}, lambda _: frame())) == ["value"] * rewritten


def test_frames_share_memory_with_arrays_and_with_columns_that_do_not_copy() -> None:
    array, made = np.arange(3.0), frame()
    shown = pd.Series(array, copy=False)
    found = find({"array": array, "shown": shown, "twice": pd.Series(array, copy=False)}.items())
    assert [sorted(group) for group in found.memory] == [["array", "shown", "twice"]]
    apart = {"frame": made, "column": made["a"], "other": made[["b"]], "array": array}
    assert find(apart.items()).memory == [], "they copy before they write"
