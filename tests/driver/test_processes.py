"""What processes write that a step starts is what the step writes."""

from __future__ import annotations

from pathlib import Path

import pytest

import nbflow
from tests import notebooks

pytestmark = pytest.mark.slow

LIB = """
def write(n):
    with open(f"out-{n}.txt", "w") as file:
        file.write(f"{n} of the step")
    with open("log.txt", "a") as file:
        file.write(f"{n}\\n")
    return n
"""
FORKED = """
import multiprocessing
from lib import write
with multiprocessing.get_context({!r}).Pool(1) as pool:
    done = pool.map(write, range(3))
del pool
"""
WAYS = {
    "fork": FORKED.format("fork"),
    "spawn": FORKED.format("spawn"),
    "forkserver": FORKED.format("forkserver"),
    "joblib": """
from joblib import Parallel, delayed
from lib import write
done = [Parallel(2)(delayed(write)(n) for n in [n])[0] for n in range(3)]
""",
}
READ = "import glob\ntold = [open(p).read() for p in sorted(glob.glob('out-*.txt')) + ['log.txt']]"


@pytest.mark.parametrize("way", WAYS)
def test_files_of_other_processes_are_the_steps(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBLIB_MULTIPROCESSING", "1")
    (tmp_path / "lib.py").write_text(LIB)
    (tmp_path / "log.txt").write_text("mine\n")
    document = notebooks.notebook(notebooks.step("make", WAYS[way]), notebooks.step("look", READ))
    path = notebooks.write(document, tmp_path / "nb.ipynb")
    wanted = [*(f"{n} of the step" for n in range(3)), "mine\n0\n1\n2\n"]

    def statuses() -> list[str]:
        with nbflow.load(path) as flow:
            run = flow.run(workers=2)
            assert run["look"].told == wanted
            return [task.status for task in run.tasks]

    assert statuses() == ["completed", "completed"]
    assert statuses() == ["cached", "cached"]
    for file in tmp_path.glob("*.txt"):
        file.unlink()
    (tmp_path / "log.txt").write_text("mine\n")
    statuses()
    assert (tmp_path / "out-1.txt").read_text() == "1 of the step"
    # Another step: it starts from what was there before all of them.
    document.cells[0].source += "\nmore = 1"
    notebooks.write(document, path)
    assert statuses()[0] == "completed"
    assert (tmp_path / "log.txt").read_text() == wanted[-1]
