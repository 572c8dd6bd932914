"""A notebook that has run, to be exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.driver import NotebookFlow
from tests.notebooks import notebook, write

#: Runs a notebook with these cells in this process, and gives its flow.
Flow: TypeAlias = Callable[..., NotebookFlow]


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[Flow]:
    flows: list[NotebookFlow] = []

    def run(*cells: NotebookNode | str, name: str = "small", **parameters: object) -> NotebookFlow:
        flow = nbflow.load(write(notebook(*cells), tmp_path / f"{name}.ipynb"))
        flows.append(flow)
        ended = flow.run(executor="inline", parameters=parameters)
        assert ended.status == "completed", [task.error for task in ended.tasks if task.error]
        return flow

    yield run
    for flow in flows:
        flow.close()
