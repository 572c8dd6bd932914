"""What a long history costs: to be asked something, and on the disk."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from msgspec.structs import replace

import nbflow as package
from nbflow.records.artifact import Artifact
from nbflow.records.digest import of_structure
from nbflow.records.task import RunRecord, TaskRun
from nbflow.store.store import Store
from tests import notebooks
from tests.benchmarks.alone import at_most
from tests.benchmarks.beside_metaflow import chain
from tests.benchmarks.measure import Row, alternate, command

RUNS, TASKS = 10_000, 50


def runs10000() -> Row:
    """A filter that a hundred of the runs pass, of which the last are listed."""
    with tempfile.TemporaryDirectory(prefix="nbflow-benchmark-") as folder:
        store = Store.open(Path(folder) / ".nbflow")
        store.database.rows("PRAGMA synchronous=OFF")
        for number in range(RUNS):
            run = _run(number)
            store.history.finish(
                replace(store.history.begin(run, b"{}"), status="completed", tasks=_tasks(number))
            )
        store.close()
        main = "from nbflow.cli import main; main()"
        words = ("runs", "--param", "rate>0.99", "--status", "completed", "--since", "2020-01-01")
        (taken,) = alternate(
            lambda: command(sys.executable, "-c", main, *words, cwd=Path(folder)), repeats=7
        )
    work = f"`nbflow runs` with a filter, {RUNS:,} runs of {TASKS} tasks, whole process"
    return at_most(work, taken.seconds * 1000, 300, "ms")


def growth() -> Row:
    """Bytes of the history for each task of a run in which all is cached."""
    again = 20
    with tempfile.TemporaryDirectory(prefix="nbflow-benchmark-") as folder:
        path = notebooks.write(chain(TASKS), Path(folder) / "chain.ipynb")
        with package.load(path) as flow:
            assert flow.run(workers=2).status == "completed"
            before = _size(flow.store)
            for _ in range(again):
                ended = flow.run(workers=2)
            assert {task.status for task in ended.tasks} == {"cached"}
            tasks = again * len(ended.tasks)
            each = (_size(flow.store) - before) / tasks
    return at_most("growth of the store by one cached task", each, 1000, "bytes")


def _size(store: Store) -> int:
    store.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(path.stat().st_size for path in store.root.rglob("*") if path.is_file())


def _run(number: int) -> RunRecord:
    return RunRecord(
        id=f"{20200101 + number % 28}-{number:06d}-abcdef",
        notebook=f"/notebooks/{number % 7}.ipynb",
        flow="study",
        parameters={"rate": repr(number % 100 / 100 + 0.0001), "depth": "3", "model": "'ridge'"},
        status="running",
        started=1_767_323_045.0 + number,
        user="somebody",
        host="somewhere",
    )


def _tasks(number: int) -> tuple[TaskRun, ...]:
    return tuple(
        TaskRun(
            task=f"step_{place}",
            cell=f"cell-{place}",
            step=f"step_{place}",
            index=None,
            status="cached",
            seconds=0.1,
            key=of_structure("key", [number % 50, place]),
            outputs={"value": _artifact(number % 50, place)},
            started=1_767_323_045.0,
            peak_bytes=40_000_000,
        )
        for place in range(TASKS)
    )


def _artifact(number: int, place: int) -> Artifact:
    return Artifact(of_structure("value", [number, place]), "json", 24, "int", str(place))
