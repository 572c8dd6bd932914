"""The notebook that is kept with a run: as it was, whole, without outputs."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

import nbflow
from nbflow import cells
from nbflow.driver.snapshot import snapshot
from nbflow.records.notebook import Cell, Notebook
from tests.notebooks import code, notebook, step, write

PIXEL = {"dot.png": {"image/png": "iVBORw0KGgo="}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A notebook with all that nbflow does not read."""
    document = notebook(step("a", "b = 1", cell_id="a"), code("b", cell_id="look"))
    text = nbformat.v4.new_markdown_cell("![](attachment:dot.png)", id="text", attachments=PIXEL)
    document.cells.insert(0, text)
    document.cells[2].metadata["slideshow"] = {"slide_type": "slide"}
    document.cells[2].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    document.cells[2].execution_count = 7
    document.metadata["authors"] = [{"name": "a"}]
    return write(document, tmp_path / "a.ipynb")


def test_a_snapshot_is_the_file_without_its_outputs(path: Path) -> None:
    expected = nbformat.read(path, as_version=4)
    expected.cells[2].outputs = []
    expected.cells[2].execution_count = None
    kept = nbformat.reads(snapshot(cells.read(path)).decode(), as_version=4)
    nbformat.validate(kept)
    assert kept == expected


def test_what_is_on_the_screen_counts_and_not_the_file(path: Path) -> None:
    read = cells.read(path)
    edited = (*read.cells[:1], Cell("look", 1, "code", "c = 2", ("setup",)))
    kept = json.loads(snapshot(Notebook(read.path, edited)))
    assert [(cell["id"], cell["source"]) for cell in kept["cells"]][1:] == [("look", "c = 2")]
    assert kept["cells"][1]["metadata"] == {
        "slideshow": {"slide_type": "slide"},
        "tags": ["setup"],
    }


@pytest.mark.parametrize("text", [None, "", "no JSON", '{"cells": 3}'])
def test_a_file_that_is_gone_or_torn_is_done_without(path: Path, text: str | None) -> None:
    read = cells.read(path)
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    kept = nbformat.reads(snapshot(read).decode(), as_version=4)
    nbformat.validate(kept)
    assert [cell.source for cell in kept.cells] == [cell.source for cell in read.cells]


def test_a_run_keeps_its_notebook_and_the_same_one_is_given_back(path: Path) -> None:
    with nbflow.load(path) as flow:
        flow.run(executor="inline")
        expected = flow.notebook
        path.unlink()
        (run,) = flow.runs()
        assert run.notebook == expected


def test_a_text_notebook_is_kept_with_the_ids_that_its_cells_were_given(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('# %% tags=["step:a"]\nb = 1\n\n# %%\nc = 2\n')
    with nbflow.load(path) as flow:
        assert flow.run(executor="inline").notebook == flow.notebook
