"""What is folded away under a heading is one card, and says how its steps stand."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from nbflow.cells import parse
from nbflow.records.notebook import Cell
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.grouping import Group, Grouping, groups, heading


def cells(*told: str) -> list[Cell]:
    """``"# Data"`` is a heading, ``"+ # Data"`` one that is folded away; the rest is code."""
    return [
        Cell(str(number), 0, "markdown", text.removeprefix("+ "), collapsed=text.startswith("+ "))
        if "#" in text
        else Cell(text, 0, "code", text)
        for number, text in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (("# Data", "a", "b"), []),
        (("+ # Data", "a", "b"), [("Data", "a", "b")]),
        (("x", "+ # Data", "a", "# Model", "b"), [("Data", "a")]),
        (("+ # Data", "a", "## Part", "b", "# Model", "c"), [("Data", "a", "b")]),
        (("+ ## Part", "a", "# Model", "b"), [("Part", "a")]),
        (("+ # Data", "a", "+ ## Part", "b"), [("Data", "a", "b")]),
        (("# Data", "a", "+ ## Part", "b", "## Other", "c"), [("Part", "b")]),
        (("+ # Data", "a", "+ # Model", "b"), [("Data", "a"), ("Model", "b")]),
        (("+ # Data", "# Model", "b"), [("Data",)]),
    ],
)
def test_a_group_is_what_is_below_a_folded_heading(
    told: tuple[str, ...], found: list[tuple[str, ...]]
) -> None:
    assert [(each.heading, *each.cells) for each in groups(cells(*told))] == found


@pytest.mark.parametrize(
    ("markdown", "head"),
    [
        ("no heading", None),
        ("#hashtag", None),
        ("# Data", (1, "Data")),
        ("  ### Data ##", (3, "Data")),
        ("words\n\n## Part\n# Whole\n# Other", (1, "Whole")),
        ("```python\n# a comment\n```\n## Part", (2, "Part")),
        ("Data\n====", (1, "Data")),
        ("Data\n---", (2, "Data")),
        ("---\n\n---", None),
        ("# The **bold** `code`", (1, "The bold code")),
        ("#", (1, "")),
        ("# C# ##", (1, "C#")),
        ("# ##", (1, "")),
        ("## a" + 100_000 * " " + "b", (2, "a" + 100_000 * " " + "b")),
    ],
)
def test_the_heading_of_a_cell_is_its_highest(markdown: str, head: tuple[int, str] | None) -> None:
    assert heading(markdown) == head


def test_the_flag_is_read_from_the_file_and_nothing_else_counts() -> None:
    for value, collapsed in ((True, True), (False, False), ("yes", False), (None, False)):
        cell = {
            "cell_type": "markdown",
            "source": "# Data",
            "metadata": {"jp-MarkdownHeadingCollapsed": value},
        }
        (read,) = parse({"nbformat": 4, "cells": [cell]}, "train.ipynb").cells
        assert read.collapsed is collapsed


REASON = "its code changed"
NODES = [
    GraphNode("p", "parameters", "parameters"),
    GraphNode("a", "load", status="fresh", values=(("raw", "list"), ("data", "list"))),
    GraphNode("b", "clean", status="stale", reasons=(REASON,), values=(("rows", "list"),)),
    GraphNode("c", "train", status="unknown"),
]
EDGES = [
    GraphEdge("p", "a", ("n",)),
    GraphEdge("a", "b", ("data", "raw")),
    GraphEdge("a", "c", ("data",)),
    GraphEdge("b", "c", ("rows",), observed=True),
]
DATA = Group("head", "Data", ("x", "a", "b"))


def grouping() -> Grouping:
    return Grouping([DATA, Group("empty", "Nothing", ("y",))], NODES, EDGES)


def test_a_group_stands_where_its_first_step_stood_and_arrows_lead_to_it() -> None:
    grouped = grouping()
    assert [(node.id, node.label, node.kind) for node in grouped.nodes] == [
        ("p", "parameters", "parameters"),
        ("head", "Data", "group"),
        ("c", "train", "step"),
    ]
    assert [(edge.source, edge.target, edge.names) for edge in grouped.edges] == [
        ("p", "head", ("n",)),
        ("head", "c", ("data", "rows")),
    ]
    assert grouped.steps == {"a": "head", "b": "head"}


def test_a_group_says_how_its_steps_stand() -> None:
    card = grouping().nodes[1]
    assert (card.status, card.detail, card.count) == ("stale", "clean", 2)
    assert card.reasons == ("clean: its code changed",)
    assert [name for name, _ in card.values] == ["data", "rows"]
    assert dict(card.tally) == {"fresh": 1, "stale": 1}


def test_a_group_follows_its_steps_while_they_run() -> None:
    grouped = grouping()
    card = grouped.changed(replace(NODES[2], status="running", began=10.0))
    assert (card.id, card.status, card.began) == ("head", "running", 10.0)
    assert (card.done, card.count) == (1, 2)
    card = grouped.changed(replace(NODES[2], status="failed", detail="ValueError: no"))
    assert (card.status, card.detail, card.began) == ("failed", "clean: ValueError: no", None)
    card = grouped.changed(replace(NODES[2], status="completed"))
    assert (card.status, card.detail) == ("completed", "clean")
    stranger = GraphNode("y", "stranger")
    assert grouped.changed(stranger) is stranger
    train = replace(NODES[3], status="running")
    assert grouped.changed(train) is train


def test_without_a_fold_nothing_is_other_than_it_was() -> None:
    grouped = Grouping([], NODES, EDGES)
    assert (grouped.nodes, grouped.edges, grouped.steps) == (NODES, EDGES, {})
