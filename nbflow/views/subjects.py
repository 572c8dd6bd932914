"""What the views look at: the parts of a flow, a plan and a run that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from nbflow.records.notebook import Cell
from nbflow.records.problem import Problem
from nbflow.records.task import TaskRun
from nbflow.records.verdict import Reason

StepVerdict: TypeAlias = Literal["reuse", "run", "unknown", "blocked"]


class Step(Protocol):
    """One step of a flow."""

    @property
    def cell(self) -> Cell: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Literal["step", "foreach"]: ...
    @property
    def inputs(self) -> Sequence[str]: ...
    @property
    def outputs(self) -> Sequence[str]: ...


class Edge(Protocol):
    """Names that one step's cell hands to another's."""

    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def names(self) -> Sequence[str]: ...


class Flow(Protocol):
    """The steps of one notebook, in document order, and what flows between them."""

    @property
    def name(self) -> str: ...
    @property
    def steps(self) -> Sequence[Step]: ...
    def edges(self) -> Sequence[Edge]: ...


class StepPlan(Protocol):
    """What a run would do with one step, and why."""

    @property
    def cell(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def verdict(self) -> StepVerdict: ...
    @property
    def reasons(self) -> Sequence[Reason]: ...
    @property
    def tasks(self) -> int: ...
    @property
    def reused(self) -> int: ...
    @property
    def seconds(self) -> float | None: ...


class Plan(Protocol):
    """What a run would do, step by step."""

    @property
    def steps(self) -> Sequence[StepPlan]: ...


class Run(Protocol):
    """A run, just ended or from the history."""

    @property
    def id(self) -> str: ...
    @property
    def flow(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, str]: ...
    @property
    def status(self) -> Literal["running", "completed", "failed", "cancelled", "interrupted"]: ...
    @property
    def started(self) -> float: ...
    @property
    def seconds(self) -> float: ...
    @property
    def tasks(self) -> Sequence[TaskRun]: ...
    @property
    def hazards(self) -> Sequence[Problem]: ...
