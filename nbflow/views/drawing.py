"""The cards and arrows of a flow: what the pictures of it draw."""

from __future__ import annotations

from nbflow.flow import Flow, FlowStep
from nbflow.plan import Plan, StepPlan
from nbflow.views.durations import duration
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


def _node(step: FlowStep, plan: StepPlan | None) -> GraphNode:
    count = None
    detail = ""
    if plan is not None:
        is_counted = step.step.kind == "foreach" and (plan.verdict == "reuse" or plan.tasks > 1)
        count = plan.tasks if is_counted else None
        detail = _waiting(plan) if plan.verdict == "unknown" else story(plan)
        if plan.verdict == "reuse" and plan.seconds is not None:
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
