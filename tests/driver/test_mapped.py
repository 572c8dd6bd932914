"""Arrays that one step has mapped from a file, and another one changes."""

from __future__ import annotations

from pathlib import Path

import nbflow
from tests.notebooks import notebook, step, write

MAKE = "import numpy as np\nm = np.memmap('x.dat', dtype='i4', mode='{}', shape=(4,))"


def hazards(folder: Path, mode: str) -> list[str]:
    cells = [step("make", MAKE.format(mode)), step("change", "m[0] = 5"), step("read", "x = m[0]")]
    with nbflow.load(write(notebook(*cells), folder / "case.ipynb")) as flow:
        run = flow.run()
        assert run["read"].x == 5
        return [hazard.message for hazard in run.hazards if hazard.code == "unwritten-file"]


def test_a_change_that_does_not_reach_the_file_is_named(tmp_path: Path) -> None:
    (message,) = hazards(tmp_path, "w+")
    assert "step `change` changes `m`" in message


def test_a_change_of_memory_alone_is_not(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(bytes(16))
    assert hazards(tmp_path, "c") == []
