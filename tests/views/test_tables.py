"""Every table and text as a reader sees it at 80 columns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from textwrap import dedent

import click
import pytest

from nbflow.records.problem import Problem
from nbflow.records.task import ErrorText
from nbflow.records.verdict import Reason
from nbflow.views import tasks
from nbflow.views.text import WIDTH, width
from tests.pretend import Plan, Run, StepPlan, artifact, task

ERROR = ErrorText(
    "ZeroDivisionError",
    "division by zero",
    ("Traceback (most recent call last)", "cell [5] step odd, line 1", "----> 1 1 / 0"),
    5,
    1,
)

HAZARD = Problem(
    "hidden-mutation",
    "Step `odd` changed its input `data` in a way that the source does not show.",
    "Return a changed copy, or assign `data` in the step.",
    "cell-odd",
    5,
    severity="warning",
)

MIXED = Run(
    (
        task("load", "cached", outputs={"data": artifact("data", "int64[200000]", 1_600_000)}),
        task("primes[]", seconds=0.01),
        task("primes[0]", "cached", outputs={"primes": artifact("p0", "list[7]", 64)}),
        task(
            "primes[1]",
            "completed",
            190.0,
            Reason("parameter", "cores", "2", "4"),
            outputs={"primes": artifact("p1", "list[9]", 80)},
        ),
        task("odd", "failed", 0.01, Reason("never-ran"), error=ERROR),
        task("a_step_with_a_really_very_long_name", "completed", 1.0, Reason("source")),
        task("report", "skipped"),
    ),
    status="failed",
    parameters={"cores": "4", "n": "200"},
    hazards=(HAZARD,),
)

PLAN = Plan(
    (
        StepPlan("cell-load", "load", "reuse", (), 1, 1, 2.5),
        StepPlan(
            "cell-primes",
            "primes",
            "run",
            (
                Reason("source", "", "x = 1\ny = 2\nz = 3", "x = 1\ny = 3\nz = 3"),
                Reason("input", "data", "int64[3]", "int64[5]"),
            ),
            4,
            2,
            250.0,
        ),
        StepPlan("cell-odd", "odd", "run", (Reason("never-ran"),)),
        StepPlan("cell-report", "report", "unknown", (Reason("upstream", "primes"),), 1, 0, 0.2),
    )
)


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def check(text: str, expected: str) -> None:
    plain = click.unstyle(text)
    assert plain == dedent(expected).strip("\n")
    assert all(width(line) <= WIDTH for line in plain.splitlines())


def test_the_table_after_a_run() -> None:
    check(
        tasks.table(MIXED),
        """
  ● load                      cached       0.00 s
  ✔ primes ×2                 completed  3 m 10 s  1 of 2 cached · parameter `c…
""",
    )
