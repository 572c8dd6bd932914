"""``docs/export.md``: its notebook is run and exported, and what it shows is what is written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import nbflow
from nbflow.driver import NotebookFlow, ProblemsError
from nbflow.views import problems
from tests import notebooks
from tests.docs.markdown import DOCS, Block, blocks
from tests.laws.exporting import python

BLOCKS = tuple(blocks((DOCS / "export.md").read_text("utf-8")))
CELLS = [block.text for block in BLOCKS if block.kind == "python" and not block.name]


def shown(name: str) -> list[Block]:
    return [block for block in BLOCKS if block.name == name]


def bare(text: str) -> str:
    """The lines of a text: a page is set as a module, and shows methods without their class."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def ran(folder: Path, *cells: str) -> NotebookFlow:
    path = notebooks.write(notebooks.notebook(*cells), folder / "heights.ipynb")
    flow = nbflow.load(path)
    run = flow.run(executor="inline")
    assert run.status == "completed", [str(run[name].logs) for name in run]
    return flow


@pytest.mark.parametrize("form", ["script", "metaflow"])
def test_the_files_hold_what_is_shown(form: str, tmp_path: Path) -> None:
    folder = tmp_path / ("heights" if form == "script" else "metaflow")
    with ran(tmp_path, *CELLS) as flow:
        flow.export(form, folder)
    parts = shown(f"{folder.name}/flow.py")
    assert parts
    for part in parts:
        assert bare(part.text) in bare((folder / "flow.py").read_text("utf-8"))


def test_the_script_compares_as_shown(tmp_path: Path) -> None:
    with ran(tmp_path, *CELLS) as flow:
        flow.export("script", tmp_path / "heights")
    (told,) = shown("check")
    assert python(tmp_path / "heights", "flow.py", "--check") == told.text + "\n"
    python(tmp_path / "heights", "flow.py", "--heights", "1.7", "1.8", "--least", "1.75")


def test_the_plain_notebook_has_the_loop_that_is_shown(tmp_path: Path) -> None:
    with ran(tmp_path, *CELLS) as flow:
        flow.export("notebook", tmp_path / "plain")
    (told,) = shown("notebook")
    document = json.loads((tmp_path / "plain" / "heights.ipynb").read_text("utf-8"))
    assert told.text in ["".join(cell["source"]) for cell in document["cells"]]


@pytest.mark.skipif(os.name != "posix", reason="it has no `date`")
def test_what_is_refused_is_told_as_shown(tmp_path: Path) -> None:
    cells = [f"{cell}\n!date" if "%%step tall" in cell else cell for cell in CELLS]
    place = next(n for n, block in enumerate(BLOCKS) if block.name == "refused")
    with ran(tmp_path, *cells) as flow, pytest.raises(ProblemsError) as refused:
        flow.export("script", tmp_path / "heights")
    assert problems.problems(refused.value.problems).plain() == BLOCKS[place + 1].text
