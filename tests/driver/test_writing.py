"""The file of a notebook is written whole or not at all, and a new one over nothing."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from nbflow.driver import writing
from nbflow.errors import NotebookError
from tests.notebooks import notebook, step


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nb.ipynb"


def test_writing_is_all_or_nothing(path: Path) -> None:
    document = notebook(step("a", "a = 1"))
    document.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text="\udc80")]
    writing.write(document, path)
    assert nbformat.read(path, as_version=4).cells[0].outputs[0].text == "\udc80"
    target = path.parent / "folder.ipynb"
    target.mkdir()
    with pytest.raises(NotebookError, match=r"folder\.ipynb"):
        writing.write(document, target)
    assert sorted(each.name for each in path.parent.iterdir()) == ["folder.ipynb", "nb.ipynb"]


def test_a_new_one_is_written_over_nothing_but_itself(path: Path) -> None:
    document = notebook(step("a", "a = 1"))
    writing.write_new(document, path)
    written = path.read_bytes()
    writing.write_new(document, path)
    assert path.read_bytes() == written
    path.write_text("mine")
    with pytest.raises(NotebookError, match="is there already"):
        writing.write_new(document, path)
    assert path.read_text() == "mine"
    assert [each.name for each in path.parent.iterdir()] == ["nb.ipynb"]
