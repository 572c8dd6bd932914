"""The flow of one notebook, opened: plan it, run it, look at its runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from nbflow.records.artifact import Artifact
from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.records.task import ErrorText, TaskRun
from nbflow.views.subjects import Flow, Plan, Run, StepPlan

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from nbflow.driver.executed import OnCell


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """A task has a new status."""

    task: TaskRun


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """A task put something out."""

    task: str
    step: str
    content: dict[str, Any]


RunEvent: TypeAlias = TaskChanged | TaskOutput


class FlowRun(Run, Protocol):
    """A run, with the values and outputs it left."""

    def __getitem__(self, step: str) -> Any: ...
    def load(self, artifact: Artifact) -> object: ...
    def outputs(self, task: TaskRun) -> list[dict[str, Any]]: ...


class NotebookFlow(Protocol):
    """A notebook's flow and its store."""

    path: Path
    notebook: Notebook
    flow: Flow
    problems: tuple[Problem, ...]

    def parse_parameters(self, texts: Mapping[str, str]) -> dict[str, Any]: ...
    def run(
        self,
        *steps: str,
        workers: int | None = None,
        executor: Literal["local", "inline"] = "local",
        cache: bool = True,
        on_event: Callable[[RunEvent], None] | None = None,
        **parameters: Any,
    ) -> FlowRun: ...
    def plan(self, *steps: str, **parameters: Any) -> Plan: ...
    def why(self, step: str, **parameters: Any) -> StepPlan: ...
    def fill(self, document: NotebookNode, run: FlowRun, on_cell: OnCell) -> ErrorText | None: ...
    def write(self, run: FlowRun, path: Path) -> ErrorText | None: ...
    def close(self) -> None: ...


def load(path: str | Path, *, store: str | Path | None = None) -> NotebookFlow:
    """Open a notebook's flow."""
    raise NotImplementedError


def open_document(
    document: NotebookNode, path: Path, *, store: str | Path | None = None
) -> NotebookFlow:
    """Open the flow of a notebook in memory, which counts as lying at a path."""
    raise NotImplementedError


def runs(path: str | Path | None = None, *, store: str | Path | None = None) -> Sequence[FlowRun]:
    """The recorded runs, oldest first."""
    raise NotImplementedError


def find_run(name: str, *, store: str | Path) -> FlowRun | None:
    """The run with that id, or the only one whose id starts so."""
    raise NotImplementedError
