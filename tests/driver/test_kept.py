"""What may be accepted and verified of a notebook's results, and what the flow is afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.driver.notebook_flow import NotebookFlow
from nbflow.errors import FlowError
from tests.notebooks import code, notebook, step, write


def put(folder: Path, *cells: NotebookNode) -> NotebookFlow:
    return nbflow.load(write(notebook(*cells), folder / "flow.ipynb"))


# --- accept ---

STEP = step("a", "item = 3\nx = item + 1", cell_id="a")
PLAIN = step("a", "i = 3\nx = i + 1", cell_id="a")
MARKED = code("%%foreach item in [1, 2, 3] --name a\nx = item + 1", cell_id="a")
BECOMES = {
    "a step a foreach": (STEP, MARKED, "it was not a foreach then"),
    "a foreach a step": (MARKED, PLAIN, "it was a foreach then"),
    "a step that gives nothing a foreach": (
        step("a", "print(1)", cell_id="a"),
        code("%%foreach item in [1, 2, 3] --name a\nprint(item)", cell_id="a"),
        "it was not a foreach then",
    ),
    "a foreach of nothing a step that gives nothing": (
        code("%%foreach item in [] --name a\nprint(item)", cell_id="a"),
        step("a", "print(1)", cell_id="a"),
        "it was a foreach then",
    ),
}


@pytest.mark.parametrize("case", BECOMES)
def test_a_result_of_another_kind_of_step_is_refused(tmp_path: Path, case: str) -> None:
    before, after, why = BECOMES[case]
    with put(tmp_path, before) as flow:
        flow.run(executor="inline")
    with put(tmp_path, after) as flow:
        with pytest.raises(FlowError, match=f"does not fit what it has become: {why}"):
            flow.accept("a", "no harm")
        assert flow.plan()["a"].verdict == "run"


def test_the_flow_is_what_it_was_once_it_has_refused(tmp_path: Path) -> None:
    read = "from pathlib import Path\nname = 'f' + '.txt'\n"
    (tmp_path / "f.txt").write_text("1")
    with put(tmp_path, step("a", f"{read}a = Path(name).read_text()", cell_id="a")) as flow:
        flow.run(executor="inline")
    with put(tmp_path, step("a", f"{read}a = b = Path(name).read_text()", cell_id="a")) as flow:
        before = flow.flow
        with pytest.raises(FlowError, match="it has no `b`"):
            flow.accept("a", "no harm")
        assert flow.flow is before
        assert flow.plan()["a"].verdict == "run"
