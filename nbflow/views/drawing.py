"""The cards and arrows of a flow: what the pictures of it draw."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbflow.flow import Flow, FlowStep
from nbflow.plan import Plan, StepPlan
from nbflow.records.artifact import Artifact
from nbflow.records.task import PRECEDENCE, Status, TaskRun
from nbflow.views.durations import duration
from nbflow.views.folding import DONE
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.plan import state, story
from nbflow.views.reasons import differs, phrase
from nbflow.views.summary import what
from nbflow.views.wording import Worded

#: Id of the card that stands for all parameters; no cell has it.
_PARAMETERS = "parameters of the flow"


def drawing(flow: Flow, plan: Plan) -> tuple[list[GraphNode], list[GraphEdge]]:
    """A card for the parameters and one for each step, with the names that travel between them."""
    plans = {step.cell: step for step in plan.steps}
    nodes = [_node(step, plans.get(cell)) for cell, step in flow.steps.items()]
    edges = [
        GraphEdge(edge.source, edge.target, edge.names, edge.observed, edge.replayed)
        for edge in flow.edges()
    ]
    given = [
        GraphEdge(_PARAMETERS, cell, names)
        for cell, step in flow.steps.items()
        if (names := _parameters(step))
    ]
    if given:
        values = tuple((each.name, repr(each.default)) for each in flow.parameters)
        told = " · ".join(f"{name} = {value}" for name, value in values)
        node = GraphNode(_PARAMETERS, "parameters", "parameters", None, told, values=values)
        nodes.insert(0, node)
    return nodes, [*given, *edges]


@dataclass(slots=True)
class Standing:
    """How the steps of a run stand, card by card, as their tasks are heard of.

    Parameters
    ----------
    flow
        The flow that runs; tasks of cells that it does not have are left out.
    plan
        Of it: how long a task of each step takes, by earlier runs.
    workers
        How many tasks run at once.
    """

    flow: Flow
    plan: Plan = field(default_factory=lambda: Plan(()))
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    _statuses: dict[str, dict[str, Status]] = field(default_factory=dict)
    _counts: dict[str, Counter[Status]] = field(default_factory=dict)
    #: By task, the last that was heard of it.
    _heard: dict[str, TaskRun] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)
    _began: dict[str, float] = field(default_factory=dict)
    _nodes: dict[str, GraphNode] = field(default_factory=dict)
    _expected: dict[str, float | None] = field(init=False)

    def __post_init__(self) -> None:
        self._expected = {step.cell: step.seconds for step in self.plan}

    def nodes(self) -> tuple[GraphNode, ...]:
        """The cards of all steps that were heard of."""
        return tuple(self._nodes.values())

    def changed(self, task: TaskRun) -> GraphNode | None:
        """The card of a step, one of whose tasks has another status.

        What has been heard already may be told again.
        """
        step = self.flow.steps.get(task.cell)
        if step is None:
            return None
        self._count_seconds(task)
        statuses = self._statuses.setdefault(task.cell, {})
        counts = self._counts.setdefault(task.cell, Counter())
        is_clause = step.step.kind == "foreach" and task.index is None
        if (before := statuses.get(task.task)) is not None:
            counts[before] -= 1
        if is_clause and task.status in DONE and task.error is None:
            statuses.pop(task.task, None)  # the splits, which come now, are what is counted
        else:
            statuses[task.task] = task.status
            counts[task.status] += 1
        if task.status == "running":
            self._began.setdefault(task.cell, task.started)
        status = next((each for each in PRECEDENCE if counts[each] > 0), task.status)
        is_counted = step.step.kind == "foreach" and not is_clause
        node = self._nodes[task.cell] = GraphNode(
            step.id,
            step.name,
            step.step.kind,
            status,
            _told(task, status, self._seconds.get(task.cell, 0.0)),
            len(statuses) if is_counted else None,
            sum(counts[each] for each in DONE) if is_counted and status == "running" else None,
            tuple(dict.fromkeys(map(phrase, task.reasons))),
            differs(task.reasons),
            _values(task.outputs) if status in ("completed", "cached") and not is_counted else (),
            self._began.get(task.cell) if status == "running" else None,
            self._lasts(task.cell, counts) if status == "running" else None,
        )
        return node

    def _count_seconds(self, task: TaskRun) -> None:
        before = self._heard.get(task.task)
        taken = sum(
            sign * each.seconds
            for sign, each in ((1, task), (-1, before))
            if each is not None and each.status in DONE
        )
        self._seconds[task.cell] = self._seconds.get(task.cell, 0.0) + taken
        self._heard[task.task] = task

    def _lasts(self, cell: str, counts: Counter[Status]) -> float | None:
        """About how many seconds the step takes from its first task to its last."""
        seconds = self._expected.get(cell)
        if seconds is None:
            return None
        # What is reused takes no time; the others go by as many at once as there are workers.
        rounds = math.ceil((counts.total() - counts["cached"]) / self.workers)
        return seconds * max(rounds, 1)


def _told(task: TaskRun, status: Status, seconds: float) -> str:
    if task.error is not None:
        return f"{task.error.name}: {task.error.message}"
    return duration(seconds) if status in ("completed", "cached") else ""


def _node(step: FlowStep, plan: StepPlan | None) -> GraphNode:
    count = None
    detail = ""
    if plan is not None:
        is_counted = step.step.kind == "foreach" and (plan.verdict == "reuse" or plan.tasks > 1)
        count = plan.tasks if is_counted else None
        detail = _waiting(plan) if plan.verdict == "unknown" else story(plan)
        if plan.verdict == "reuse" and plan.seconds is not None and not plan.reasons:
            detail = duration(plan.seconds * plan.tasks)
    return GraphNode(
        step.id,
        step.name,
        step.step.kind,
        state(plan) if plan is not None else None,
        detail,
        count,
        reasons=tuple(dict.fromkeys(map(phrase, plan.reasons))) if plan is not None else (),
        differs=differs(plan.reasons) if plan is not None else (),
        values=_values(plan.outputs) if plan is not None else (),
        expected=_takes(step, plan) if plan is not None else None,
    )


def _takes(step: FlowStep, plan: StepPlan) -> float | None:
    """About how many seconds it would run; not of a foreach whose splits nobody has counted."""
    if plan.verdict == "reuse" or (step.step.kind == "foreach" and plan.tasks <= 1):
        return None
    return plan.seconds and plan.seconds * plan.tasks


def _values(outputs: Mapping[str, Artifact]) -> tuple[tuple[str, str], ...]:
    return tuple((name, what(artifact)) for name, artifact in outputs.items())


def _waiting(plan: StepPlan) -> str:
    # The card grows with its text; the arrows show what else it waits for.
    first, *others = plan.waiting_on
    return Worded("after %1 +%2", first, len(others)) if others else Worded("after %1", first)


def _parameters(step: FlowStep) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            given.name
            for needs in (step.clause, step.body)
            for given in needs.inputs.values()
            if given.base == "parameter" and not given.versions
        )
    )
