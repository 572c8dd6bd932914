"""What is known of a run that another process does."""

from __future__ import annotations

from pathlib import Path

import pytest

import nbflow
from nbflow.driver.elsewhere import going_on
from nbflow.errors import StoreError
from nbflow.records.task import RunRecord, TaskRun
from nbflow.store.history import History
from tests.notebooks import notebook, step, write


def test_a_run_elsewhere_goes_on_though_what_it_noted_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nbflow.load(write(notebook(step("a", "a = 1")), tmp_path / "n.ipynb")) as flow:
        flow.run(executor="inline")
        assert going_on(flow) is None
        (run,) = flow.store.history.find()
        monkeypatch.setattr(History, "going_on", lambda *_: run)
        assert [task.task for task in going_on(flow) or ()] == ["a"]

        def damaged(history: History, of: RunRecord) -> tuple[TaskRun, ...]:
            raise StoreError(f"the tasks of run {of.id} are damaged in {history}")

        monkeypatch.setattr(History, "tasks", damaged)
        assert going_on(flow) == ()
