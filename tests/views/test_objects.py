"""The JSON objects have exactly the shapes that programs were promised."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from nbflow.errors import NotebookError, ParameterError
from nbflow.records.reason import Reason
from nbflow.views import objects
from tests.views.samples import ERROR, PLAN, PROBLEMS, RUN, artifact, flow, task

PROBLEM = {
    "code": "ordinary-name",
    "severity": "error",
    "cell": "cell-report",
    "number": 5,
    "line": 2,
    "message": "`df` is bound in the ordinary cell [3]",
    "remedy": "Make that cell a step.",
}


def test_a_run_is_one_object() -> None:
    told = objects.run(replace(RUN, hazards=PROBLEMS[1:2]), PROBLEMS[1:2])
    assert list(told) == ["run", "status", "seconds", "tasks", "problems", "hazards"]
    assert (told["run"], told["status"], told["seconds"]) == (RUN.id, "failed", 191.25)
    assert [each["task"] for each in told["tasks"]] == [each.task for each in RUN.tasks]
    assert told["problems"] == told["hazards"] == [PROBLEM]
    assert json.loads(objects.text(told)) == told


def test_a_task_tells_its_reasons_and_the_digests_of_its_outputs() -> None:
    made = artifact("p0", "list[7]", 64)
    subject = task(
        "primes[0]", "completed", 1.5, Reason("parameter", "n", "1", "2"), outputs={"primes": made}
    )
    assert objects.task(subject) == {
        "task": "primes[0]",
        "step": "primes",
        "index": 0,
        "status": "completed",
        "seconds": 1.5,
        "peak_bytes": 0,
        "replayed": [],
        "reasons": [{"kind": "parameter", "subject": "n", "before": "1", "after": "2"}],
        "outputs": {"primes": {"digest": made.digest, "type": "list", "bytes": 64}},
        "uncarried": {},
    }


def test_a_failed_task_tells_its_error() -> None:
    assert objects.task(task("odd", "failed", error=ERROR))["error"] == {
        "name": "ZeroDivisionError",
        "message": "division by zero",
        "traceback": list(ERROR.traceback),
        "number": 4,
        "line": 1,
    }


def test_a_reason_has_only_the_parts_it_needs() -> None:
    assert objects.reason(Reason("never-ran")) == {"kind": "never-ran"}


def test_what_could_not_run_has_the_shape_of_a_run() -> None:
    told = objects.refused(PROBLEMS[1:2])
    assert list(told) == list(objects.run(RUN))
    assert (told["run"], told["problems"]) == (None, [PROBLEM])


@pytest.mark.parametrize(
    ("error", "code"),
    [(NotebookError("a", "b"), "notebook"), (ParameterError("a", "b"), "parameter")],
)
def test_an_error_is_a_problem_of_the_whole_notebook(error: NotebookError, code: str) -> None:
    problem = objects.as_problem(error)
    assert (problem.code, problem.message, problem.remedy, problem.cell) == (code, "a", "b", None)


def test_a_plan_and_a_status_tell_a_verdict_for_each_step() -> None:
    steps = objects.plan(PLAN)["steps"]
    assert [(each["step"], each["verdict"]) for each in steps] == [
        ("load", "reuse"),
        ("primes", "run"),
        ("odd", "run"),
        ("report", "unknown"),
    ]
    assert steps[3]["waiting_on"] == ["primes", "odd"]
    states = objects.status(flow(), PLAN)["steps"]
    assert [each["status"] for each in states] == ["fresh", "stale", "new", "unknown"]
    assert (states[3]["inputs"], states[3]["outputs"]) == (["primes", "odd"], ["found"])


def test_a_graph_tells_steps_and_the_names_between_them() -> None:
    told = objects.graph(flow())
    assert [(each["step"], each["kind"]) for each in told["steps"]] == [
        ("load", "step"),
        ("primes", "foreach"),
        ("odd", "step"),
        ("report", "step"),
    ]
    ends = {"source": "cell-load", "target": "cell-primes"}
    edge = {**ends, "names": ["data"], "replayed": False}
    assert edge in told["edges"]
    assert len(told["edges"]) == 4


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([1, "a"], {"name": "x", "type": "list", "value": [1, "a"]}),
        ({1, 2}, {"name": "x", "type": "set", "repr": "{1, 2}"}),
        (float("nan"), {"name": "x", "type": "float", "repr": "nan"}),
    ],
)
def test_a_value_is_itself_where_json_can_say_it(value: object, told: dict[str, object]) -> None:
    assert objects.value("x", value) == told


def test_runs_tell_their_parameters_and_no_tasks() -> None:
    (told,) = objects.runs([RUN])
    assert told["parameters"] == {"cores": "2", "n": "20"}
    assert "tasks" not in told
