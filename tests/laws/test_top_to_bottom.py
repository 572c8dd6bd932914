"""Law 1: a run gives what the cells give from top to bottom in one kernel, or says why not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import nbflow
from nbflow.errors import FlowError
from tests import notebooks
from tests.laws.cases import CASES, REFUSED, Case
from tests.laws.run_both import Result, as_flow, plainly

BINDER = Path(__file__).parent.parent.parent / "binder"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_values_and_outputs_are_those_of_top_to_bottom(case: Case, tmp_path: Path) -> None:
    document = notebooks.notebook(*case.cells)
    (plain := tmp_path / "plain").mkdir()
    (flow := tmp_path / "flow").mkdir()
    assert_same(plainly(document, plain), as_flow(document, flow), data_of_steps(case))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(BINDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_examples_give_what_top_to_bottom_gives(path: Path, tmp_path: Path) -> None:
    for name in ("plain", "flow"):
        shutil.copytree(BINDER, tmp_path / name)
    document = notebooks.read(path)
    expected = plainly(document, tmp_path / "plain")
    actual = as_flow(document, tmp_path / "flow")
    assert actual.outputs == expected.outputs


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_cannot_run_so_is_named(case: Case, tmp_path: Path) -> None:
    path = notebooks.write(notebooks.notebook(*case.cells), tmp_path / "notebook.ipynb")
    flow = nbflow.load(path)
    errors = [problem for problem in flow.problems if problem.severity == "error"]
    assert any(f"`{case.refused}`" in problem.message for problem in errors)
    assert all(problem.remedy and problem.cell for problem in errors)
    with pytest.raises(FlowError):
        flow.run()


def test_the_table_has_no_name_twice() -> None:
    names = [case.name for case in (*CASES, *REFUSED)]
    assert len(names) == len(set(names))


def data_of_steps(case: Case) -> set[str]:
    """Names that the marked cells bind, and so must have a value in the run."""
    marked = [
        (kind, body)
        for cell in notebooks.notebook(*case.cells).cells
        for kind, _, body in [notebooks.mark(cell)]
    ]
    return {
        name
        for kind, body in marked
        if kind in {"step", "foreach"}
        for name in notebooks.assigned(body)
    }


def assert_same(expected: Result, actual: Result, names: set[str]) -> None:
    # A named lambda is a definition, as `def` makes it, and so no output.
    wanted = {
        name: text
        for name, text in expected.values.items()
        if name in names - actual.uncarried and text != "function <lambda>"
    }
    assert {name: actual.values.get(name, "<nothing>") for name in wanted} == wanted
    assert actual.outputs == expected.outputs
