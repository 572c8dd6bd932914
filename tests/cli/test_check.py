"""``nbflow check``: any notebook can be looked at, and nothing is run or written."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.cli import shapes
from tests.cli.conftest import Nbflow
from tests.notebooks import notebook, write

DOUBTFUL = (
    "import numpy as np",
    "noise = np.random.normal(size=10)",
    "frame = read('/mnt/anna/prices.csv')",
    "total = frame.sum() + noise.sum()",
)
TOLD = """\
✘ cell [3] line 1: `read` is not defined
  Bind it in a cell above.

! 3 executions ([1] to [3]) are no longer in the notebook, of cells that were
  run again, changed or deleted: the cells may use what they left
  Restart the kernel, run all cells, and save.

! cell [1]: executed out of order: [7], after cell [4] below it
  Restart the kernel, run all cells, and save.

! cell [2] line 1: `np.random.normal` draws random numbers that nobody has
  seeded: they differ at each run
  Write `np.random.seed(0)` in a cell above.

! cell [3] line 1: `/mnt/anna/prices.csv` is a path of one machine
  Write it relative to the notebook, or make the folder a parameter.

doubtful.ipynb: 5 findings in 4 code cells
"""


def doubtful(folder: Path) -> None:
    document = notebook(*DOUBTFUL)
    for cell, count in zip(document.cells, (7, 4, 5, 6), strict=True):
        cell.execution_count = count
    write(document, folder / "doubtful.ipynb")


def test_what_is_doubtful_is_told_with_its_place_and_a_remedy(folder: Path, nbflow: Nbflow) -> None:
    doubtful(folder)
    before = sorted(folder.iterdir())
    result = nbflow("check", "doubtful.ipynb")
    assert (result.exit_code, result.stdout) == (1, TOLD)
    assert sorted(folder.iterdir()) == before


def test_programs_read_the_same(folder: Path, nbflow: Nbflow) -> None:
    doubtful(folder)
    result = nbflow("check", "doubtful.ipynb", "--json")
    found = msgspec.json.decode(result.stdout, type=shapes.Refusal).problems
    assert result.exit_code == 1
    assert [(each.code, each.number, each.line) for each in found] == [
        ("hidden-state", 0, None),
        ("out-of-order", 1, None),
        ("unseeded", 2, 1),
        ("absolute-path", 3, 1),
        ("unknown-name", 3, 1),
    ]


def test_a_clean_notebook_is_told_to_be_one(nbflow: Nbflow) -> None:
    result = nbflow("check", "small.ipynb")
    assert (result.exit_code, result.stdout) == (0, "small.ipynb: nothing found in 5 code cells\n")


def test_what_cannot_be_read_is_refused(folder: Path, nbflow: Nbflow) -> None:
    (folder / "torn.ipynb").write_text("{")
    for name in ("torn.ipynb", "smal.ipynb"):
        assert nbflow("check", name).exit_code == 2
    assert "Did you mean `small.ipynb`?" in nbflow("check", "smal.ipynb").stderr
