"""What commands propose can be pasted into the shell that they were given in."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Nbflow
from tests.notebooks import notebook, parameters, step, write

STORE = "the store"
NAME = "sub folder/a name.ipynb"


@pytest.fixture
def away(folder: Path) -> Path:
    """A notebook and a store whose names hold blanks, neither in the current folder."""
    (folder / "sub folder").mkdir()
    (folder / STORE).mkdir()
    path = folder / NAME
    write(notebook(parameters("n: int = 3\nword: str = 'a'"), step("a", "a = [n, word]")), path)
    return path


def proposed(text: str) -> list[str]:
    """The words of the command in backticks, after the program's name."""
    found = re.search(r"`nbflow ([^`]+)`", " ".join(text.split()))
    assert found is not None, text
    return shlex.split(found[1])


@pytest.mark.parametrize("store", [(), ("--store", STORE)])
def test_a_command_that_is_proposed_works(
    away: Path, nbflow: Nbflow, store: tuple[str, ...]
) -> None:
    values = ("-p", "n", "4", "-p", "word", "it's b c")
    refused = nbflow("export", NAME, "--to", "script", "-o", "out", *values, *store)
    assert refused.exit_code == 2
    run = proposed(refused.stderr)
    assert run[:2] == ["run", NAME]
    assert nbflow(*run).exit_code == 0
    export = nbflow("export", NAME, "--to", "script", "-o", "out", *values, *store)
    assert export.exit_code == 0, export.stderr

    there = store or ("--store", str(away.parent / ".nbflow"))
    lost = nbflow("show", "nonsense", *there)
    assert nbflow(*proposed(lost.stderr)).exit_code == 0

    assert nbflow("clear", NAME, *store).exit_code == 0
    assert nbflow("gc", *there).exit_code == 0
    gone = nbflow("show", "last/a/a", *there)
    assert (gone.exit_code, gone.stderr.split("\n")[0]) == (
        2,
        "✘ `a` of step `a` is no longer kept: it was collected",
    )
    assert "a  list[2]  collected" in nbflow("show", "last/a", *there).stdout
    assert nbflow(*proposed(gone.stderr)).exit_code == 0
    assert nbflow("show", "last~1/a/a", *there).stdout == '[4, "it\'s b c"]\n'


def test_a_parameter_given_twice_is_made_a_sweep(away: Path, nbflow: Nbflow) -> None:
    assert away.exists()
    refused = nbflow("run", NAME, "-p", "word", "a b", "-p", "word", "c")
    sweep = [*proposed(refused.stderr), "--executor", "inline"]
    assert nbflow(*sweep).exit_code == 0
    listed = nbflow("runs", NAME).stdout
    assert "word='a b'" in listed
    assert "word='c'" in listed


def test_outputs_that_were_collected_are_told_from_damaged_ones(nbflow: Nbflow) -> None:
    nbflow("run", "small.ipynb")
    nbflow("clear", "small.ipynb")
    nbflow("gc")
    gone = nbflow("logs", "last/load")
    assert gone.stderr.startswith("✘ what `load` put out is no longer kept: it was collected")
    assert nbflow("logs", *["last/y"]).exit_code == 2
    assert "y 4 (collected)" in nbflow("show", "last/y").stdout
    assert nbflow(*proposed(gone.stderr)).exit_code == 0
    assert nbflow("logs", "last~1/load").stdout == "loading\n"


@pytest.mark.parametrize(
    "command", ["rerun", "compare", "show", "logs", "tag", "note", "open", "restore"]
)
def test_how_a_run_is_named_is_told_by_each_command_that_takes_one(
    nbflow: Nbflow, command: str
) -> None:
    told = " ".join(nbflow(command, "--help").stdout.split())
    assert "`last` is the last run, `last~1` the one before." in told
