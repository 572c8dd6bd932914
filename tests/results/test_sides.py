"""What is read of a run to compare it: numbers, columns, texts and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nbflow
from nbflow.comparison import Column, Shown
from nbflow.errors import StoreError
from nbflow.results import FlowRun
from nbflow.results.columns import columns
from nbflow.results.numbers import numbers_of
from nbflow.results.sides import numbers, side, told
from nbflow.store.collecting import collect
from tests.notebooks import foreach, notebook, parameters, step, write

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5"
    "ErkJggg=="
)
DATA = "import numpy as np\nxs = np.arange(3.0)\nbig = 'x' * 20_000\nnames = ['a', n]"


@pytest.fixture
def run(tmp_path: Path) -> FlowRun:
    document = notebook(
        parameters("n: int = 2"),
        step("data", DATA),
        step("score", "loss = np.float64(0.5)\nscores = {'r2': 0.25, 'n': 3}\nok = True\nloss"),
        foreach("k in range(3)", "part = k / 4\nprint('part', k)"),
        step("held", "import sqlite3\nconnection = sqlite3.connect(':memory:')"),
        step(
            "shown",
            "from IPython.display import Image, SVG, display\nimport base64\n"
            f"display(Image(base64.b64decode({PIXEL!r})))\n"
            "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))\nprint('two pictures')",
        ),
    )
    with nbflow.load(write(document, tmp_path / "a.ipynb")) as flow:
        ended = flow.run(executor="inline")
        assert ended.status == "completed"
        return flow.runs()[-1]


def shown(run: FlowRun, step: str) -> dict[str, Shown]:
    return dict(side(run.record, run.store).steps[step].outputs)


def test_numbers_are_told_as_numbers_and_dicts_of_them_entry_by_entry(run: FlowRun) -> None:
    found = shown(run, "score")
    assert {name: each.number for name, each in found.items()} == {
        "loss": 0.5,
        'scores["r2"]': 0.25,
        'scores["n"]': 3,
        "ok": None,
    }
    assert numbers_of(run.record, run.store) == {
        "loss": 0.5,
        'scores["r2"]': 0.25,
        'scores["n"]': 3,
    }


def test_other_values_are_told_by_their_text_or_their_shape(run: FlowRun) -> None:
    found = shown(run, "data")
    assert {name: each.summary for name, each in found.items()} == {
        "xs": "float64[3]",
        "big": "str[20000]",
        "names": "['a', 2]",
    }
    assert found["xs"].columns == (Column("", "float64", 0.0, 1.0, 2.0),)
    assert shown(run, "part")["part"].summary == "[0.0, 0.25, 0.5]"
    assert shown(run, "held")["connection"].state == "stays"


def test_texts_and_pictures_are_told_apart(run: FlowRun) -> None:
    steps = side(run.record, run.store).steps
    assert [picture.type for picture in steps["shown"].pictures] == ["image/png", "image/svg+xml"]
    assert steps["shown"].text == "two pictures\n"
    assert "0.5" in str(steps["score"].text)
    assert steps["part"].text == "part 0\npart 1\npart 2\n"


def test_what_was_collected_is_said_and_the_rest_is_told(run: FlowRun) -> None:
    run.store.forget("a", [task.cell for task in run.tasks if task.step in ("score", "part")])
    collect(run.store, 0.0)
    steps = side(run.record, run.store).steps
    assert {each.state for each in steps["score"].outputs.values()} == {"collected"}
    assert set(steps["score"].outputs) == {"loss", "scores", "ok"}
    assert (steps["score"].text, steps["shown"].text) == (None, "two pictures\n")
    assert steps["data"].outputs["xs"].state == "there"
    assert numbers_of(run.record, run.store) == {}


def test_a_damaged_notebook_is_told_as_unknown(run: FlowRun) -> None:
    with run.store.writing() as connection:
        document = bytes.fromhex(str(run.head.document))
        connection.execute("UPDATE document SET data = 'torn' WHERE digest = ?", (document,))
    assert side(run.record, run.store).notebook is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, {"": 1}),
        (0.5, {"": 0.5}),
        (np.int64(3), {"": 3}),
        (np.float32(0.5), {"": 0.5}),
        ({"a": 1, "b": np.float64(0.5)}, {'["a"]': 1, '["b"]': 0.5}),
        (True, None),
        (np.True_, None),
        ("1", None),
        (None, None),
        ({}, None),
        ({"a": 1, "b": "x"}, None),
        ({1: 1}, None),
        ({str(n): n for n in range(30)}, None),
        (np.arange(3), None),
        (np.array(3.0), {"": 3.0}),
        (1 + 2j, None),
        (10**400, None),
    ],
)
def test_numbers_are_known_as_such(value: object, expected: object) -> None:
    assert numbers(value) == expected


@pytest.mark.parametrize(
    ("number", "text"),
    [(3, "3"), (0.1 + 0.2, "0.3"), (-1.012_260_4, "-1.01226"), (1e-9, "1e-09"), (2.0, "2")],
)
def test_a_number_is_told_by_the_digits_that_matter(number: float, text: str) -> None:
    assert told(number) == text


NUMBERS = [1.0, None, 3.0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (pd.DataFrame({"x": NUMBERS, "t": ["a", "b", None]}), (("x", 2.0, 1), ("t", None, 1))),
        (pd.Series([1, 2, 3]), (("", 2.0, 0),)),
        (pd.DataFrame({"b": [True, False]}), (("b", 0.5, 0),)),
        (pd.DataFrame({"x": []}, dtype=float), (("x", None, 0),)),
        (pl.DataFrame({"x": NUMBERS, "t": ["a", "b", None]}), (("x", 2.0, 1), ("t", None, 1))),
        (pl.Series("x", [1, 2, 3]), (("x", 2.0, 0),)),
        (pa.table({"x": NUMBERS, "t": ["a", "b", None]}), (("x", 2.0, 1), ("t", None, 1))),
        (np.array([1.0, np.nan, 3.0]), (("", 2.0, 1),)),
        (np.array([True, False]), (("", 0.5, 0),)),
        (np.array(["a"]), ()),
        (np.array([np.inf, 1.0]), (("", None, 0),)),
        ([1, 2], ()),
    ],
)
def test_frames_and_arrays_are_told_in_a_few_numbers(value: Any, expected: object) -> None:
    assert tuple((each.name, each.mean, each.missing) for each in columns(value)) == expected


def test_runs_are_a_frame_with_parameters_and_numbers(run: FlowRun, tmp_path: Path) -> None:
    with nbflow.load(tmp_path / "a.ipynb") as flow:
        flow.run(n=3, executor="inline")
    frame = nbflow.runs(tmp_path / "a.ipynb").to_frame()
    assert frame.index[0] == run.id
    assert frame["n"].tolist() == [2, 3]
    assert frame["loss"].tolist() == [0.5, 0.5]
    assert list(frame.columns)[:4] == ["started", "status", "seconds", "tags"]
    assert nbflow.runs(tmp_path / "a.ipynb", param="n>9").to_frame().empty


def test_a_run_is_asked_for_what_it_holds(run: FlowRun) -> None:
    assert run.parameters == {"n": 2}
    assert str(run["part"][1].logs) == "part 1\n"
    assert run["part"].logs[0]["text"] == "part 0\n"
    assert run["part"]["part"] == [0.0, 0.25, 0.5]
    assert {task.step for task in run.tasks} >= {"data", "score"}
    assert run.compare(run).outputs[0].differs is False


def test_a_value_whose_module_lies_beside_the_notebook_says_what_it_takes(tmp_path: Path) -> None:
    (tmp_path / "beside_it.py").write_text("class Thing:\n    size = 3\n")
    document = notebook(step("make", "from beside_it import Thing\nthing = Thing()"))
    with nbflow.load(write(document, tmp_path / "away.ipynb")) as flow:
        ran = flow.run()
    with pytest.raises(StoreError, match="no module `beside_it` is found from here"):
        _ = ran["make"].thing
