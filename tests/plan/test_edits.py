"""What tells the steps of a notebook from what they were before it was edited."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from nbformat import NotebookNode

from nbflow.plan import edits
from tests.flows import flow_of
from tests.notebooks import code, foreach, parameters, step

HELPER = code("def double(x):\n    return 2 * x", cell_id="helper")
GIVEN = parameters("n: int = 3", cell_id="given")
LOAD = step("load", "data = n", cell_id="load")
TRAIN = step("train", "model = double(data)", cell_id="train")
PARTS = foreach("part in [model]", "each = part", cell_id="parts")
APART = step("apart", "z = 1", cell_id="apart")
BASE = (HELPER, GIVEN, LOAD, TRAIN, PARTS, APART)

Told = dict[str, tuple[list[str], list[str]]]


def put(*cells: NotebookNode) -> tuple[NotebookNode, ...]:
    """The notebook with other cells in the places of those that have their ids."""
    by_id = {cell.id: cell for cell in cells}
    return tuple(by_id.get(cell.id, cell) for cell in BASE)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param(BASE, {}, id="nothing"),
        pytest.param(put(step("load", "# so\ndata=n", cell_id="load")), {}, id="a comment"),
        pytest.param(put(step("read", "data = n", cell_id="load")), {}, id="another name"),
        pytest.param(
            put(step("load", "data = n + 1", cell_id="load")),
            {"load": (["source"], []), "train": ([], ["load"]), "parts": ([], ["load"])},
            id="a step, and what is below it",
        ),
        pytest.param(
            put(code("def double(x):\n    return 3 * x", cell_id="helper")),
            {"train": (["definition"], []), "parts": ([], ["train"])},
            id="a helper",
        ),
        pytest.param(
            put(parameters("n: int = 4", cell_id="given")),
            {"load": (["parameter"], []), "train": ([], ["load"]), "parts": ([], ["load"])},
            id="a parameter",
        ),
        pytest.param(
            put(foreach("part in [model, model]", "each = part", cell_id="parts")),
            {"parts": (["source"], [])},
            id="a clause",
        ),
        pytest.param(
            put(step("each", "each = model", cell_id="parts")),
            {"parts": (["source", "option"], [])},
            id="another kind",
        ),
        pytest.param(
            (HELPER, GIVEN, TRAIN, PARTS, APART),
            {"train": ([], ["load"]), "parts": ([], ["load"])},
            id="a step taken away",
        ),
        pytest.param(
            (*BASE[:3], step("clean", "data = data + 1", cell_id="clean"), *BASE[3:]),
            {"train": ([], ["clean"]), "parts": ([], ["clean"])},
            id="a step put between",
        ),
        pytest.param(
            (HELPER, GIVEN, TRAIN, LOAD, PARTS, APART),
            {"train": ([], ["load"]), "parts": ([], ["load"])},
            id="a step moved below who reads it",
        ),
    ],
)
def test_edits_are_told_of_a_step_and_of_what_is_below_it(
    now: Sequence[NotebookNode], told: Told
) -> None:
    found = edits(flow_of(*BASE), flow_of(*now))
    assert {
        cell: ([reason.kind for reason in edit.reasons], list(edit.above))
        for cell, edit in found.items()
    } == told
