"""A run on the cards of its notebook, which may have been edited since it began."""

from __future__ import annotations

from nbflow.flow import Flow
from nbflow.records.task import TaskRun
from nbflow.views.drawing import Standing
from nbflow.views.edited import Edited
from nbflow.views.graph import GraphNode
from tests.flows import flow_of
from tests.notebooks import step
from tests.views.samples import task

BEFORE = flow_of(
    step("load", "data = 1", cell_id="cell-load"),
    step("train", "model = data", cell_id="cell-train"),
    step("apart", "z = 1", cell_id="cell-apart"),
)
NOW = flow_of(
    step("load", "data = 2", cell_id="cell-load"),
    step("train", "model = data", cell_id="cell-train"),
    step("aside", "z = 1", cell_id="cell-apart"),
)


def cards(now: Flow, *tasks: TaskRun) -> dict[str, GraphNode]:
    standing, edited = Standing(BEFORE), Edited(BEFORE, now)
    for one in tasks:
        standing.changed(one)
    found = filter(None, map(edited.card, standing.nodes()))
    return {node.label: node for node in found}


def test_what_runs_of_an_edited_step_is_called_its_older_text() -> None:
    found = cards(NOW, task("load", "running"), task("train", "queued"), task("apart", "running"))
    assert {name: (node.status, node.detail) for name, node in found.items()} == {
        "load": ("running", "older text"),
        "train": ("queued", "older input"),
        "aside": ("running", ""),
    }
    assert found["load"].reasons == ("since the run began: its code changed",)
    assert found["load"].differs == ("-data = 1", "+data = 2")
    assert found["train"].reasons == ("since the run began: `load` changed",)


def test_what_an_edited_step_came_to_is_not_what_the_notebook_says() -> None:
    found = cards(NOW, task("load"), task("train", "cached"), task("apart"))
    assert {name: node.status for name, node in found.items()} == {"aside": "completed"}


def test_that_a_step_runs_which_is_gone_is_a_warning_until_it_has_ended() -> None:
    names = [f"s{number}" for number in range(7)]
    before = flow_of(*(step(name, f"{name} = 1", cell_id=f"cell-{name}") for name in names))
    edited = Edited(before, flow_of())
    standing = Standing(before)
    for name in names:
        standing.changed(task(name, "running"))
    (problem,) = edited.problems(standing.nodes())
    assert (problem.cell, problem.severity) == (None, "warning")
    assert "`s0`, `s1`, `s2`, `s3`, `s4`, 2 more, which" in problem.message
    assert not any(map(edited.card, standing.nodes()))
    for name in names:
        standing.changed(task(name))
    assert edited.problems(standing.nodes()) == ()
