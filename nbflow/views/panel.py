"""What the panel beside a notebook is told: a whole flow, and all about one of its steps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbflow.views import plan as plans
from nbflow.views import show
from nbflow.views.drawing import drawing
from nbflow.views.drawn import Drawn
from nbflow.views.page import Page, page
from nbflow.views.preview import preview
from nbflow.views.svg import svg

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow
    from nbflow.plan import Plan
    from nbflow.records.problem import Problem

Message = dict[str, Any]


def drawn(flow: NotebookFlow, plan: Plan) -> Drawn:
    """The flow as it stands, as a page draws it."""
    return Drawn(*drawing(flow.flow, plan), flow.flow.name)


def told(flow: NotebookFlow, shown: Drawn, running: bool = False) -> Message:
    """A whole flow for a page: the drawing, how all stands, and what is wrong with it."""
    cells = [node.id if node.id in flow.flow.steps else None for node in shown.nodes]
    return {
        "title": flow.flow.name,
        "path": str(flow.path),
        "now": time.time(),
        "running": running,
        "drawing": shown.drawing,
        "down": Drawn(shown.nodes, shown.edges, flow.flow.name, down=True).drawing,
        "states": shown.states,
        "cells": cells,
        "problems": [_problem(each) for each in flow.problems],
    }


def picture(flow: NotebookFlow, shown: Drawn) -> Message:
    """The graph as it stands, as a picture of its own."""
    return {"picture": svg(shown.nodes, shown.edges, flow.flow.name)}


def details(flow: NotebookFlow, cell: str) -> Message:
    """All about one step: why it would run, what would run, what it gave and put out, its past."""
    step = flow.flow.steps.get(cell)
    if step is None:
        return {"why": _bundle(page("This cell is no step."))}
    past = [(run, [task for task in run.tasks if task.cell == cell]) for run in flow.runs()]
    past = [(run, tasks) for run, tasks in past if any(t.status != "skipped" for t in tasks)]
    answer: Message = {
        "why": _bundle(plans.why(flow.why(step.name))),
        "source": _bundle(preview(flow.flow, step)),
    }
    if past:
        run, tasks = past[-1]
        answer["outputs"] = _bundle(page(*(show.task(task) for task in tasks)))
        answer["logs"] = [output for task in tasks for output in run.logged(task)]
        answer["history"] = _bundle(page(*(show.task(t) for _, each in past[-10:] for t in each)))
    return answer


def _problem(problem: Problem) -> Message:
    return {
        "cell": problem.cell,
        "line": problem.line,
        "severity": problem.severity,
        "message": problem.message,
        "remedy": problem.remedy,
    }


def _bundle(subject: Page) -> dict[str, str]:
    return {"text/plain": subject.plain(), "text/html": subject.html()}
