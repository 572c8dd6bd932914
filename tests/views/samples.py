"""A small flow, a plan of it and a run of it, for the views to show."""

from __future__ import annotations

from collections.abc import Mapping

from nbflow.cells import parse
from nbflow.flow import Flow, build
from nbflow.plan import Plan, StepPlan
from nbflow.records.artifact import Artifact
from nbflow.records.digest import of_bytes
from nbflow.records.problem import Problem
from nbflow.records.reason import Reason
from nbflow.records.task import ErrorText, RunRecord, Status, TaskRun, Uncarried
from tests.notebooks import foreach, notebook, parameters, step


def artifact(name: str, summary: str = "list[2]", size: int = 1600) -> Artifact:
    """An artifact with a digest of its own."""
    return Artifact(of_bytes(name.encode()), "json", size, summary.partition("[")[0], summary)


def task(
    name: str,
    status: Status = "completed",
    seconds: float = 0.0,
    *reasons: Reason,
    error: ErrorText | None = None,
    outputs: Mapping[str, Artifact] | None = None,
    started: float = 0.0,
    uncarried: tuple[Uncarried, ...] = (),
) -> TaskRun:
    """A task of a run, by its name: ``"primes[3]"`` is a split."""
    name_of_step, _, index = name.removesuffix("]").partition("[")
    return TaskRun(
        task=name,
        cell=f"cell-{name_of_step}",
        step=name_of_step,
        index=int(index) if index else None,
        status=status,
        seconds=seconds,
        reasons=reasons,
        outputs=outputs or {},
        error=error,
        started=started,
        uncarried=uncarried,
    )


def flow() -> Flow:
    """The flow of four steps that the plan and the run are of."""
    document = notebook(
        parameters("cores: int = 2\nn: int = 20"),
        step("load", "data = list(range(n))", cell_id="cell-load"),
        foreach(
            "chunk in [data[core::cores] for core in range(cores)]",
            "primes = [n for n in chunk if n > 1]",
            cell_id="cell-primes",
        ),
        step("odd", "odd = [n for n in data if n % 2]", cell_id="cell-odd"),
        step("report", "found = len(primes) + len(odd)", cell_id="cell-report"),
    )
    return build(parse(document, "primes.ipynb"), lambda _: None, "primes")


ERROR = ErrorText(
    "ZeroDivisionError",
    "division by zero",
    ("Traceback (most recent call last)", "cell [4] step odd, line 1", "----> 1 1 / 0"),
    4,
    1,
)

CONNECTION = Uncarried("conn", "conn", "sqlite3.Connection", "it is open")
CLIENT = Uncarried("model", "model.client", "_socket.socket", "it is open")
CHANGED = Uncarried("rows", "rows", "", "cannot be carried once the step has changed it")

#: What a worker that died leaves: no traceback, but what to do.
DIED = ErrorText("WorkerDied", "it was killed by SIGKILL\nTake less memory.", (), 4)

PROBLEMS = (
    Problem(
        "hidden-mutation",
        "step `odd` changed its input `data` in a way that its source does not show",
        "Return a changed copy, or assign `data` in the step.",
        "cell-odd",
        4,
        severity="warning",
    ),
    Problem(
        "ordinary-name",
        "`df` is bound in the ordinary cell [3]",
        "Make that cell a step.",
        "cell-report",
        5,
        2,
    ),
    Problem("no-steps", "no cell of the notebook is marked as a step", "Mark one."),
)

RUN = RunRecord(
    id="20260102-030405-abcd",
    notebook="primes.ipynb",
    flow="primes",
    parameters={"cores": "2", "n": "20"},
    status="failed",
    started=1_767_323_045.0,
    seconds=191.25,
    tasks=(
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
        task("report", "skipped", 0.0, Reason("upstream", "odd")),
    ),
    user="ada",
    host="mill",
    commit="1a2b3c4d5e6f",
    dirty=True,
    tags=("final", "good"),
    note="with the data of May",
)

PLAN = Plan(
    (
        StepPlan("cell-load", "load", "reuse", tasks=1, reused=1, seconds=2.5),
        StepPlan(
            "cell-primes",
            "primes",
            "run",
            (
                Reason("source", "primes", "x = 1\ny = 2\nz = 3", "x = 1\ny = 3\nz = 3"),
                Reason("input", "data", "int64[3]", "int64[5]"),
            ),
            tasks=4,
            reused=2,
            seconds=250.0,
        ),
        StepPlan("cell-odd", "odd", "run", (Reason("never-ran", "odd"),)),
        StepPlan("cell-report", "report", "unknown", waiting_on=("primes", "odd"), seconds=0.2),
    )
)
