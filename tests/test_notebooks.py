"""The helpers that other tests lean on: marks taken off, values described."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.laws.describe import describe, namespace
from tests.notebooks import assigned, code, foreach, mark, notebook, plain, step


class Colour(enum.Enum):
    RED = 1


@dataclass
class Box:
    size: int


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1\ny, *z = 2, 3", ["x", "y", "z"]),
        ("import a\ndef f():\n    inner = 1\nclass C:\n    c = 1", []),
        ("[i for i in range(3)]\n(n := 5)", ["n"]),
        ("%matplotlib inline\nlines = !ls", ["lines"]),
        ("for i in []:\n    with open('f') as f:\n        pass", ["f", "i"]),
    ],
)
def test_assigned_names_are_those_bound_at_the_top_but_definitions(
    source: str, names: list[str]
) -> None:
    assert sorted(assigned(source)) == names


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (code("x = 1"), ("", "", "x = 1")),
        (step("load", "x = 1"), ("step", "load", "x = 1")),
        (code("%%step load\nx = 1"), ("step", "load", "\nx = 1")),
        (code("%%time\nx = 1"), ("", "", "%%time\nx = 1")),
        (foreach("k, v in d.items()", "x = k"), ("foreach", "k, v in d.items()", "x = k")),
    ],
)
def test_a_mark_is_found_in_each_spelling(cell: Any, expected: tuple[str, str, str]) -> None:
    assert mark(cell) == expected


@pytest.mark.parametrize(
    ("clause", "body", "expected"),
    [
        ("n in [1, 2]", "y = n * n\nz = -n", {"y": [1, 4], "z": [-1, -2]}),
        (
            "a in 'xy' for b in range(2) if b or a == 'x'",
            "c = a * (b + 1)",
            {"c": ["x", "xx", "yy"]},
        ),
        ("k, (v, _) in {'a': (1, 2)}.items()", "line = k + str(v)", {"line": ["a1"]}),
        ("n in []", "y = n", {"y": []}),
    ],
)
def test_a_plain_foreach_is_a_loop(clause: str, body: str, expected: dict[str, Any]) -> None:
    space: dict[str, Any] = {}
    exec(plain(notebook(foreach(clause, body))).cells[0].source, space)
    assert {name: value for name, value in space.items() if name[0] != "_"} == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ("1", 1),
        ([1], (1,)),
        (0.0, -0.0),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.array([1]), np.array([1.0])),
        (np.array([1]), np.array([[1]])),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[5])),
        (Colour.RED, 1),
    ],
    ids=repr,
)
def test_values_that_differ_are_described_differently(one: object, other: object) -> None:
    assert describe(one) != describe(other)


def test_values_that_are_equal_are_described_equally() -> None:
    assert describe({3, 1, 2}) == describe({2, 3, 1})
    assert describe(object()) == describe(object())
    assert describe(Box(1)) == describe(Box(1)) != describe(Box(2))


def test_a_namespace_is_described_without_its_definitions() -> None:
    def function() -> None: ...

    names = {"x": 1, "_y": 2, "np": np, "function": function, "Box": Box, "In": []}
    assert namespace(names) == {"x": "int 1"}
