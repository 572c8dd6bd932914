"""A folder that a step makes is not there when the step runs again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.results import FlowRun
from tests.notebooks import notebook, step, write

pytestmark = pytest.mark.slow


MAKING = pytest.mark.parametrize(
    "source",
    [
        "import os\nos.mkdir('out')",
        "import os\nos.mkdir('out')\nopen('out/f', 'w').write('1')",
        "import os\nos.makedirs('out/deep')\nopen('out/deep/f', 'w').write('1')",
        "from pathlib import Path\nPath('out').mkdir()",
        "import os\nif not os.path.exists('out'):\n    os.mkdir('out')",
        "import os\nos.makedirs('o' + 'ut/deep')\nopen('o' + 'ut/deep/f', 'w').write('1')",
        "import os\nos.mkdir('in')\nopen('in/f', 'w').write('1')\n"
        "import shutil\nshutil.copytree('in', 'out')",
        "import os\nos.mkdir('in')\nopen('in/f', 'w').write('1')\nos.rename('in', 'o' + 'ut')",
    ],
)
GO_ON = "\nif not os.path.exists('go'):\n    raise RuntimeError('not yet')"


def run(path: Path, *cells: NotebookNode) -> FlowRun:
    write(notebook(*cells), path)
    with closing(nbflow.load(path)) as flow:
        return flow.run()


def errors(run: FlowRun) -> list[str]:
    return [task.error.message for task in run.tasks if task.error is not None]


@MAKING
def test_a_step_that_makes_a_folder_runs_again(tmp_path: Path, source: str) -> None:
    path = tmp_path / "nb.ipynb"
    for value in (1, 2):
        below = step("below", "import os\nfound = sorted(os.listdir('out')), x")
        write(notebook(step("make", f"{source}\nx = {value}"), below), path)
        for again in (False, True):
            with closing(nbflow.load(path)) as flow:
                run = flow.run()
            assert {task.status for task in run.tasks} == {"cached" if again else "completed"}
            assert (tmp_path / "out").is_dir()


def test_what_somebody_else_has_put_into_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    for value in (1, 2):
        source = f"import os\nos.makedirs('out', exist_ok=True)\nx = {value}"
        write(notebook(step("make", source)), path)
        with closing(nbflow.load(path)) as flow:
            assert flow.run().status == "completed"
        (tmp_path / "out" / "mine").write_text("mine")
    assert (tmp_path / "out" / "mine").read_text() == "mine"


def test_what_a_step_no_longer_makes_stays_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    for source in ("open('n' + 'otes', 'w').write('1')\nx = 1", "x = 2"):
        write(notebook(step("make", source)), path)
        with closing(nbflow.load(path)) as flow:
            assert flow.run().status == "completed"
    assert (tmp_path / "notes").read_text() == "1"


@MAKING
def test_what_a_failed_step_has_made_is_not_in_its_way(tmp_path: Path, source: str) -> None:
    cell = step("make", f"import os\n{source}{GO_ON}")
    path = tmp_path / "nb.ipynb"
    for _ in range(2):
        assert errors(run(path, cell)) == ["not yet"]
        assert (tmp_path / "out").is_dir()  # for who looks for the mistake
    (tmp_path / "go").touch()
    assert run(path, cell).status == "completed"
    assert (tmp_path / "out").is_dir()


def test_nor_in_that_of_a_cell_that_it_was_moved_to(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    source = f"import os\nos.makedirs('out/deep'){GO_ON}"
    for cell in (step("make", source), step("other", source), step("make", source)):
        assert errors(run(path, cell)) == ["not yet"]


def test_nor_of_a_step_that_turns_out_to_wait_for_another(tmp_path: Path) -> None:
    fill = "import os, time\ntime.sleep(0.2)\nos.makedirs('i' + 'n/deep')"
    copy = "import shutil\nos.mkdir('o' + 'ut')\nshutil.copytree('in', 'out/in')"
    cells = step("fill", fill), step("copy", f"{copy}{GO_ON}")
    assert errors(run(tmp_path / "nb.ipynb", *cells)) == ["not yet"]


def test_what_somebody_has_put_into_what_a_failed_step_has_made_stays(tmp_path: Path) -> None:
    path, out = tmp_path / "nb.ipynb", tmp_path / "out"
    text = "open('o' + 'ut/f', 'w').write('1')"
    cell = step("make", f"import os\nos.makedirs('out', exist_ok=True)\n{text}{GO_ON}")
    assert run(path, cell).status == "failed"
    (out / "mine").write_text("mine")
    (out / "f").write_text("mine, too")
    assert run(path, step("make", "x = 1")).status == "completed"
    assert [file.read_text() for file in sorted(out.iterdir())] == ["mine, too", "mine"]


def test_what_a_killed_run_has_made_is_not_in_the_way_of_the_next(tmp_path: Path) -> None:
    source = (
        "import os, pathlib, time\nos.makedirs('out/deep')\nopen('o' + 'ut/f', 'w').write('1')\n"
        "pathlib.Path('begun').touch()\ntime.sleep({})"
    )
    path = write(notebook(step("make", source.format(60))), tmp_path / "nb.ipynb")
    code = f"import nbflow; nbflow.load({str(path)!r}).run()"
    with subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert run(path, step("make", source.format(0))).status == "completed"
