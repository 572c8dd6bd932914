"""The example notebooks: well formed, and each runs as a flow and gives what it should."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

import nbflow
from nbflow.results import FlowRun
from tests import notebooks

BINDER = Path(__file__).parent.parent / "binder"
NAMES = [path.stem for path in sorted(BINDER.glob("*.ipynb"))]


@pytest.fixture
def binder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BINDER, tmp_path / "binder"))


@pytest.mark.parametrize("name", NAMES)
def test_notebook_is_valid_and_clean(name: str) -> None:
    document = notebooks.read(BINDER / f"{name}.ipynb")
    nbformat.validate(document)
    assert (document.nbformat, document.nbformat_minor) == (4, 5)
    for cell in document.cells:
        # Ids are names, so that what is cached and what is reported stay readable.
        assert cell.id.replace("-", "").isalpha()
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


@pytest.mark.parametrize("name", NAMES)
def test_every_name_a_step_reads_comes_from_a_step_a_parameter_or_a_definition(name: str) -> None:
    for cell in notebooks.read(BINDER / f"{name}.ipynb").cells:
        if cell.cell_type == "code" and notebooks.mark(cell)[0] == "":
            assert notebooks.assigned(cell.source) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_notebook_runs_and_then_nothing_runs_again(binder: Path, name: str) -> None:
    assert [task.status for task in run(binder, name).tasks if task.status != "completed"] == []
    assert {task.status for task in run(binder, name).tasks} == {"cached"}


@pytest.mark.slow
def test_primes_are_the_same_however_many_chunks(binder: Path) -> None:
    one = run(binder, "primes", cores=1, n=20_000)
    many = run(binder, "primes", cores=7, n=20_000)
    assert one["report"].found == many["report"].found
    assert len(one["report"].found) == 1367
    assert len(many["primes"].primes) == 7
    # The branch does not read `cores`.
    assert [task.status for task in many.tasks if task.step == "odds"] == ["cached"]


@pytest.mark.slow
def test_a_larger_grid_trains_only_the_new_models(binder: Path) -> None:
    run(binder, "digits", rates=[0.3], depths=[2], rounds=5)
    larger = run(binder, "digits", rates=[0.3, 0.5], depths=[2], rounds=5)
    trained = [task for task in larger.tasks if task.step == "model" and task.index is not None]
    assert [task.status for task in trained] == ["cached", "completed"]


@pytest.mark.slow
def test_a_changed_price_is_noticed_and_the_files_are_not_read_again(binder: Path) -> None:
    before = run(binder, "tables")["report"].revenue
    module = binder / "shop.py"
    module.write_text(module.read_text().replace('"bread": 3.20', '"bread": 6.40'))
    after = run(binder, "tables")
    assert (after["report"].revenue > before).all()
    assert {task.status for task in after.tasks if task.step == "sales"} == {"completed"}


def run(binder: Path, name: str, **parameters: Any) -> FlowRun:
    run = nbflow.load(binder / f"{name}.ipynb").run(workers=2, **parameters)
    assert run.status == "completed"
    return run
