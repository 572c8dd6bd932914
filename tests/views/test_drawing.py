"""The cards and arrows of a flow: short texts, for a card grows with them."""

from __future__ import annotations

from nbflow.views.drawing import drawing
from tests.views.samples import PLAN, flow


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
