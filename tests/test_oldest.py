"""The oldest versions that nbflow says it takes, and older libraries that people still use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests import notebooks
from tests.environment import environment
from tests.notebooks import step

ROOT = Path(__file__).parent.parent
#: What the examples import, as old as the wheels for this Python are.
LIBRARIES = ("matplotlib==3.8.*", "numpy==1.26.*", "pandas==2.2.*", "scikit-learn==1.5.*")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("environments"),
    pytest.mark.skipif(sys.version_info >= (3, 13), reason="no wheels of that age"),
]


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with the lower bounds of ``pyproject.toml``, each to the letter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = [each.replace(">=", "==") for each in project["dependencies"]]
    return environment(tmp_path_factory.mktemp("oldest"), *oldest, *LIBRARIES)


def nbflow(interpreter: str, *words: str) -> str:
    done = subprocess.run(
        [interpreter, "-m", "nbflow", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def statuses(interpreter: str, path: Path) -> set[str]:
    told: dict[str, Any] = json.loads(nbflow(interpreter, "run", str(path), "--json"))
    assert not told["problems"]
    return {task["status"] for task in told["tasks"]}


@pytest.mark.parametrize("name", ["digits", "primes"])
def test_an_example_runs_and_is_cached(name: str, tmp_path: Path, interpreter: str) -> None:
    shutil.copytree(ROOT / "binder", tmp_path, dirs_exist_ok=True)
    path = tmp_path / f"{name}.ipynb"
    assert statuses(interpreter, path) == {"completed"}
    assert statuses(interpreter, path) == {"cached"}


def test_memory_that_frames_share_and_do_not_copy_stays_shared(
    tmp_path: Path, interpreter: str
) -> None:
    cells = (
        step("made", "import pandas as pd\nframe = pd.DataFrame({'a': [1, 2]})"),
        step("part", "part = frame[:]"),
        step("written", "part.iloc[0, 0] = 9"),
        step("shown", "print(frame['a'].tolist())"),
    )
    path = notebooks.write(notebooks.notebook(*cells), tmp_path / "notebook.ipynb")
    statuses(interpreter, path)
    told = nbflow(interpreter, "logs", "last/shown", "--store", str(tmp_path / ".nbflow"))
    assert "[9, 2]" in told


def test_the_command_line_tells_of_itself(interpreter: str) -> None:
    assert "run" in nbflow(interpreter, "--help")
