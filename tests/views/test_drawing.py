"""The cards and arrows of a flow: short texts, for a card grows with them."""

from __future__ import annotations

from msgspec.structs import replace

from nbflow.plan import Plan
from nbflow.records.task import Status
from nbflow.views.drawing import Standing, drawing
from tests.views.samples import PLAN, artifact, flow, task


def test_each_card_says_how_its_step_stands() -> None:
    nodes, _ = drawing(flow(), PLAN)
    assert {node.label: (node.status, node.detail, node.count) for node in nodes} == {
        "parameters": (None, "cores = 2 · n = 20", None),
        "load": ("fresh", "2.50 s", None),
        "primes": ("stale", "2 of 4 reused · its code changed (+1)", 4),
        "odd": ("new", "first run", None),
        "report": ("unknown", "after primes +1", None),
    }


def test_a_card_knows_all_reasons_though_it_shows_one() -> None:
    nodes, _ = drawing(flow(), PLAN)
    reasons = {node.label: node.reasons for node in nodes}
    assert reasons["primes"] == ("its code changed", "input `data` changed: int64[3] → int64[5]")
    assert reasons["load"] == ()


def test_a_card_knows_the_lines_that_differ() -> None:
    nodes, _ = drawing(flow(), PLAN)
    found = {node.label: node.differs for node in nodes if node.differs}
    assert found == {"primes": (" x = 1", "-y = 2", "+y = 3", " z = 3")}


def test_a_card_knows_what_its_step_gives() -> None:
    held = {"data": artifact("data", "int64[200000]", 1_600_000)}
    fresh = replace(PLAN.steps[0], outputs=held)
    nodes, _ = drawing(flow(), Plan((fresh, *PLAN.steps[1:])))
    assert {node.label: node.values for node in nodes if node.values} == {
        "parameters": (("cores", "2"), ("n", "20")),
        "load": (("data", "int64[200000], 1.6 MB"),),
    }
    node = Standing(flow()).changed(task("load", "completed", outputs=held))
    assert node is not None
    assert node.values == (("data", "int64[200000], 1.6 MB"),)


def test_arrows_carry_names_and_parameters_have_arrows_of_their_own() -> None:
    _, edges = drawing(flow(), PLAN)
    assert {(edge.source, edge.target, edge.names) for edge in edges} == {
        ("parameters of the flow", "cell-load", ("n",)),
        ("parameters of the flow", "cell-primes", ("cores",)),
        ("cell-load", "cell-primes", ("data",)),
        ("cell-load", "cell-odd", ("data",)),
        ("cell-primes", "cell-report", ("primes",)),
        ("cell-odd", "cell-report", ("odd",)),
    }


def test_a_card_that_runs_says_since_when_and_how_long_earlier_runs_took() -> None:
    standing = Standing(flow(), PLAN, workers=2)
    node = standing.changed(task("load", "running", started=1000.0))
    assert node is not None
    assert (node.began, node.expected) == (1000.0, 2.5)
    statuses: tuple[Status, ...] = ("queued", "completed")
    for status in statuses:
        node = standing.changed(task("load", status))
        assert node is not None
        assert (node.status, node.began, node.expected) == (status, None, None)


def test_a_foreach_is_expected_to_take_as_many_rounds_as_there_are_workers_for() -> None:
    standing = Standing(flow(), PLAN, workers=2)
    standing.changed(task("primes[]", "running", started=990.0))
    standing.changed(task("primes[]"))
    standing.changed(task("primes[0]", "cached"))
    for split in range(1, 4):
        standing.changed(task(f"primes[{split}]", "queued"))
    node = standing.changed(task("primes[1]", "running", started=1000.0))
    assert node is not None
    assert (node.began, node.expected) == (990.0, 500.0)
    assert (node.done, node.count) == (1, 4)
