"""``nbflow tag`` and ``note``: what people say of runs, and how they find them again by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Nbflow


@pytest.fixture
def runs(nbflow: Nbflow) -> list[str]:
    """The ids of two runs."""
    told = [nbflow("run", "small.ipynb", "-p", "n", n, "--json").stdout for n in "12"]
    return [str(json.loads(each)["run"]) for each in told]


def listed(nbflow: Nbflow, *words: str) -> list[str]:
    return [each["run"] for each in json.loads(nbflow("runs", "--json", *words).stdout)]


def test_runs_are_found_by_their_tags(nbflow: Nbflow, runs: list[str]) -> None:
    assert "#final #good" in nbflow("tag", runs[0], "good", "final").stdout
    nbflow("tag", runs[1], "good")
    assert listed(nbflow, "--tag", "good") == runs
    assert listed(nbflow, "--tag", "good", "--param", "n>1") == runs[1:]
    told = json.loads(nbflow("tag", runs[0], "good", "--remove", "--json").stdout)
    assert told["tags"] == ["final"]
    assert listed(nbflow, "--tag", "good") == runs[1:]


def test_a_note_stands_with_its_run_until_another_does(nbflow: Nbflow, runs: list[str]) -> None:
    nbflow("note", runs[0], "a first\n try")
    assert "n=1 · a first try" in nbflow("runs").stdout
    assert "a first try" in nbflow("show", runs[0]).stdout
    assert json.loads(nbflow("note", runs[0], "", "--json").stdout)["note"] == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tag", "nonsense", "good"], "no run `nonsense`"),
        (["tag", "2", "good"], "`2` begins the ids of 2 runs Say `"),
        (["tag", "last", "two words"], "`two words` is no tag"),
        (["tag", "last", "a/b"], "`a/b` is no tag"),
        (["tag", "last", "bad", "--remove"], "has no tag `bad` Its tags: none."),
        (["note", "nonsense", "text"], "no run `nonsense`"),
        (["runs", "--tag", "god"], "no run here has a tag `god` Did you mean `good`?"),
        (["runs", "--param", "m>1"], "no run here has a parameter `m`"),
        (["runs", "--param", "n~1"], "`n~1` is no condition on a parameter"),
        (["runs", "--param", "n>>1"], "`n>>1` is no condition on a parameter"),
        (["runs", "--since", "yesterday"], "`yesterday` is no moment"),
        (["runs", "--status", "fine"], "no run has the status `fine`"),
        (["runs", "none.ipynb"], "there is no notebook `none.ipynb`"),
    ],
)
def test_what_means_nothing_is_refused_with_what_would(
    nbflow: Nbflow, runs: list[str], words: list[str], message: str
) -> None:
    nbflow("tag", runs[0], "good")
    result = nbflow(*words)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_an_ambiguous_start_of_an_id_names_the_runs(nbflow: Nbflow, runs: list[str]) -> None:
    told = " ".join(nbflow("show", runs[0][:4]).stderr.split())
    assert all(f"`{run}`" in told for run in runs)


def test_only_the_latest_are_listed_and_the_others_counted(nbflow: Nbflow, runs: list[str]) -> None:
    told = nbflow("runs", "--last", "1").stdout
    assert "… 1 older; `--last 2` lists them, too" in told
    assert (runs[0] in told, runs[1] in told) == (False, True)
    assert listed(nbflow, "-n", "1") == runs[1:]


def test_a_store_that_cannot_be_read_is_left_out_beside_others_and_said(
    folder: Path, nbflow: Nbflow, runs: list[str]
) -> None:
    (folder / "other" / ".nbflow").mkdir(parents=True)
    (folder / "other" / ".nbflow" / "history.sqlite").write_text("no history")
    result = nbflow("show", runs[0])
    assert (result.exit_code, "! left out: " in result.stderr) == (0, True)
    assert nbflow("show", runs[0], "--store", "other/.nbflow").exit_code == 2
