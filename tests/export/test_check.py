"""Digests of values: equal for equal ones in any process, different for what differs in a bit."""

from __future__ import annotations

import enum
import json
import math
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nbflow.export import check
from nbflow.export.check import compare, digest


class Colour(enum.Enum):
    RED = 1


@dataclass
class Box:
    size: Any


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ("1", 1),
        (b"1", "1"),
        ([1], (1,)),
        ([1, [2]], [1, 2]),
        (0.0, -0.0),
        (0.1 + 0.2, 0.3),
        (1 + 0j, 1.0),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1}, {2}),
        (np.array([1]), np.array([1.0])),
        (np.array([1]), np.array([[1]])),
        (np.array([1, 2]), np.array([2, 1])),
        (np.int32(1), np.int64(1)),
        (np.array([None, "a"]), np.array([None, "b"])),
        (np.ma.array([1, 2], mask=[False, True]), np.ma.array([1, 2], mask=[True, False])),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[5])),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
        (pd.Series([1.0]), pd.Series([1.0], name="x")),
        (pd.Series(["a", None]), pd.Series(["a", "b"])),
        (pd.Series(["a", "b"], dtype="category"), pd.Series(["a", "b"])),
        (pd.Index([1], name="a"), pd.Index([1], name="b")),
        (pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [1.0]})),
        (pl.Series("a", [1]), pl.Series("b", [1])),
        (Colour.RED, 1),
        (Box(1), Box(2)),
        (Box([1]), Box([2])),
        (Path("a"), Path("b")),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
        (np.random.default_rng(0), np.random.default_rng(1)),
        (len, sum),
        (int, float),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_differs_has_another_digest(one: object, other: object) -> None:
    assert digest(one) != digest(other)


def test_what_is_equal_has_the_same_digest() -> None:
    assert digest({3, 1, 2}) == digest({2, 3, 1})
    assert digest(math.nan) == digest(float("nan"))
    assert digest(Box([1, Box(2)])) == digest(Box([1, Box(2)]))
    assert digest(np.asfortranarray([[1, 2], [3, 4]])) == digest(np.array([[1, 2], [3, 4]]))
    assert digest(np.ones(2, ">i4")) == digest(np.ones(2, "<i4")) != digest(np.ones(2, "<u4"))


def test_an_object_with_the_global_generator_is_the_same_whatever_that_has_drawn() -> None:
    holder = Box(np.random.mtrand._rand)
    before = digest(check.stored(holder))
    np.random.rand()
    assert digest(check.stored(holder)) == digest(holder) == before
    assert digest(Box(np.random.RandomState(0))) != digest(Box(np.random.RandomState(1)))


def test_a_value_within_itself_has_a_digest() -> None:
    one: list[Any] = [1]
    one.append(one)
    other: list[Any] = [1]
    other.append(other)
    assert digest(one) == digest(other) != digest([1, [1, [1]]])


def test_another_process_finds_the_same() -> None:
    values = "[{'b', 'a', 'c'}, {'x': (1, 2.5)}, np.arange(5.0), pd.DataFrame({'a': ['x', None]})]"
    here = digest(eval(values, {"np": np, "pd": pd}))
    program = f"import numpy as np, pandas as pd\nfrom check import digest\nprint(digest({values}))"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(check.__file__).parent,
        check=True,
        capture_output=True,
        text=True,
    )
    assert ended.stdout.strip() == here


def test_what_is_no_longer_so_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = {
        "python": "3.11",
        "parameters": {"n": "2"},
        "values": {"a": digest(1), "b": digest([2])},
        "uncompared": {"c": "it was not kept"},
        "accepted": {"load": "no harm"},
    }
    monkeypatch.setattr(check, "EXPECTED", tmp_path / "digests.json")
    check.EXPECTED.write_text(json.dumps(expected))
    assert compare({"a": 1, "b": [2], "c": 3}, {"n": 2}) == 0
    assert "2 of 2 values are those of the notebook." in capsys.readouterr().out
    assert compare({"a": 1, "b": [3], "c": 3}, {"n": 2}) == 1
    told = capsys.readouterr().out
    assert "different  b" in told
    assert "not seen   c: it was not kept" in told
    assert compare({"a": 1, "b": [2], "c": 3}, {"n": 3}) == 2
    assert "the digests are of n = 2" in capsys.readouterr().out
