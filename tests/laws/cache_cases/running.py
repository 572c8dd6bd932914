"""Runs rows: in this process, in another one with another hash seed, and there without the cache.

As a program it is the other process: it never ran what it is asked for, and takes one folder after
the other, since starting a process for each would take most of the time. For the same reason the
flows of one process share the process that forks their workers, where the environment is the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from unittest import mock

import nbflow
from nbflow.driver.workers import Workers
from nbflow.errors import FlowError
from nbflow.flow import Flow
from nbflow.records.message import WorkerEvent
from nbflow.records.task import TaskRun
from nbflow.results import FlowRun
from nbflow.run.executor import Executor
from nbflow.run.local import LocalExecutor
from nbflow.run.surroundings import Surroundings
from tests.laws.cache_cases.case import World

ROOT = str(Path(__file__).parents[3])
_executors: dict[str, tuple[LocalExecutor, SimpleQueue[WorkerEvent]]] = {}


class SharedWorkers(Workers):
    """Workers that are forked from what an earlier flow has left."""

    def __init__(self, surroundings: Surroundings | None = None) -> None:
        super().__init__(surroundings)
        key = repr(self._surroundings)
        if key not in _executors:
            while len(_executors) > 2:
                _executors.pop(next(iter(_executors)))[0].close()
            executor = LocalExecutor(
                self.events, preload=("numpy", "pandas"), surroundings=self._surroundings
            )
            _executors[key] = executor, self.events
        self._shared, self.events = _executors[key]

    def local(self, flow: Flow) -> Executor:  # noqa: ARG002
        return self._shared

    def close(self) -> None:
        """What is shared goes on."""


class Other:
    """The other process."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": ROOT}
        environment.pop("PYTEST_CURRENT_TEST", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, world: World, store: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        """A run with a store, and one without the cache."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = [str(world.notebook), str(store), world.parameters, world.environment]
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        with_store, without = json.loads(self._process.stdout.readline())
        return with_store, without

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def run(world: World) -> dict[str, Any]:
    """Run the notebook, loaded anew, in this process."""
    with _environment(world.environment):
        return told(world.notebook, world.parameters)


def told(
    notebook: Path, parameters: dict[str, Any], store: Path | None = None, cache: bool = True
) -> dict[str, Any]:
    """What became of a run: statuses and values of the steps, and what it warns of."""
    shared = mock.patch("nbflow.driver.notebook_flow.Workers", SharedWorkers)
    with shared, contextlib.closing(nbflow.load(notebook, store=store)) as flow:
        try:
            done = flow.run(cache=cache, workers=2, parameters=parameters)
        except FlowError as error:
            return {"status": "refused", "why": str(error), "steps": {}, "values": {}}
        return {
            "status": done.status,
            "why": [task.error.message for task in done.tasks if task.error],
            "steps": {task.task: task.status for task in done.tasks},
            "reasons": {task.task: [str(r) for r in task.reasons] for task in done.tasks},
            "values": {task.task: _values(done, task) for task in done.tasks},
            "hazards": sorted({problem.code for problem in done.hazards}),
        }


def keep(world: World) -> Path:
    """A copy of the store as it is."""
    kept = world.folder.parent / "kept"
    try:
        shutil.copytree(world.folder / ".nbflow", kept, symlinks=True)
    except shutil.Error:  # what SQLite has beside the database went as a connection was closed
        shutil.rmtree(kept)
        shutil.copytree(world.folder / ".nbflow", kept, symlinks=True)
    return kept


def _values(done: FlowRun, task: TaskRun) -> dict[str, Any]:
    values = {name: artifact.digest for name, artifact in task.outputs.items()}
    return {**values, "printed": done.logged(task)}


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        notebook, store, parameters, environment = json.loads(line)
        with _environment(environment):
            with_store = told(Path(notebook), parameters, Path(store))
            empty = Path(store).with_name("empty")
            without = told(Path(notebook), parameters, empty, cache=False)
        answers.write(json.dumps([with_store, without]) + "\n")
        answers.flush()
    for executor, _ in _executors.values():
        executor.close()


if __name__ == "__main__":
    main()
