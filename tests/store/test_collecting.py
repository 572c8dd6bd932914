"""Collecting beside writers and readers, and killed at any moment: nothing that is needed goes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbflow.records.digest import Digest
from nbflow.records.task import TaskRecord
from nbflow.store.collecting import collect
from nbflow.store.damage import check
from nbflow.store.own import REMEMBERED
from nbflow.store.store import Store
from tests.store.test_store import RECIPE, key_of, record

ROOT = str(Path(__file__).parents[2])
SIZE = 70_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / ".nbflow"


@pytest.fixture
def store(root: Path) -> Iterator[Store]:
    store = Store.open(root)
    yield store
    store.close()


def commit_large(store: Store, number: int) -> TaskRecord:
    """A result whose value has a file of its own."""
    artifact, small = store.artifacts.store(number.to_bytes(4) * (SIZE // 4))
    assert small is None
    made = record(number, artifact)
    store.commit(made, RECIPE, {}, "flow")
    return made


def files(root: Path) -> list[Path]:
    return [path for path in (root / "artifacts").rglob("*") if path.is_file()]


KILLED = f"""
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {ROOT!r})
from nbflow.store.store import Store
from nbflow.store.collecting import collect
left = int(sys.argv[2])
def step(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
def hear(event, arguments):
    if event in ("os.rename", "os.remove", "os.mkdir"):
        step()
store = Store.open(Path(sys.argv[1]))
store.database._connection.set_trace_callback(step)
sys.addaudithook(hear)
collect(store, 1e10, None, 2 * {SIZE})
store.close()
"""


@pytest.mark.slow
def test_it_can_be_killed_at_every_statement_and_every_file(root: Path, store: Store) -> None:
    points = 0
    for kill_at in range(1, 200):
        for number in range(4):
            commit_large(store, number)
        ended = subprocess.run([sys.executable, "-c", KILLED, str(root), str(kill_at)], check=False)
        # Whatever is still named can be loaded.
        for number in range(4):
            for found in store.candidates(key_of(number)):
                assert store.load(found.outputs["x"]) == number.to_bytes(4) * (SIZE // 4)
        assert check(store).damages == ()
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
        points += 1
    assert points > 20
    collect(store, 1e10, 0)
    assert files(root) == []


RUNNING = f"""
import sys, time
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {ROOT!r})
from nbflow.store.store import Store
from nbflow.records.task import RunRecord
from tests.store.test_collecting import commit_large
store = Store.open(Path(sys.argv[1]))
run = RunRecord("run", "flow.ipynb", "flow", {{}}, "running", time.time())
store.history.begin(run)
print("begun", flush=True)
for number in range(100):
    store.artifacts.store((number + 1).to_bytes(4) * {SIZE // 4})  # named by nothing yet
    made = commit_large(store, number)
    assert store.present(made.outputs.values()), number
    if number % 5 == 0:
        print(number, flush=True)
for number in range(100):
    (found,) = store.candidates(format(number, "064x")) or [None]
print("done", flush=True)
sys.stdin.readline()
store.history.finish(replace(run, status="completed"))
"""


@pytest.mark.slow
def test_a_run_loses_nothing_to_what_is_collected_beside_it(root: Path, store: Store) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", RUNNING, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "begun\n"
    rounds = 0
    while run.stdout.readline() not in ("done\n", ""):
        # It goes on while this collects.
        assert collect(store, time.time(), 0, 0).live == ("flow",)
        rounds += 1
    collect(store, time.time(), 0, 0)
    for number in range(100):
        (found,) = store.candidates(key_of(number))
        assert store.load(found.outputs["x"]) == number.to_bytes(4) * (SIZE // 4)
    assert rounds == 20
    run.communicate("\n", timeout=60)
    assert run.returncode == 0
    assert collect(store, time.time() + 60, 0, 0).left == 0


def test_a_run_that_was_killed_keeps_nothing_for_ever(root: Path, store: Store) -> None:
    code = RUNNING.replace("range(100)", "range(3)")
    run = subprocess.Popen(
        [sys.executable, "-c", code, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert [run.stdout.readline() for _ in range(3)] == ["begun\n", "0\n", "done\n"]
    run.kill()
    run.communicate()
    assert collect(store, time.time() + 60, 0).live == ()
    assert files(root) == []


def test_a_file_that_a_task_finds_meanwhile_is_put_back(root: Path, store: Store) -> None:
    artifact, _ = store.artifacts.store(b"x" * SIZE)
    path = store.artifacts.path(artifact.digest)
    real = Path.replace

    def found_first(self: Path, target: Path) -> Path:
        if self == path:
            store.artifacts.store(b"x" * SIZE)
        return real(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", found_first)
        collect(store, time.time())
    assert store.load(artifact) == b"x" * SIZE
    collect(store, time.time())
    assert files(root) == []


def test_what_the_history_answers_is_remembered_by_flow(store: Store) -> None:
    made = commit_large(store, 1)
    assert store.candidates(made.key, "other") == [made]
    assert store.forget("flow", [made.cell]) == 1
    assert store.candidates(made.key, "flow") == []
    assert "?2" in REMEMBERED
    assert Digest(made.key) == key_of(1)
