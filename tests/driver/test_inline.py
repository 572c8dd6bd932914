"""What runs in the calling process leaves nothing behind in it."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

import nbflow
from nbflow.driver.workers import ExecutorKind
from tests.notebooks import notebook, write

CELLS = ("%%step load\ndata = [1]", "%%step train\nmodel = data + [2]\nprint(model)")


def open_files() -> int:
    gc.collect()
    return len([*Path("/proc/self/fd").iterdir()])


@pytest.mark.parametrize("executor", ["inline", "local"])
def test_a_flow_that_is_dropped_leaves_no_file_open(tmp_path: Path, executor: ExecutorKind) -> None:
    path = write(notebook(*CELLS), tmp_path / "small.ipynb")

    def run() -> None:
        with nbflow.load(path) as flow:
            assert flow.run(executor=executor).status == "completed"

    run()
    before = open_files()
    for _ in range(3):
        run()
    assert open_files() == before
