"""``--json``: one document on stdout, in a shape that holds however the command ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from click.testing import Result
from nbformat import NotebookNode

from tests.cli import shapes
from tests.cli.conftest import Nbflow
from tests.notebooks import code, foreach, notebook, parameters, step, write

Told = TypeVar("Told")

FAILING = (
    step("load", "xs = [1, 0]"),
    foreach("x in xs", "y = 1 / x"),
    step("total", "t = sum(y)"),
)
HAZARD = (
    step("load", "xs = [2, 1]"),
    foreach("x in range(2)", "y = len(xs)\ngetattr(xs, 'append')(x)"),
)
BROKEN = (code("%%step a --cpus none\nb = nowhere"), step("a", "c = ("))


def told(result: Result, shape: type[Told]) -> Told:
    """What a command told, if it is of that shape."""
    return msgspec.json.decode(result.stdout, type=shape)


def run(nbflow: Nbflow, *arguments: str) -> tuple[int, shapes.Run]:
    result = nbflow("run", *arguments, "--json")
    return result.exit_code, told(result, shapes.Run)


@pytest.fixture
def named(folder: Path) -> str:
    """A notebook that any test may rewrite."""
    write(notebook(*FAILING), folder / "other.ipynb")
    return "other.ipynb"


def put(folder: Path, *cells: NotebookNode) -> None:
    write(notebook(*cells), folder / "other.ipynb")


def test_a_completed_run_and_a_cached_one(nbflow: Nbflow) -> None:
    code, first = run(nbflow, "small.ipynb")
    assert (code, first.status) == (0, "completed")
    assert [task.task for task in first.tasks] == ["load", "y[]", "y[0]", "y[1]", "y[2]", "total"]
    assert {task.status for task in first.tasks} == {"completed"}
    assert first.tasks[3].index == 1
    assert first.tasks[0].outputs["xs"].type == "list"
    code, second = run(nbflow, "small.ipynb")
    assert (code, {task.status for task in second.tasks}) == (0, {"cached"})
    assert second.tasks[0].outputs == first.tasks[0].outputs
    assert [task.reasons for task in second.tasks] == [[]] * 6


def test_a_failed_run_holds_the_error(nbflow: Nbflow, named: str) -> None:
    code, failed = run(nbflow, named)
    assert (code, failed.status, failed.problems) == (1, "failed", [])
    statuses = {task.task: task.status for task in failed.tasks}
    assert statuses["y[1]"] == "failed"
    assert statuses["total"] == "skipped"
    errors = [task.error for task in failed.tasks if isinstance(task.error, shapes.Error)]
    assert [(e.name, e.number, e.line) for e in errors] == [("ZeroDivisionError", 2, 1)]
    assert failed.tasks[-1].reasons == [shapes.Reason("upstream", "y")]


def test_a_hazard_has_the_shape_of_a_problem_and_does_no_harm(
    folder: Path, nbflow: Nbflow, named: str
) -> None:
    put(folder, *HAZARD)
    for status in ("completed", "cached"):
        code, found = run(nbflow, named)
        assert (code, {task.status for task in found.tasks}) == (0, {status})
        (hazard,) = found.hazards
        assert (hazard.code, hazard.severity, hazard.number) == ("hidden-mutation", "warning", 2)
        assert hazard.cell == "cell-2"
        told = nbflow("show", str(found.run), "--json").stdout
        assert json.loads(told)["hazards"] == [msgspec.to_builtins(hazard)]
        assert "in a way its source does not show" in nbflow("show", str(found.run)).stdout


def test_a_refused_run_has_the_shape_of_a_run(folder: Path, nbflow: Nbflow, named: str) -> None:
    put(folder, *BROKEN)
    code, refused = run(nbflow, named)
    assert (code, refused.run, refused.status, refused.tasks) == (2, None, "failed", [])
    assert [(problem.code, problem.number, problem.line) for problem in refused.problems] == [
        ("bad-option", 1, 1),
        ("unknown-name", 1, 2),
        ("duplicate-step", 2, None),
        ("syntax-error", 2, 1),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["missing.ipynb"],
        ["small.ipynb", "nope"],
        ["small.ipynb", "-p", "n", "x"],
        ["small.ipynb", "-o", "small.ipynb"],
        ["small.ipynb", "--store", "small.ipynb"],
    ],
)
def test_an_error_is_a_refused_run_with_one_problem(nbflow: Nbflow, arguments: list[str]) -> None:
    code, refused = run(nbflow, *arguments)
    assert (code, refused.run, len(refused.problems)) == (2, None, 1)


def test_a_warning_does_not_refuse(folder: Path, nbflow: Nbflow, named: str) -> None:
    put(folder, parameters("n = 1\nprint(n)"), step("a", "b = n"))
    code, found = run(nbflow, named)
    assert (code, found.status, [p.severity for p in found.problems]) == (
        0,
        "completed",
        ["warning"],
    )


@pytest.mark.parametrize("cells", [FAILING, HAZARD, BROKEN], ids=["failing", "hazard", "broken"])
@pytest.mark.parametrize(
    ("command", "shape"),
    [("plan", shapes.Plan), ("status", shapes.State), ("graph", shapes.Graph)],
)
def test_a_question_has_one_answer_for_good_and_for_broken_flows(
    folder: Path,
    nbflow: Nbflow,
    named: str,
    cells: tuple[NotebookNode, ...],
    command: str,
    shape: type[shapes.Plan | shapes.State | shapes.Graph],
) -> None:
    put(folder, *cells)
    for _ in range(2):
        result = nbflow(command, named, "--json")
        answer = told(result, shape)
        assert len(answer.steps) == len(cells)
        assert result.exit_code == (2 if cells is BROKEN else 0)
        assert bool(answer.problems) == (cells is BROKEN)
        nbflow("run", named)


def test_why_explains_a_step(nbflow: Nbflow) -> None:
    assert told(nbflow("why", "small.ipynb", "load", "--json"), shapes.StepPlan).verdict == "run"
    nbflow("run", "small.ipynb")
    assert told(nbflow("why", "small.ipynb", "y", "--json"), shapes.StepPlan).reused == 3
    changed = told(nbflow("why", "small.ipynb", "load", "-p", "n", "4", "--json"), shapes.StepPlan)
    assert changed.reasons == [shapes.Reason("parameter", "n", "3", "4")]


def test_history_is_told_run_by_run_and_step_by_step(nbflow: Nbflow, named: str) -> None:
    _, good = run(nbflow, "small.ipynb", "-p", "n", "2")
    _, bad = run(nbflow, named)
    listed = told(nbflow("runs", "--json"), shapes.Runs)
    assert [(each.run, each.status) for each in listed] == [
        (good.run, "completed"),
        (bad.run, "failed"),
    ]
    assert listed[0].parameters == {"n": "2"}
    shown = told(nbflow("show", str(good.run), "--json"), shapes.PastRun)
    assert shown.tasks == good.tasks
    assert told(nbflow("show", str(bad.run), "--json"), shapes.PastRun).tasks == bad.tasks
    splits = told(nbflow("show", f"{good.run}/y", "--json"), shapes.Tasks)
    assert [task.index for task in splits] == [0, 1]
    value = told(nbflow("show", f"{good.run}/load/xs", "--json"), shapes.Value)
    assert (value.type, value.value) == ("list", [0, 1])
    logs = told(nbflow("logs", f"{good.run}/y", "--json"), shapes.Logs)
    assert [output[0]["text"] for output in logs.values()] == ["x is 0\n", "x is 1\n"]


def test_what_is_kept_and_whether_it_comes_out_again_is_told(
    folder: Path, nbflow: Nbflow, named: str
) -> None:
    put(folder, step("load", "xs = [1]"), step("total", "t = sum(xs)", cell_id="total"))
    run(nbflow, named)
    verified = told(nbflow("verify", named, "--json"), shapes.Verification)
    assert (verified.passed, len(verified.steps)) == (True, 2)
    put(folder, step("load", "xs = [1]"), step("total", "t = sum(xs) + 0", cell_id="total"))
    accepted = told(nbflow("accept", named, "total", "-m", "why", "--json"), shapes.Accepted)
    assert accepted == shapes.Accepted("total", "why", 1)
    planned = told(nbflow("plan", named, "--json"), shapes.Plan)
    assert planned.steps[1].reasons == [shapes.Reason("accepted", "why")]
    usage = told(nbflow("store", "--json"), shapes.Usage)
    assert [len(flow.steps) for flow in usage.flows] == [2]
    checked = told(nbflow("store", "verify", "--json"), shapes.Checked)
    assert (checked.damages, checked.repaired) == ([], False)
    cleared = told(nbflow("clear", named, "--json"), shapes.Forgotten)
    assert (cleared.flow, cleared.forgotten) == ("other", 3)
    collected = told(nbflow("gc", "--json"), shapes.Collected)
    assert (collected.dry_run, collected.live) == (False, [])


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "missing.ipynb"],
        ["status", "missing.ipynb"],
        ["graph", "missing.ipynb"],
        ["why", "small.ipynb", "nope"],
        ["show", "nope"],
        ["logs", "nope/load"],
        ["runs", "--store", "nope"],
        ["store"],
        ["gc"],
        ["store", "verify"],
        ["verify", "small.ipynb"],
        ["accept", "small.ipynb", "load", "-m", "why"],
        ["clear", "small.ipynb", "nope"],
    ],
)
def test_an_error_of_any_other_command_is_a_problem(nbflow: Nbflow, arguments: list[str]) -> None:
    result = nbflow(*arguments, "--json")
    assert result.exit_code == 2
    assert len(told(result, shapes.Refusal).problems) == 1
