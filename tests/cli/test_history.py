"""``nbflow runs``, ``show`` and ``logs``: a run, a step, a split, a value, what was put out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import notebooks
from tests.cli.conftest import Nbflow


@pytest.fixture
def run(nbflow: Nbflow) -> str:
    """The id of a run."""
    return str(json.loads(nbflow("run", "small.ipynb", "--json").stdout)["run"])


def test_runs_are_listed_with_the_newest_last(nbflow: Nbflow, run: str) -> None:
    nbflow("run", "small.ipynb", "-p", "n", "1")
    lines = nbflow("runs").stdout.splitlines()
    assert run in lines[0]
    assert lines[1].endswith("n=1")
    assert nbflow("runs", "small.ipynb").stdout.splitlines() == lines
    assert [each["parameters"] for each in json.loads(nbflow("runs", "--json").stdout)] == [
        {"n": "3"},
        {"n": "1"},
    ]


def test_a_run_is_found_by_the_start_of_its_id_from_a_folder_above_or_below(
    folder: Path, nbflow: Nbflow, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub").mkdir()
    for place in (folder / "sub", folder.parent):
        monkeypatch.chdir(place)
        result = nbflow("show", run[:-2])
        assert run in result.stdout, result.output


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("", "small completed in"),
        ("/load", "xs  list[3]"),
        ("/y", "y · 3 splits"),
        ("/y/1", "✔ y[1] · completed"),
        ("/load/xs", "[0, 1, 2]"),
        ("/y/y", "[0, 2, 4]"),
        ("/y/2/y", "4"),
    ],
)
def test_show_tells_of_a_run_a_step_a_split_and_a_value(
    nbflow: Nbflow, run: str, what: str, told: str
) -> None:
    result = nbflow("show", run + what)
    assert (result.exit_code, told in result.stdout) == (0, True), result.output
    json.loads(nbflow("show", run + what, "--json").stdout)


def test_a_value_is_told_as_json(nbflow: Nbflow, run: str) -> None:
    told = json.loads(nbflow("show", f"{run}/y/y", "--json").stdout)
    assert told == {"name": "y", "type": "list", "value": [0, 2, 4]}


def test_logs_are_what_the_step_put_out(nbflow: Nbflow, run: str) -> None:
    assert nbflow("logs", f"{run}/load").stdout == "loading\n"
    assert nbflow("logs", f"{run}/total").stdout == "6\n"
    assert nbflow("logs", f"{run}/y/1").stdout == "x is 1\n"
    assert nbflow("logs", f"{run}/y").stdout.splitlines()[:3] == ["── y[0]", "x is 0", "── y[1]"]
    told = json.loads(nbflow("logs", f"{run}/load", "--json").stdout)
    assert told == {"load": [{"output_type": "stream", "name": "stdout", "text": "loading\n"}]}


def test_logs_of_a_step_that_failed_end_with_its_error(nbflow: Nbflow, folder: Path) -> None:
    notebooks.write(
        notebooks.notebook(notebooks.step("bad", "print('so far')\nbad = 1 / 0")),
        folder / "bad.ipynb",
    )
    run = json.loads(nbflow("run", "bad.ipynb", "--json").stdout)["run"]
    lines = nbflow("logs", f"{run}/bad").stdout.splitlines()
    assert lines[0] == "so far"
    assert "ZeroDivisionError: division by zero" in lines
    told = json.loads(nbflow("logs", f"{run}/bad", "--json").stdout)["bad"]
    assert [each["output_type"] for each in told] == ["stream", "error"]


@pytest.mark.parametrize(
    ("command", "what", "message"),
    [
        ("show", "nonsense", "no run `nonsense`"),
        ("show", "{run}/nope", "no step `nope`"),
        ("show", "{run}/y/7", "no split 7"),
        ("show", "{run}/load/0", "It is no foreach"),
        ("show", "{run}/load/nope", "gave no `nope`"),
        ("show", "{run}/load/xs/more", "does not name anything"),
        ("show", "{run}/", "does not name anything"),
        ("logs", "{run}", "does not name a step"),
        ("logs", "{run}/load/xs", "does not name a step"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(
    nbflow: Nbflow, run: str, command: str, what: str, message: str
) -> None:
    result = nbflow(command, what.format(run=run))
    assert result.exit_code == 2
    assert message in result.stderr.replace("\n  ", " ")


def test_without_a_store_there_is_no_history(nbflow: Nbflow) -> None:
    assert "there is no store" in nbflow("show", "x").stderr
    assert nbflow("runs", "small.ipynb").stdout == "No runs yet.\n"
    assert nbflow("runs", "--store", "nowhere").exit_code == 2
