"""Verdicts and their reasons: what an edit makes run, and what it does not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from nbformat import NotebookNode

from nbflow.flow import Flow
from nbflow.plan import Lookup, Plan, Preparer, Walk, decide
from nbflow.records.digest import Digest
from nbflow.records.reason import Reason
from tests.flows import flow_of
from tests.notebooks import code, parameters, setup, step
from tests.plan.recorded import Pretender, artifact

Cells = tuple[NotebookNode | str, ...]


def planned(
    flow: Flow, preparer: Preparer, history: Lookup, broken: frozenset[str] = frozenset()
) -> Plan:
    walk = Walk(flow, preparer, history, broken, lambda call: decide(call, history))
    return walk.plan(flow.steps)


HELPER = "def f(x):\n    return g(x)\n\ndef g(x):\n    return x + K\n\nK = 1"
BASE: Cells = (
    code(HELPER, cell_id="helpers"),
    parameters("n: int = 3", cell_id="parameters"),
    step("a", "a = n", cell_id="a"),
    step("b", "b = f(a)", cell_id="b"),
    step("c", "c = b", cell_id="c"),
)


def edited(**sources: str) -> Cells:
    """BASE with the sources of some cells replaced."""
    nodes = []
    for node in BASE:
        assert not isinstance(node, str)
        copy = (
            code(sources.get(node.id, node.source), *node.metadata["tags"], cell_id=node.id)
            if ("tags" in node.metadata)
            else code(sources.get(node.id, node.source), cell_id=node.id)
        )
        nodes.append(copy)
    return tuple(nodes)


@pytest.mark.parametrize(
    ("cells", "ran"),
    [
        pytest.param(BASE, [], id="nothing changed"),
        pytest.param(edited(b="# why\nb = f( a )  # and so"), [], id="comments and formatting"),
        pytest.param(edited(b="b = f(a) + 0"), ["b", "c"], id="the body"),
        pytest.param(edited(b="b = f(a);"), ["b", "c"], id="a semicolon hides the display"),
        pytest.param(edited(helpers=HELPER.replace("K = 1", "K = 2")), ["b", "c"], id="constant"),
        pytest.param(edited(helpers=HELPER.replace("K = 1", "K = True")), ["b", "c"], id="type"),
        pytest.param(
            edited(helpers=HELPER.replace("x + K", "x - K")), ["b", "c"], id="helper of a helper"
        ),
        pytest.param(
            edited(helpers=HELPER + "\n\ndef h():\n    return 1"), [], id="an unrelated helper"
        ),
        pytest.param(
            edited(helpers="# moved\n\n\n" + HELPER), [], id="helpers moved within their cell"
        ),
        pytest.param((*BASE, step("d", "d = a")), ["d"], id="a step added"),
        pytest.param((BASE[0], BASE[1], BASE[2], BASE[3]), [], id="a step removed"),
        pytest.param((setup("import os"), *BASE), ["a", "b", "c"], id="set-up counts everywhere"),
    ],
)
def test_an_edit_runs_what_depends_on_it_and_nothing_else(cells: Cells, ran: list[str]) -> None:
    pretender = Pretender()
    pretender.run(flow_of(*BASE))
    assert pretender.ran == ["a", "b", "c"]
    pretender.run(flow_of(*cells))
    assert pretender.ran == ran


def test_renaming_a_step_keeps_its_cache() -> None:
    pretender = Pretender()
    pretender.run(flow_of(step("a", "x = 1", cell_id="one")))
    pretender.run(flow_of(step("other", "x = 1", cell_id="one")))
    assert pretender.ran == []


def test_parameters_invalidate_only_what_reads_them() -> None:
    flow = flow_of(*BASE, step("d", "d = 1"))
    pretender = Pretender()
    pretender.run(flow)
    pretender.run(flow, {"n": 4})
    assert pretender.ran == ["a", "b", "c"]
    assert pretender.reasons["a"] == (Reason("parameter", "n", "3", "4"),)


@pytest.mark.parametrize("value", [True, 3.0, "3"])
def test_parameters_of_another_type_differ(value: object) -> None:
    flow = flow_of(*BASE)
    pretender = Pretender()
    pretender.run(flow)
    pretender.run(flow, {"n": value})
    assert "a" in pretender.ran


def test_an_equal_result_stops_the_wave() -> None:
    pretender = Pretender()
    pretender.run(flow_of(*BASE), a=1)
    pretender.run(flow_of(*edited(a="a = n + 0")), a=1)
    assert pretender.ran == ["a"]


def test_the_reasons_name_the_difference() -> None:
    pretender = Pretender()
    pretender.run(flow_of(*BASE))
    pretender.run(flow_of(*edited(helpers=HELPER.replace("x + K", "x - K"), a="a = n - 1")))
    assert [r.kind for r in pretender.reasons["a"]] == ["source"]
    definition, given = pretender.reasons["b"]
    assert (definition.kind, definition.subject) == ("definition", "g")
    assert "x + K" in definition.before
    assert "x - K" in definition.after
    assert (given.kind, given.subject) == ("input", "a")


def test_a_lost_artifact_makes_its_step_run_again() -> None:
    flow = flow_of(*BASE)
    pretender = Pretender()
    pretender.run(flow, b=7)
    pretender.history.lost.add(artifact(7).digest)
    pretender.run(flow, b=7)
    assert pretender.ran == ["b"]
    assert pretender.reasons["b"] == (Reason("missing-artifact", "b"),)


def test_a_fact_that_no_longer_holds_makes_its_step_run_again() -> None:
    flow = flow_of(*BASE)
    pretender = Pretender()
    pretender.run(flow, b=7)
    pretender.history.changed["b"] = Reason("module", "helpers.py", "old", "new")
    pretender.run(flow, b=7)
    assert pretender.ran == ["b"]
    assert pretender.reasons["b"][0].kind == "module"


def test_the_plan_says_what_it_cannot_know_yet() -> None:
    pretender = Pretender()
    pretender.run(flow_of(*BASE))
    flow = flow_of(*edited(b="b = f(a) + 0"))
    preparer = Preparer(flow, {"n": artifact(3)})
    plan = planned(flow, preparer, pretender.history)
    assert [(s.step, s.verdict) for s in plan.steps] == [
        ("a", "reuse"),
        ("b", "run"),
        ("c", "unknown"),
    ]
    assert plan["c"].waiting_on == ("b",)
    assert plan["c"].reasons == ()
    assert plan["b"].seconds == 2.0


def test_what_was_never_run_as_it_is_now_will_run_whatever_it_is_given() -> None:
    pretender = Pretender()
    pretender.run(flow_of(*BASE))
    flow = flow_of(*edited(b="b = f(a) + 0", c="c = b + 1"))
    told = planned(flow, Preparer(flow, {"n": artifact(3)}), pretender.history)["c"]
    assert (told.verdict, told.waiting_on) == ("run", ())
    assert [(reason.kind, reason.after) for reason in told.reasons] == [("source", "c = b + 1")]
    # What was run so before may be found, and may not.
    pretender.run(flow)
    before = flow_of(*edited(b="b = f(a) + 2"))
    told = planned(before, Preparer(before, {"n": artifact(3)}), pretender.history)["c"]
    assert told.verdict == "unknown"
    assert [reason.kind for reason in told.reasons] == ["source"]


def test_what_is_reused_took_as_long_as_it_took_itself() -> None:
    flow = flow_of(*BASE)
    pretender = Pretender()
    pretender.run(flow)
    later = [
        replace(record, key=Digest("other"), seconds=9.0) for record in pretender.history.records
    ]
    pretender.history.records += later
    plan = planned(flow, Preparer(flow, {"n": artifact(3)}), pretender.history)
    assert [(s.verdict, s.seconds) for s in plan.steps] == [("reuse", 2.0)] * 3


def test_a_step_with_a_problem_blocks_what_is_below_it_only() -> None:
    flow = flow_of(*BASE, step("d", "d = 1"))
    preparer = Preparer(flow, {"n": artifact(3)})
    plan = planned(flow, preparer, Pretender().history, frozenset({"b"}))
    assert {s.step: s.verdict for s in plan.steps} == {
        "a": "run",
        "b": "blocked",
        "c": "blocked",
        "d": "run",
    }
