"""Random flows, exported as scripts: each gives the digests of its run, or is refused by name."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from nbformat import NotebookNode

import nbflow
from nbflow.driver import ProblemsError
from tests import notebooks
from tests.laws import random_cells
from tests.laws.exporting import python

#: Each starts a Python or two.
EXAMPLES = 40 if os.environ.get("HYPOTHESIS_PROFILE") == "ci" else 15


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(random_cells.documents())
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
