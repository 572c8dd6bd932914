"""Every table and text as a reader sees it at 80 columns.

The expected texts lie in ``snapshots``; ``NBFLOW_SNAPSHOTS=write`` writes them anew, to be read
before they are committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from msgspec.structs import replace

from nbflow.errors import NotebookError
from nbflow.plan import Plan, StepPlan
from nbflow.records.reason import Reason
from nbflow.records.task import TaskRun
from nbflow.views import (
    again,
    comparison,
    folding,
    outline,
    plan,
    problems,
    runs,
    show,
    store,
    sweep,
    tasks,
    verification,
)
from nbflow.views.blocks import WIDTH
from nbflow.views.page import Page
from nbflow.views.text import width
from tests.views.samples import (
    CHANGED,
    CLIENT,
    CONNECTION,
    DIED,
    PLAN,
    PROBLEMS,
    RUN,
    artifact,
    flow,
    task,
)
from tests.views.samples_compared import ALL, MANY, NOTHING, RUNS, SWEPT
from tests.views.samples_kept import ACCEPTED, COLLECTED, DAMAGED, DOUBTFUL, USAGE, VERIFIED

SNAPSHOTS = Path(__file__).parent / "snapshots"
OUTPUTS: list[dict[str, Any]] = [
    {"output_type": "stream", "name": "stdout", "text": "counting\n"},
    {"output_type": "display_data", "data": {"image/png": "…", "text/html": "…"}, "metadata": {}},
    {"output_type": "execute_result", "data": {"text/plain": ["a\n", "b"]}, "metadata": {}},
    {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["one", "two"]},
]
CHANGED_SINCE = (
    Reason("file", "data.csv", "1", "2"),
    Reason("package", "numpy", "1.26", "2.0"),
    Reason("module", "helpers", "1", "2"),
)
STEPS = folding.fold(RUN.tasks)
FAILED = next(task for task in RUN.tasks if task.error is not None)

VIEWS: dict[str, Callable[[], Page | str]] = {
    "tasks": lambda: tasks.table(RUN),
    "plan": lambda: plan.plan(PLAN),
    "status": lambda: plan.status(flow(), PLAN),
    "status-running": lambda: plan.status(
        flow(),
        PLAN,
        [task("load"), task("primes[0]"), task("primes[1]", "running"), task("report", "queued")],
    ),
    "why": lambda: plan.why(PLAN["primes"]),
    "runs": lambda: runs.runs([RUN, replace(RUN, tags=(), note="")]),
    "labels": lambda: runs.labels(RUN),
    "labels-none": lambda: runs.labels(replace(RUN, tags=(), note="")),
    "runs-of-flows": lambda: runs.runs([RUN, replace(RUN, flow="other", tags=(), note="")]),
    "runs-latest": lambda: runs.runs([RUN], 9_999),
    "runs-none": lambda: runs.runs([], filtered=True),
    "show-run": lambda: show.run(RUN),
    "show-run-with-hazards": lambda: show.run(replace(RUN, hazards=PROBLEMS[:1])),
    "show-step": lambda: show.step(STEPS[0]),
    "show-foreach": lambda: show.step(STEPS[1]),
    "show-split": lambda: show.task(replace(STEPS[1].tasks[1], peak_bytes=41_000_000)),
    "show-failed": lambda: show.task(FAILED),
    "show-died": lambda: show.task(task("odd", "failed", 0.01, error=DIED)),
    "show-uncarried": lambda: show.task(
        task("load", outputs={"n": artifact("n")}, uncarried=(CONNECTION, CLIENT, CHANGED))
    ),
    "show-value": lambda: show.value({"key": list(range(40)), "other": "text"}),
    "log": lambda: show.log(OUTPUTS),
    "outline": lambda: outline.outline(flow()),
    "problems": lambda: problems.problems(PROBLEMS),
    "failure": lambda: problems.failure(FAILED, "".join(f"line {n}\n" for n in range(12))),
    "store": lambda: store.store("notebooks/.nbflow", USAGE),
    "store-damaged": lambda: store.checked(DAMAGED),
    "collected": lambda: store.collected(COLLECTED, False),
    "collected-dry": lambda: store.collected(COLLECTED, True),
    "verified": lambda: verification.verification(VERIFIED),
    "why-doubtful": lambda: plan.why(DOUBTFUL),
    "why-accepted": lambda: plan.why(ACCEPTED),
    "status-doubtful": lambda: plan.status(flow(), Plan((DOUBTFUL, ACCEPTED))),
    "compared": lambda: comparison.comparison(ALL),
    "compared-best": lambda: comparison.comparison(ALL, "min"),
    "compared-same": lambda: comparison.comparison(NOTHING),
    "compared-many": lambda: comparison.comparison(MANY),
    "sweep-heading": lambda: sweep.heading(2, 6, {"lr": 0.1, "m": "a", "d": 2}, ("lr", "m")),
    "sweep": lambda: sweep.table(SWEPT, ("lr",)),
    "sweep-best": lambda: sweep.table(SWEPT, ("lr", "model"), "max"),
    "sweep-one": lambda: sweep.table(SWEPT[:1], ()),
    "rerun-since": lambda: again.since(RUNS[0], CHANGED_SINCE, ("cell [3] train",)),
    "rerun-same": lambda: again.outcome(RUNS[0], RUNS[1], ()),
    "rerun-other": lambda: again.outcome(RUNS[0], RUNS[1], ("loss", "scores")),
    "error": lambda: problems.error(NotebookError("`a.ipynb` is empty", "Save it with a cell.")),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_reads_as_its_snapshot_says(name: str) -> None:
    text = click.unstyle(str(VIEWS[name]())) + "\n"
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")
    assert all(width(line) <= WIDTH for line in text.splitlines())


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (StepPlan("c", "load", "reuse"), "load is fresh: nothing it depends on has changed."),
        (
            StepPlan("c", "load", "unknown", waiting_on=("a", "b")),
            "load depends on what `a`, `b` will give.",
        ),
        (
            StepPlan("c", "load", "blocked"),
            "load cannot run: it, or a step above it, has a problem.",
        ),
        (
            StepPlan("c", "load", "run", (Reason("never-ran", "load"),)),
            "load would run, because\n  it has no result yet",
        ),
        (
            StepPlan(
                "c", "f", "run", tuple(Reason("never-ran", f"f[{n}]") for n in range(7)), tasks=9
            ),
            "f would run, because\n  it has no result yet\n    This holds of 7 of its 9 tasks.",
        ),
    ],
)
def test_why_says_what_is_known(step: StepPlan, told: str) -> None:
    assert str(plan.why(step)) == told


def test_a_flow_without_runs_says_so() -> None:
    assert str(runs.runs([])) == "No runs yet."


def test_a_clause_that_fails_is_the_failure_of_its_step() -> None:
    clause = TaskRun("primes[]", "c", "primes", None, "failed", 0.1, error=FAILED.error)
    (row,) = folding.fold([clause])
    assert (row.status, row.failed) == ("failed", clause)
    assert tasks.detail(row) == "ZeroDivisionError: division by zero"
