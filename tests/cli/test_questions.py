"""``nbflow plan``, ``status``, ``why`` and ``graph``: nothing runs, everything is explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Nbflow
from tests.notebooks import notebook, read, step, write


def test_before_the_first_run_everything_is_new_and_no_store_is_made(
    folder: Path, nbflow: Nbflow
) -> None:
    assert "1 step to run; 2 perhaps" in nbflow("plan", "small.ipynb").stdout
    assert "+ load   new" in nbflow("status", "small.ipynb").stdout
    why = nbflow("why", "small.ipynb", "load").stdout
    assert why == "load would run, because\n  it has no result yet\n"
    assert not (folder / ".nbflow").exists()


def test_after_a_run_everything_is_fresh_until_something_changes(
    folder: Path, nbflow: Nbflow
) -> None:
    nbflow("run", "small.ipynb")
    assert "3 of 3 steps fresh" in nbflow("status", "small.ipynb").stdout
    document = read(folder / "small.ipynb")
    document.cells[2].source = document.cells[2].source.replace("range(n)", "range(n + 1)")
    write(document, folder / "small.ipynb")
    assert nbflow("why", "small.ipynb", "load").stdout.splitlines() == [
        "load would run, because",
        "  its code changed",
        "     print('loading')",
        "    -xs = list(range(n))",
        "    +xs = list(range(n + 1))",
    ]
    told = json.loads(nbflow("plan", "small.ipynb", "--json").stdout)
    assert [each["verdict"] for each in told["steps"]] == ["run", "unknown", "unknown"]
    assert told["steps"][0]["reasons"][0]["kind"] == "source"


@pytest.mark.parametrize("command", ["plan", "status", "why"])
def test_a_parameter_counts_in_the_answer(nbflow: Nbflow, command: str) -> None:
    nbflow("run", "small.ipynb")
    steps = ["load"] if command == "why" else []
    result = nbflow(command, "small.ipynb", *steps, "-p", "n", "4")
    assert "parameter `n` changed: 3 → 4" in result.stdout


def test_a_problem_does_not_hide_the_rest_of_the_plan(folder: Path, nbflow: Nbflow) -> None:
    document = notebook(step("good", "a = 1"), step("bad", "b = nowhere"), step("below", "c = b"))
    write(document, folder / "bad.ipynb")
    result = nbflow("plan", "bad.ipynb")
    assert result.exit_code == 2
    assert "1 step to run; 2 blocked" in result.stdout
    assert "`nowhere`" in result.stderr
    told = json.loads(nbflow("status", "bad.ipynb", "--json").stdout)
    assert [each["status"] for each in told["steps"]] == ["new", "blocked", "blocked"]
    assert len(told["problems"]) == 1


def test_the_graph_is_text_and_json(nbflow: Nbflow) -> None:
    assert nbflow("graph", "small.ipynb").stdout.splitlines() == [
        "  load   xs     → y",
        "  y ×    y      → total",
        "  total  total",
    ]
    told = json.loads(nbflow("graph", "small.ipynb", "--json").stdout)
    assert {(each["source"], each["target"]) for each in told["edges"]} == {
        ("load", "each"),
        ("each", "total"),
    }


def test_a_step_that_is_not_there_is_named_with_what_was_meant(nbflow: Nbflow) -> None:
    result = nbflow("why", "small.ipynb", "lod")
    assert result.exit_code == 2
    assert "Did you mean `load`?" in result.stderr
