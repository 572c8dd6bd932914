"""``nbflow rerun`` and ``sweep``: what a past run ran, and one run for each set of values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nbflow.cli import main
from nbflow.cli.again import split
from tests.cli.conftest import Nbflow
from tests.notebooks import code, notebook, parameters, read, step, write


@pytest.fixture
def study(folder: Path) -> str:
    """A notebook that reads a file and a helper, and writes a file."""
    (folder / "data.csv").write_text("1\n2\n")
    (folder / "helper.py").write_text("def double(x):\n    return 2 * x\n")
    document = notebook(
        parameters("rate: float = 0.5\nname: str = 'a'\nlimit: float = 9.0", cell_id="parameters"),
        code("from pathlib import Path\nfrom helper import double", cell_id="import"),
        step("load", "xs = [int(n) for n in Path('data.csv').read_text().split()]", cell_id="load"),
        step("fit", "loss = sum(map(double, xs)) * rate", cell_id="fit"),
        step("keep", "_ = Path('out.txt').write_text(f'{loss} {name}')", cell_id="keep"),
        step("look", "text = Path('out.txt').read_text()", cell_id="look"),
    )
    write(document, folder / "study.ipynb")
    return "study.ipynb"


def run(nbflow: Nbflow, *words: str, code: int = 0) -> Any:
    """What a command tells as JSON."""
    result = nbflow(*words, "--executor", "inline", "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def statuses(told: Any) -> dict[str, str]:
    return {task["task"]: task["status"] for task in told["tasks"]}


def test_a_rerun_uses_the_code_and_the_values_of_then(
    folder: Path, nbflow: Nbflow, study: str
) -> None:
    first = run(nbflow, "run", study, "-p", "rate", "0.25", "-p", "limit", "inf")
    document = read(folder / study)
    document.cells[3].source = "loss = 0"
    write(document, folder / study)
    again = run(nbflow, "rerun", first["run"])
    assert set(statuses(again).values()) == {"cached"}
    assert (again["of"], again["changed"], again["other_outputs"]) == (first["run"], [], [])
    assert again["other_code"] == ["cell [4] fit"]
    shown = json.loads(nbflow("runs", "--json", "-n", "1").stdout)[0]
    assert shown["parameters"] == {"rate": "0.25", "name": "'a'", "limit": "inf"}
    assert shown["notebook"] == str(folder / study)


def test_other_values_can_be_given_and_the_same_steps_are_asked_for(
    nbflow: Nbflow, study: str
) -> None:
    first = run(nbflow, "run", study, "fit", "-p", "name", "b")
    again = run(nbflow, "rerun", first["run"], "-p", "rate", "1")
    assert statuses(again) == {"load": "cached", "fit": "completed"}
    assert again["other_outputs"] == ["loss"]
    assert json.loads(nbflow("runs", "--json", "-n", "1").stdout)[0]["parameters"] == {
        "rate": "1.0",
        "name": "'b'",
        "limit": "9.0",
    }


def test_what_has_changed_since_is_said_and_seen_as_it_is(
    folder: Path, nbflow: Nbflow, study: str
) -> None:
    # In workers of its own: this process has imported the helper of another test.
    def local(*words: str) -> Any:
        return json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)

    first = local("run", study)
    (folder / "data.csv").write_text("1\n2\n3\n")
    (folder / "helper.py").write_text("def double(x):\n    return 3 * x\n")
    # What the flow itself writes is no change of the world.
    local("run", study, "-p", "name", "z")
    again = local("rerun", first["run"])
    assert [(each["kind"], each["subject"]) for each in again["changed"]] == [
        ("file", "data.csv"),
        ("module", "helper.py"),
    ]
    assert "loss" in again["other_outputs"]
    told = " ".join(nbflow("rerun", first["run"], "--executor", "inline").output.split())
    assert "file data.csv changed, module helper.py changed." in told
    assert f"other outputs than in run {first['run']}: `xs`, `loss`" in told


def test_a_package_of_another_version_is_said(
    nbflow: Nbflow, study: str, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    document = read(folder / study)
    document.cells[3].source = "import click\nloss = 1.0"
    write(document, folder / study)
    first = run(nbflow, "run", study)
    monkeypatch.setattr(
        "nbflow.run.worker.observing.current.version_of",
        lambda name: "9.9" if name == "click" else "?",
    )
    (change,) = [
        e for e in run(nbflow, "rerun", first["run"])["changed"] if e["subject"] == "click"
    ]
    assert (change["kind"], change["after"]) == ("package", "9.9")


def test_a_notebook_that_is_gone_is_run_all_the_same(
    folder: Path, nbflow: Nbflow, study: str
) -> None:
    first = run(nbflow, "run", study)
    (folder / study).unlink()
    assert set(statuses(run(nbflow, "rerun", first["run"])).values()) == {"cached"}


def test_a_rerun_that_fails_ends_as_a_run_does(folder: Path, nbflow: Nbflow, study: str) -> None:
    first = run(nbflow, "run", study)
    (folder / "data.csv").write_text("none\n")
    assert run(nbflow, "rerun", first["run"], code=1)["status"] == "failed"


def test_a_run_from_collected_artifacts_is_made_again(nbflow: Nbflow, study: str) -> None:
    first = run(nbflow, "run", study)
    nbflow("clear", study)
    nbflow("gc")
    again = run(nbflow, "rerun", first["run"])
    assert set(statuses(again).values()) == {"completed"}
    assert again["other_outputs"] == []


# --- sweep ---


def test_a_sweep_runs_each_combination_once_and_shares_what_does_not_depend_on_them(
    nbflow: Nbflow, study: str
) -> None:
    told = run(nbflow, "sweep", study, "--param", "rate=0.5,1", "--param", "name=a,b", "--tag", "s")
    given = [(each["parameters"]["rate"], each["parameters"]["name"]) for each in told]
    assert given == [("0.5", "'a'"), ("0.5", "'b'"), ("1.0", "'a'"), ("1.0", "'b'")]
    assert [each["numbers"]["loss"] for each in told] == [3.0, 3.0, 6.0, 6.0]
    assert {each["tags"][0] for each in told} == {"s"}
    last = json.loads(nbflow("show", told[1]["run"], "--json").stdout)
    assert statuses(last)["fit"] == "cached"
    assert len(json.loads(nbflow("runs", "--tag", "s", "--json").stdout)) == 4


def test_a_sweep_ends_in_a_table(nbflow: Nbflow, study: str) -> None:
    words = ("sweep", study, "fit", "--param", "rate=0.5,1", "-p", "name", "b", "--best", "min")
    result = nbflow(*words, "--executor", "inline")
    heads, first, second, *_ = result.stdout.splitlines()
    assert heads.split() == ["run", "rate", "loss", "time"]
    assert first.split()[2:5] == ["0.5", "3", "★"]
    assert second.split()[2:4] == ["1.0", "6"]
    assert "── 2 of 2: rate=1.0" in result.stderr


def test_a_run_that_fails_does_not_stop_the_others(
    folder: Path, nbflow: Nbflow, study: str
) -> None:
    document = read(folder / study)
    document.cells[3].source = "loss = 1 / rate"
    write(document, folder / study)
    told = run(nbflow, "sweep", study, "--param", "rate=0,0.5", code=1)
    assert [each["status"] for each in told] == ["failed", "completed"]
    assert "loss" not in told[0]["numbers"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,2", ["1", "2"]),
        ("[1, 2],[3]", ["[1, 2]", "[3]"]),
        ("'a,b',c", ["a,b", "c"]),
        ('"x", "y,z"', ["x", "y,z"]),
        ("{'a': 1, 'b': 2}", ["{'a': 1, 'b': 2}"]),
        ("(1, 2)", ["(1, 2)"]),
        ("", [""]),
    ],
)
def test_values_are_parted_by_commas_outside_of_brackets_and_quotes(
    text: str, values: list[str]
) -> None:
    assert split(text) == values


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sweep", "study.ipynb", "--param", "rate"], "`--param rate` names no values"),
        (["sweep", "study.ipynb", "--param", "rate="], "`--param rate=` names no values"),
        (["sweep", "study.ipynb", "--param", "rate=1,,2"], "names no values"),
        (["sweep", "study.ipynb", "--param", "rate=1,x"], "`rate` takes a float, not 'x'"),
        (["sweep", "study.ipynb", "--param", "rat=1"], "Did you mean `rate`?"),
        (["sweep", "study.ipynb", "--param", "rate=1", "--param", "rate=2"], "is given twice"),
        (["sweep", "study.ipynb", "--param", "rate=1", "-p", "rate", "2"], "is given twice"),
        (["sweep", "study.ipynb", "nope", "--param", "rate=1"], "has no step `nope`"),
        (["sweep", "study.ipynb", "--param", "rate=1", "--tag", "a b"], "`a b` is no tag"),
        (["sweep", "none.ipynb", "--param", "rate=1"], "there is no notebook `none.ipynb`"),
        (
            ["run", "study.ipynb", "-p", "rate", "0.1", "-p", "rate", "0.3"],
            "`nbflow sweep study.ipynb --param rate=0.1,0.3`",
        ),
        (
            ["run", "study.ipynb", "-p", "name", "a,b", "-p", "name", "c"],
            "`nbflow sweep study.ipynb --param 'name=\"a,b\",c'`",
        ),
    ],
)
def test_what_cannot_be_swept_is_refused_before_anything_runs(
    folder: Path, nbflow: Nbflow, study: str, words: list[str], message: str
) -> None:
    assert study
    result = nbflow(*words)
    assert (result.exit_code, message in " ".join(result.stderr.split())) == (2, True), (
        result.stderr
    )
    assert not (folder / ".nbflow").exists() or not json.loads(nbflow("runs", "--json").stdout)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rerun", "nonsense"], "no run `nonsense`"),
        (["rerun", "last", "-p", "rat", "1"], "Did you mean `rate`?"),
        (["rerun", "last", "-p", "rate", "x"], "takes a float, not 'x'"),
    ],
)
def test_what_cannot_be_run_again_is_refused(
    nbflow: Nbflow, study: str, words: list[str], message: str
) -> None:
    run(nbflow, "run", study)
    result = nbflow(*words)
    assert (result.exit_code, message in " ".join(result.stderr.split())) == (2, True), (
        result.stderr
    )
    assert len(json.loads(nbflow("runs", "--json").stdout)) == 1
