"""A notebook in a folder of its own, and the command line to use on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from nbflow.cli import main
from tests.notebooks import code, foreach, notebook, parameters, step, write

Nbflow: TypeAlias = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, made the current one, with a notebook ``small.ipynb``."""
    document = notebook(
        parameters("n: int = 3", cell_id="parameters"),
        code("def double(x):\n    return 2 * x", cell_id="definitions"),
        step("load", "print('loading')\nxs = list(range(n))", cell_id="load"),
        foreach("x in xs", "print('x is', x)\ny = double(x)", cell_id="each"),
        step("total", "total = sum(y)\ntotal", cell_id="total"),
    )
    write(document, tmp_path / "small.ipynb")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nbflow(folder: Path) -> Nbflow:
    """The command line, in this process; ``inline``, so that no worker has to be started."""
    assert folder.is_dir()

    def invoke(*arguments: str) -> Result:
        inline = ("--executor", "inline") if arguments[0] == "run" else ()
        return CliRunner().invoke(main, [*arguments, *inline], prog_name="nbflow")

    return invoke
