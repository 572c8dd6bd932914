"""``nbflow compare``: two or more runs side by side, as text, as a page and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tests.cli import shapes
from tests.cli.conftest import Nbflow
from tests.notebooks import read, write

pytestmark = pytest.mark.slow


@pytest.fixture
def two(nbflow: Nbflow) -> list[str]:
    """The ids of two runs."""
    told = [nbflow("run", "small.ipynb", "-p", "n", n, "--json").stdout for n in "45"]
    return [str(json.loads(each)["run"]) for each in told]


def compared(nbflow: Nbflow, *words: str) -> shapes.Comparison:
    return msgspec.json.decode(nbflow("compare", *words, "--json").stdout, type=shapes.Comparison)


def test_what_differs_is_told_and_what_does_not_is_named(nbflow: Nbflow, two: list[str]) -> None:
    told = nbflow("compare", *two).stdout
    assert "n  4  5" in told
    assert "total  12 ▼  20 ▲" in told
    assert "The same in all: code, packages and files." in told
    found = compared(nbflow, *two)
    assert [run.run for run in found.runs] == two
    (total,) = [each for each in found.outputs if each.name == "total"]
    assert (total.min, total.max, total.differs) == ([0], [1], True)
    assert [each and each.number for each in total.given] == [12, 20]
    assert found.runs[0].other_code == []


def test_a_run_by_other_code_than_todays_says_so(
    folder: Path, nbflow: Nbflow, two: list[str]
) -> None:
    document = read(folder / "small.ipynb")
    document.cells[-1].source = "total = sum(y) + 1\ntotal"
    write(document, folder / "small.ipynb")
    nbflow("run", "small.ipynb", "-p", "n", "5")
    found = compared(nbflow, two[1], "last")
    assert [run.other_code for run in found.runs] == [["cell [5] total"], []]
    (cell,) = found.code
    assert (cell.cell, cell.sources[0]) == ("cell [5] total", "total = sum(y)\ntotal")
    told = nbflow("compare", two[1], "last").stdout
    assert "A was made by other code than small.ipynb has today: cell [5] total." in told
    assert "+total = sum(y) + 1" in told


def test_what_was_collected_is_said_and_the_rest_is_compared(
    nbflow: Nbflow, two: list[str]
) -> None:
    nbflow("clear", "small.ipynb", "total")
    nbflow("gc")
    told = " ".join(nbflow("compare", *two).stdout.split())
    assert f"`nbflow rerun {two[0]}` makes that of A again." in told
    nbflow("run", "small.ipynb", "-p", "n", "5")
    found = compared(nbflow, *two)
    (total,) = [each for each in found.outputs if each.name == "total"]
    assert [each and each.state for each in total.given] == ["collected", "there"]
    told = " ".join(nbflow("compare", *two).stdout.split())
    assert "Some of what A gave was collected (`nbflow gc`): the rest is compared." in told
    assert "total collected 20" in told
    assert "xs [0, 1, 2, 3] [0, 1, 2, 3, 4]" in told


def test_a_page_is_written_once_and_nothing_in_it_runs(
    folder: Path, nbflow: Nbflow, two: list[str]
) -> None:
    assert nbflow("compare", *two, "--html", "page.html").stdout == "page.html\n"
    page = (folder / "page.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    again = nbflow("compare", *two, "--html", "page.html")
    assert (again.exit_code, "page.html is there already" in again.stderr) == (2, True)
    assert (folder / "page.html").read_text("utf-8") == page


def test_runs_of_other_notebooks_and_stores_can_be_compared(
    folder: Path, nbflow: Nbflow, two: list[str]
) -> None:
    (folder / "other").mkdir()
    (folder / "small.ipynb").rename(folder / "other" / "renamed.ipynb")
    other = json.loads(nbflow("run", "other/renamed.ipynb", "-p", "n", "4", "--json").stdout)["run"]
    found = compared(nbflow, two[0], other)
    assert [run.flow for run in found.runs] == ["small", "renamed"]
    assert not any(each.differs for each in found.outputs)
    assert found.runs[0].other_code is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["last", "nonsense"], "no run `nonsense`"),
        (["last", "2"], "`2` begins the ids of 2 runs"),
        (["last", "last~7"], "there are only 2 runs"),
        (["last", "last", "--html", "none/page.html"], "there is no folder none"),
        (["last", "last", "--html", "small.ipynb"], "small.ipynb is there already"),
        (["last"], "Missing argument 'RUN...'"),
        (["last", "last", "--best", "loss"], "'loss' is not one of 'max', 'min'"),
    ],
)
def test_what_cannot_be_compared_is_refused_and_nothing_is_written(
    folder: Path, nbflow: Nbflow, two: list[str], words: list[str], message: str
) -> None:
    assert two
    before = {path: path.read_bytes() for path in folder.glob("*") if path.is_file()}
    result = nbflow("compare", *words)
    assert (result.exit_code, message in " ".join(result.stderr.split())) == (2, True), (
        result.stderr
    )
    assert {path: path.read_bytes() for path in folder.glob("*") if path.is_file()} == before
