"""Random flows, exported as scripts: each gives the digests of its run, or is refused by name."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

import nbflow
from nbflow.driver import ProblemsError
from tests import notebooks
from tests.laws import random_cells
from tests.laws.exporting import python
from tests.laws.random_cells import RandomCell

#: Each starts a Python or two.
EXAMPLES = 40 if os.environ.get("HYPOTHESIS_PROFILE") == "ci" else 15

START = ("a = 1", "b = a + p", "xs = [a, b, 3]", "def f(v):\n    return v + q", "c = f(a)")


@st.composite
def documents(draw: st.DrawFn) -> NotebookNode:
    """A notebook that begins with what most cells read."""
    cells = [
        RandomCell(f"start-{n}", "" if body.startswith("def") else f"start_{n}", body)
        for n, body in enumerate(START)
    ]
    for number in range(draw(st.integers(2, 8))):
        cells.append(draw(random_cells.cells(f"cell-{number}", f"step_{number}")))
    return notebooks.notebook(
        notebooks.code(random_cells.TOP, cell_id="top"),
        notebooks.parameters("p = 2\nq = 5", cell_id="parameters"),
        *(cell.node() for cell in cells),
    )


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(max_examples=EXAMPLES)
@given(documents())
def test_a_random_flow_exported_gives_the_digests_of_its_run(document: NotebookNode) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = notebooks.write(document, folder / "notebook.ipynb")
        with nbflow.load(path) as flow:
            assume(not any(problem.severity == "error" for problem in flow.problems))
            assume(flow.run(workers=2).status == "completed")
            (folder / "f.txt").unlink(missing_ok=True)
            try:
                flow.export("script", folder / "script")
            except ProblemsError as error:
                refused = error.problems
            else:
                refused = ()
        if refused:
            assert all(each.remedy and each.number for each in refused)
            event(f"refused: {refused[0].message.partition('`')[2].partition('`')[2]}")
            return
        event("exported")
        assert "are those of the notebook" in python(folder / "script", "flow.py", "--check")
