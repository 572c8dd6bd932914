"""A folder that a step makes is not there when the step runs again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

import nbflow
from tests.notebooks import notebook, step, write

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
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
    ],
)
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
