"""The cards and arrows of a flow: what the pictures of it draw."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from nbflow.flow import Flow, FlowStep
from nbflow.plan import Plan, StepPlan
from nbflow.records.task import Status, TaskRun
from nbflow.views.durations import duration
from nbflow.views.folding import DONE, PRECEDENCE
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.plan import state, story
from nbflow.views.reasons import phrase

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
        values = " · ".join(f"{each.name} = {each.default!r}" for each in flow.parameters)
        nodes.insert(0, GraphNode(_PARAMETERS, "parameters", "parameters", None, values))
    return nodes, [*given, *edges]


@dataclass(slots=True)
class Standing:
    """How the steps of a run stand, card by card, as their tasks are heard of.

    Parameters
    ----------
    flow
        The flow that runs; tasks of cells that it does not have are left out.
    """

    flow: Flow
    _statuses: dict[str, dict[str, Status]] = field(default_factory=dict)
    _counts: dict[str, Counter[Status]] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)
    _nodes: dict[str, GraphNode] = field(default_factory=dict)

    def nodes(self) -> tuple[GraphNode, ...]:
        """The cards of all steps that were heard of."""
        return tuple(self._nodes.values())

    def changed(self, task: TaskRun) -> GraphNode | None:
        """The card of a step, one of whose tasks has another status."""
        step = self.flow.steps.get(task.cell)
        if step is None:
            return None
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
        if task.status in DONE:
            self._seconds[task.cell] = self._seconds.get(task.cell, 0.0) + task.seconds
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
        )
        return node


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
    )


def _waiting(plan: StepPlan) -> str:
    # The card grows with its text; the arrows show what else it waits for.
    more = len(plan.waiting_on) - 1
    return f"after {plan.waiting_on[0]}" + (f" +{more}" if more else "")


def _parameters(step: FlowStep) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            given.name
            for needs in (step.clause, step.body)
            for given in needs.inputs.values()
            if given.base == "parameter" and not given.versions
        )
    )
