"""What happens to a file while a step runs, and to the clock between two runs."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from unittest import mock

import pytest

import nbflow
from tests.notebooks import notebook, step, write

WAITS = """
import os, time
x = open("d.txt").read()
open("began", "w").close()
while not os.path.exists("go"):
    time.sleep(0.005)
"""


def test_a_result_of_a_file_that_somebody_edits_meanwhile_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("one")
    path = write(notebook(step("a", WAITS), step("b", "y = x")), tmp_path / "flow.ipynb")

    def edit() -> None:
        while not (tmp_path / "began").exists():
            time.sleep(0.005)
        (tmp_path / "d.txt").write_text("two")
        (tmp_path / "go").touch()

    editor = threading.Thread(target=edit)
    editor.start()
    with nbflow.load(path) as flow:
        first = flow.run()
        editor.join()
        assert "file-changed-while-read" in {hazard.code for hazard in first.hazards}
        second = flow.run()
        assert {task.task: task.status for task in second.tasks}["a"] == "completed"
        assert second["b"].y == "two"
        third = flow.run()
        assert {task.status for task in third.tasks} == {"cached"}


@pytest.mark.parametrize("days", [-730, 400])
def test_a_clock_that_was_set_changes_nothing(tmp_path: Path, days: int) -> None:
    path = write(notebook(step("a", "a = 1"), step("b", "b = a + 1")), tmp_path / "flow.ipynb")
    with nbflow.load(path) as flow:
        before = flow.run()
    shifted = time.time() + 86400 * days
    with mock.patch("time.time", return_value=shifted), nbflow.load(path) as flow:
        after = flow.run()
        assert {task.status for task in after.tasks} == {"cached"}
        # The latest is the one that came last, whatever the clocks said.
        assert [run.id for run in nbflow.runs(path)] == [before.id, after.id]
    with nbflow.load(path) as flow:
        assert {task.status for task in flow.run().tasks} == {"cached"}
