"""What a comparison of runs says: the same for what is the same, and what differs where it does."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from nbflow.cells import parse
from nbflow.comparison import (
    Column,
    Output,
    Shown,
    Side,
    Step,
    Varied,
    compare,
    extremes,
    other_code,
)
from nbflow.records.digest import of_bytes
from nbflow.records.notebook import Notebook
from nbflow.records.picture import Picture
from nbflow.records.task import Fact, RunRecord
from tests.notebooks import code, foreach, notebook, parameters, step

RUN = RunRecord("1", "/a.ipynb", "a", {"lr": "0.1"}, "completed", started=1.0)


def read(*cells: object) -> Notebook:
    return parse(notebook(*cells), "/a.ipynb")  # type: ignore[arg-type]


def number(value: float) -> Shown:
    return Shown("there", f"{value}", of_bytes(repr(value).encode()), value)


def side(
    outputs: Mapping[str, Shown] | None = None,
    *facts: Fact,
    given: str = "0.1",
    then: Notebook | None = None,
    now: Notebook | None = None,
    text: str | None = "",
) -> Side:
    steps = {"fit": Step("completed", 1.0, 10, outputs or {}, text)}
    return Side(replace(RUN, parameters={"lr": given}), steps, facts, then, now)


def test_what_is_the_same_does_not_differ() -> None:
    looked = Fact("distribution", "numpy", "2.0")
    one = side({"loss": number(0.5)}, looked, then=read(code("a = 1")))
    told = compare([one, one])
    assert not any(each.differs for each in (*told.parameters, *told.surroundings))
    assert not any(each.differs for each in told.outputs)
    assert told.cells == ()


def test_parameters_and_outputs_stand_in_the_order_of_the_runs() -> None:
    sides = [side({"loss": number(n)}, given=repr(n)) for n in (0.5, 0.25, 0.125)]
    told = compare([*sides, replace(side(), steps={})])
    assert told.parameters == (Varied("lr", ("0.5", "0.25", "0.125", "0.1")),)
    (output,) = told.outputs
    assert (output.step, output.name) == ("fit", "loss")
    assert output.numbers == (0.5, 0.25, 0.125, None)
    assert (output.is_numeric, output.differs) == (True, True)
    assert told.steps[0].seconds == (1.0, 1.0, 1.0, None)


GONE = Shown("collected", "a", of_bytes(b"a"))


@pytest.mark.parametrize(
    ("one", "other", "differs", "is_numeric"),
    [
        (number(1.0), number(1.0), False, True),
        (number(1), number(1.0), True, True),
        (number(math.nan), number(math.nan), False, True),
        (number(1.0), None, True, True),
        (number(1.0), Shown("there", "text", of_bytes(b"")), True, False),
        (GONE, Shown("there", "a", of_bytes(b"a")), False, False),
        (Shown("stays", "Connection"), Shown("stays", "Connection"), False, False),
        (GONE, Shown("collected", "a", of_bytes(b"b")), True, False),
        (number(1.0), Shown("collected", "1.0", of_bytes(b"1.0")), False, True),
    ],
)  # fmt: skip
def test_outputs_differ_by_number_or_digest(
    one: Shown, other: Shown | None, differs: bool, is_numeric: bool
) -> None:
    output = Output("fit", "loss", (one, other))
    assert (output.differs, output.is_numeric) == (differs, is_numeric)


@pytest.mark.parametrize(
    ("numbers", "least", "greatest"),
    [
        ([1, 2, 3], {0}, {2}),
        ([2, 1, 2], {1}, {0, 2}),
        ([1, 1], set(), set()),
        ([1, None], set(), set()),
        ([math.nan, 1, 2], {1}, {2}),
        ([], set(), set()),
        ([-math.inf, 0, math.inf], {0}, {2}),
    ],
)
def test_the_ends_of_a_row_are_known_where_there_are_two(
    numbers: list[float | None], least: set[int], greatest: set[int]
) -> None:
    assert extremes(numbers) == {"min": least, "max": greatest}


def test_code_is_compared_cell_by_cell() -> None:
    one = read(code("a = 1"), step("fit", "b = a"), code("gone = 1"))
    other = read(code("a = 1"), step("fit", "b = a + 1"))
    told = compare([side(then=one), side(then=other), side(then=None)])
    assert [(cell.label, cell.sources) for cell in told.cells] == [
        ("cell [2] fit", ("b = a", "b = a + 1", None)),
        ("cell [3]", ("gone = 1", None, None)),
    ]


CELLS = (parameters("n = 1"), step("fit", "b = n\nc = 2"), foreach("x in [1, 2]", "y = x"))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (CELLS, ()),
        ((CELLS[0], step("fit", "# why\nb = n\n\nc = (2)"), CELLS[2]), ()),
        ((CELLS[0], step("fit", "b = n\nc = 3"), CELLS[2]), ("cell [2] fit",)),
        ((CELLS[0], step("tune", "b = n\nc = 2"), CELLS[2]), ("cell [2] tune",)),
        ((*CELLS[:2], foreach("x in [1]", "y = x")), ("cell [3] x in [1]",)),
        ((*CELLS, code("print(1)")), ("cell [4] (new)",)),
        ((*CELLS, code("%flow compare last last~1"), code("# no code")), ()),
        (CELLS[:2], ("cell [3] x in [1, 2] (gone)",)),
        ((CELLS[0], step("fit", "b = n +"), CELLS[2]), ("cell [2] fit",)),
    ],
)
def test_other_code_is_what_does_something_else(now: tuple[object, ...], told: object) -> None:
    assert other_code(read(*CELLS), read(*now)) == told


def test_each_run_is_held_against_its_notebook_of_today() -> None:
    one, other = read(code("a = 1")), read(code("a = 2"))
    told = compare([side(then=one, now=one), side(then=one, now=other), side(then=one)])
    assert told.other_code == ((), ("cell [1]",), None)


def test_what_the_runs_looked_at_is_compared_by_what_it_is() -> None:
    one = side({}, Fact("distribution", "numpy", "1.26"), Fact("file", "a.csv", "1"))
    other = side({}, Fact("distribution", "numpy", "2.0"), Fact("file", "a.csv", "1"))
    assert [each for each in compare([one, other]).surroundings if each.differs] == [
        Varied("numpy", ("1.26", "2.0"), "distribution")
    ]


def test_what_a_step_put_out_and_what_was_collected_of_it_is_told_apart() -> None:
    shown = Step("completed", 1.0, 0, {}, "text", (Picture("image/png", "AAAA"),))
    sides = [replace(side(), steps={"fit": shown}), side(text=None), replace(side(), steps={})]
    (told,) = compare(sides).put_out
    assert told.texts == ("text", None, None)
    assert told.collected == (False, True, False)
    assert told.pictures == ((Picture("image/png", "AAAA"),), (), ())


def test_a_comparison_is_a_frame_with_a_column_for_each_run() -> None:
    sides = [side({"loss": number(n), "model": Shown("there", "m")}) for n in (0.5, 0.25)]
    frame = compare([replace(s, run=replace(s.run, id=f"r{n}")) for n, s in enumerate(sides)])
    told = frame.to_frame()
    assert list(told.columns) == ["r0", "r1"]
    assert told.loc[("output", "loss")].tolist() == [0.5, 0.25]
    assert list(told.index) == [("parameter", "lr"), ("seconds", "fit"), ("output", "loss")]


def test_a_column_is_equal_to_one_with_the_same_numbers() -> None:
    assert Column("x", "int64", 0.0, 1.0, 2.0) == Column("x", "int64", 0.0, 1.0, 2.0)
