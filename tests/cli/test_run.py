"""``nbflow run``: the table, the JSON object, the exit code, the errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbflow.driver import NotebookFlow
from tests.cli.conftest import Nbflow
from tests.notebooks import code, notebook, read, step, write


def test_a_run_ends_in_a_table_and_the_next_one_is_cached(nbflow: Nbflow) -> None:
    first, second = nbflow("run", "small.ipynb"), nbflow("run", "small.ipynb")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert [line.split()[:3] for line in first.stdout.splitlines()[:3]] == [
        ["✔", "load", "completed"],
        ["✔", "y", "×3"],
        ["✔", "total", "completed"],
    ]
    assert "5 tasks ran" in first.stdout
    assert "5 tasks cached" in second.stdout
    assert first.stderr.splitlines()[-1].startswith("✔ total completed")
    assert second.stderr == ""
    assert "\x1b" not in first.output


def test_json_is_one_object_on_stdout_and_nothing_else(nbflow: Nbflow) -> None:
    result = nbflow("run", "small.ipynb", "--json", "-p", "n", "2")
    told = json.loads(result.stdout)
    assert result.stderr == ""
    assert list(told) == ["run", "status", "seconds", "tasks", "problems", "hazards"]
    assert told["status"] == "completed"
    tasks = {each["task"]: each for each in told["tasks"]}
    assert {name for name in tasks if name.startswith("y[")} == {"y[]", "y[0]", "y[1]"}
    assert tasks["y[1]"]["index"] == 1
    assert tasks["total"]["reasons"] == [{"kind": "never-ran", "subject": "total"}]
    assert list(tasks["total"]["outputs"]["total"]) == ["digest", "type", "bytes"]


def test_only_the_steps_named_run_and_what_they_need(nbflow: Nbflow) -> None:
    result = nbflow("run", "small.ipynb", "load", "--json")
    assert [each["task"] for each in json.loads(result.stdout)["tasks"]] == ["load"]


def test_a_failing_task_gives_exit_code_1_with_its_last_output_and_its_traceback(
    folder: Path, nbflow: Nbflow
) -> None:
    document = notebook(
        step("good", "a = 1"), step("bad", "print('so far')\n1 / 0"), step("below", "b = a")
    )
    write(document, folder / "bad.ipynb")
    result = nbflow("run", "bad.ipynb")
    assert result.exit_code == 1
    assert "✘ bad    failed" in result.stdout
    assert "so far" in result.stderr
    assert "cell [2] step bad, line 2" in result.stderr
    assert "nbflow/" not in result.stderr
    told = json.loads(nbflow("run", "bad.ipynb", "--json").stdout)
    failed = next(each for each in told["tasks"] if each["step"] == "bad")
    assert (told["status"], failed["error"]["name"]) == ("failed", "ZeroDivisionError")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["small.ipynb", "-p", "n", "two"], "parameter `n` takes an int, not 'two'"),
        (["small.ipynb", "-p", "m", "2"], "no parameter `m`"),
        (["small.ipynb", "laod"], "no step `laod`"),
        (["missing.ipynb"], "there is no notebook `missing.ipynb`"),
        (["small.ipynb", "-o", "small.ipynb"], "would overwrite the notebook"),
        (["small.ipynb", "-o", "out.txt"], "is an .ipynb file"),
        (["small.ipynb", "-o", "no/out.ipynb"], "there is no folder no"),
        (["small.ipynb", "--store", "small.ipynb"], "small.ipynb"),
    ],
)
def test_bad_input_is_a_few_lines_and_exit_code_2(
    nbflow: Nbflow, arguments: list[str], message: str
) -> None:
    result = nbflow("run", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr.replace("\n  ", " ")
    assert result.stderr.startswith("✘ ")
    assert len(result.stderr.splitlines()) <= 4
    assert result.stdout == ""
    told = json.loads(nbflow("run", *arguments, "--json").stdout)
    assert (told["run"], told["status"], len(told["problems"])) == (None, "failed", 1)


def test_all_problems_are_told_at_once(folder: Path, nbflow: Nbflow) -> None:
    document = notebook(
        code("df = open('x')"), step("a", "b = df"), step("a", "c = 1"), step("d", "e = (")
    )
    write(document, folder / "worse.ipynb")
    result = nbflow("run", "worse.ipynb")
    assert result.exit_code == 2
    assert [line for line in result.stderr.splitlines() if line.startswith("✘ cell [")] != []
    told = json.loads(nbflow("run", "worse.ipynb", "--json").stdout)
    assert {each["number"] for each in told["problems"]} == {2, 3, 4}
    assert all(each["remedy"] for each in told["problems"])


def test_an_interrupt_gives_exit_code_130(nbflow: Nbflow, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(NotebookFlow, "run", interrupted)
    result = nbflow("run", "small.ipynb")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.startswith("Interrupted")


def test_a_mistyped_option_shows_the_usage(nbflow: Nbflow) -> None:
    result = nbflow("run", "small.ipynb", "--workers", "0")
    assert result.exit_code == 2
    assert "Usage: nbflow run" in result.stderr


def test_the_executed_notebook_is_written_beside_the_table(folder: Path, nbflow: Nbflow) -> None:
    result = nbflow("run", "small.ipynb", "-o", "out.ipynb", "-p", "n", "2")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "wrote out.ipynb")
    cells = read(folder / "out.ipynb").cells
    assert cells[1].metadata.tags == ["injected-parameters"]
    assert cells[1].source == "# Parameters\nn = 2\n"
    assert cells[-1].outputs[0]["data"]["text/plain"] == "2"


def test_no_cache_runs_everything_again(nbflow: Nbflow) -> None:
    nbflow("run", "small.ipynb")
    told = json.loads(nbflow("run", "small.ipynb", "--no-cache", "--json").stdout)
    assert {each["status"] for each in told["tasks"]} == {"completed"}
