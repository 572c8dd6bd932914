"""Cancelling a run in the middle of what it does."""

from __future__ import annotations

from pathlib import Path

import nbflow
from nbflow.driver import RunEvent, TaskChanged
from tests import notebooks
from tests.notebooks import notebook, step


def test_a_task_that_is_cancelled_before_its_worker_is_asked_for_never_starts(
    tmp_path: Path,
) -> None:
    cells = [step("a", "open('ran', 'w').close()\na = 1"), step("b", "b = a")]
    path = notebooks.write(notebook(*cells), tmp_path / "a.ipynb")
    with nbflow.load(path) as flow:

        def cancel(event: RunEvent) -> None:
            # What the machine says next is to start the worker.
            if isinstance(event, TaskChanged) and event.run.status == "running":
                flow.cancel()

        run = flow.run(on_event=cancel)
    assert run.status == "cancelled"
    assert [task.status for task in run.tasks] == ["cancelled", "cancelled"]
    assert not (tmp_path / "ran").exists()
