"""A pretended driver: a small flow whose plan, runs and values are what a test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from nbflow.views.subjects import StepVerdict

from nbflow.driver import RunEvent, TaskChanged
from nbflow.errors import ParameterError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest, of_bytes
from nbflow.records.notebook import Cell, Notebook
from nbflow.records.problem import Problem
from nbflow.records.task import ErrorText, Status, TaskRun
from nbflow.records.verdict import Reason

RunStatus = Literal["running", "completed", "failed", "cancelled", "interrupted"]


def artifact(name: str, summary: str = "list[2]", size: int = 1600) -> Artifact:
    """An artifact with a digest of its own."""
    return Artifact(of_bytes(name.encode()), "json", size, summary.partition("[")[0], summary)


def cell(name: str, number: int) -> Cell:
    """The cell of a step."""
    return Cell(f"cell-{name}", number, "code", f"%%step {name}")


def task(
    name: str,
    status: Status = "completed",
    seconds: float = 0.0,
    *reasons: Reason,
    error: ErrorText | None = None,
    outputs: Mapping[str, Artifact] | None = None,
) -> TaskRun:
    """A task of a run, by its name: ``"primes[3]"`` is a split."""
    step, _, index = name.removesuffix("]").partition("[")
    return TaskRun(
        task=name,
        cell=f"cell-{step}",
        step=step,
        index=int(index) if index else None,
        status=status,
        seconds=seconds,
        reasons=reasons,
        outputs=outputs or {},
        error=error,
    )


@dataclass(frozen=True)
class Step:
    cell: Cell
    name: str
    kind: Literal["step", "foreach"] = "step"
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    name: str
    steps: tuple[Step, ...]
    links: tuple[Edge, ...] = ()

    def edges(self) -> tuple[Edge, ...]:
        return self.links


@dataclass(frozen=True)
class StepPlan:
    cell: str
    step: str
    verdict: StepVerdict
    reasons: tuple[Reason, ...] = ()
    tasks: int = 1
    reused: int = 0
    seconds: float | None = None


@dataclass(frozen=True)
class Plan:
    steps: tuple[StepPlan, ...]


@dataclass(frozen=True)
class Run:
    tasks: tuple[TaskRun, ...]
    status: RunStatus = "completed"
    id: str = "20260102-030405-abcd"
    flow: str = "primes"
    parameters: Mapping[str, str] = field(default_factory=dict)
    started: float = 1_767_323_045.0
    seconds: float = 1.25
    hazards: tuple[Problem, ...] = ()
    values: Mapping[Digest, object] = field(default_factory=dict)
    logs: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __getitem__(self, step: str) -> Any:
        raise NotImplementedError

    def load(self, artifact: Artifact) -> object:
        return self.values[artifact.digest]

    def outputs(self, task: TaskRun) -> list[dict[str, Any]]:
        return self.logs.get(task.task, [])


PRIMES = Flow(
    "primes",
    (
        Step(cell("load", 3), "load", "step", ("n",), ("data",)),
        Step(cell("primes", 4), "primes", "foreach", ("data", "cores"), ("primes",)),
        Step(cell("odd", 5), "odd", "step", ("data",), ("odd",)),
        Step(cell("report", 6), "report", "step", ("primes", "odd"), ("found",)),
    ),
    (
        Edge("cell-load", "cell-primes", ("data",)),
        Edge("cell-load", "cell-odd", ("data",)),
        Edge("cell-primes", "cell-report", ("primes",)),
        Edge("cell-odd", "cell-report", ("odd",)),
    ),
)


@dataclass
class PretendedFlow:
    """A notebook's flow that gives the answers it was made with, and notes what it was asked."""

    path: Path = Path("primes.ipynb")
    notebook: Notebook = field(default_factory=lambda: Notebook("primes.ipynb", ()))
    flow: Flow = PRIMES
    problems: tuple[Problem, ...] = ()
    answer: Run | BaseException = field(default_factory=lambda: Run(()))
    planned: Plan = field(default_factory=lambda: Plan(()))
    raised: ErrorText | None = None
    asked: dict[str, Any] = field(default_factory=dict)
    closed: bool = False

    def parse_parameters(self, texts: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, text in texts.items():
            if not text.isdecimal():
                raise ParameterError(
                    f"Parameter `{name}` takes an int, not '{text}'.", f"For example `-p {name} 2`."
                )
            values[name] = int(text)
        return values

    def run(
        self,
        *steps: str,
        workers: int | None = None,
        executor: Literal["local", "inline"] = "local",
        cache: bool = True,
        on_event: Callable[[RunEvent], None] | None = None,
        **parameters: Any,
    ) -> Run:
        self.asked = {
            "steps": steps,
            "workers": workers,
            "executor": executor,
            "cache": cache,
            "parameters": parameters,
        }
        if isinstance(self.answer, BaseException):
            raise self.answer
        for each in self.answer.tasks if on_event is not None else ():
            assert on_event is not None
            on_event(TaskChanged(replace(each, status="running", error=None)))
            on_event(TaskChanged(each))
        return self.answer

    def plan(self, *steps: str, **parameters: Any) -> Plan:
        self.asked = {"steps": steps, "parameters": parameters}
        return self.planned

    def why(self, step: str, **parameters: Any) -> StepPlan:
        self.asked = {"step": step, "parameters": parameters}
        return next(each for each in self.planned.steps if each.step == step)

    def fill(self, document: Any, run: Any, on_cell: Any) -> ErrorText | None:
        raise NotImplementedError

    def write(self, run: Any, path: Path) -> ErrorText | None:
        self.asked["written"] = run
        path.write_text("{}")
        return self.raised

    def close(self) -> None:
        self.closed = True


def lines(text: str) -> Sequence[str]:
    """The lines of a text without its colours."""
    import click

    return click.unstyle(text).splitlines()
