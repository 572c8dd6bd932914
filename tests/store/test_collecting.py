"""Collecting beside writers and readers, and killed at any moment: nothing that is needed goes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from nbflow.records.digest import of_bytes
from nbflow.records.reason import Reason
from nbflow.records.task import RunRecord, TaskRecord, TaskRun
from nbflow.store import disk
from nbflow.store.busy import at_work
from nbflow.store.collecting import collect
from nbflow.store.damage import check
from nbflow.store.store import Store
from nbflow.store.verifications import TaskOutcome
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
from msgspec.structs import replace
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


def test_a_file_that_a_worker_is_writing_is_left_to_it(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its run begins once this has looked, and finds none.
    publish = disk.publish

    def collected_first(descriptor: int, temporary: Path, target: Path) -> None:
        collect(store, time.time())
        publish(descriptor, temporary, target)

    monkeypatch.setattr(disk, "publish", collected_first)
    artifact, _ = store.artifacts.store(b"x" * SIZE)
    assert store.load(artifact) == b"x" * SIZE
    temporary = root / "artifacts" / "temporary" / "left"
    temporary.write_bytes(b"x")
    collect(store, time.time() + 60)
    assert files(root) == []


def test_what_is_used_without_a_run_is_kept_as_long(root: Path, store: Store) -> None:
    kept = commit_large(store, 1)
    with at_work(store, "flow"):
        artifact, _ = store.artifacts.store(b"x" * SIZE)
        store.keep({of_bytes(b"given"): b"given"})
        assert collect(store, time.time(), 0, 0).live == ("flow",)
        assert store.load(artifact) == b"x" * SIZE
        assert store.load(kept.outputs["x"])
        assert store.database.rows("SELECT 1 FROM content WHERE data = ?", (b"given",))
    assert collect(store, time.time(), 0, 0).live == ()
    assert files(root) == []


def test_what_was_killed_as_it_used_a_flow_keeps_nothing(root: Path, store: Store) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {ROOT!r})
from nbflow.store.busy import at_work
from nbflow.store.store import Store
with at_work(Store.open(Path(sys.argv[1])), "flow"):
    print("begun", flush=True)
    sys.stdin.readline()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    assert collect(store, time.time()).live == ("flow",)
    process.kill()
    process.communicate()
    assert collect(store, time.time()).live == ()
    with at_work(store, "other"):
        assert store.database.rows("SELECT flow FROM busy") == [("other",)]


@pytest.mark.parametrize("table", ["record", "run", "story", "base", "verified"])
def test_a_damaged_row_is_no_end_and_loses_nothing_else(store: Store, table: str) -> None:
    made = commit_large(store, 1)
    run = RunRecord("run", "flow.ipynb", "flow", {}, "running", 1.0)
    store.history.begin(run)
    ran = TaskRun("a", "cell", "a", None, "cached", 0.0, made.key, started=made.started)
    store.history.finish(replace(run, status="completed", tasks=(ran,)))
    # The user's own: nowhere else is it to be had.
    own, small = store.artifacts.store(b"own" * SIZE)
    assert small is None
    store.files.begin_writing("flow", "f.txt", own, {})
    doubt = Reason("not-reproducible", "x", "1", "2")
    store.verifications.keep("flow", [TaskOutcome("cell", made, doubt)])
    column = "difference" if table == "verified" else "data"
    with store.writing() as connection:
        connection.execute(f"UPDATE {table} SET {column} = x'7b'")
    kept = own if table == "record" else made.outputs["x"]
    assert ("cell", made.recipe) in store.verifications.doubts("flow")
    assert store.history.find() == [] or table != "run"
    assert store.files.bases("flow") == ({} if table == "base" else {"f.txt": (own, True)})
    collect(store, time.time() + 60)
    assert store.load(kept)
    assert store.load(own) == b"own" * SIZE
    assert check(store).damages == ()


def test_of_what_was_cleared_nothing_stays(root: Path, store: Store) -> None:
    made = commit_large(store, 1)
    store.forget("flow", [made.cell])
    collect(store, time.time() + 60)
    for table in ("record", "recipe", "content", "verified", "forgotten"):
        assert store.database.rows(f"SELECT * FROM {table}") == [], table
    assert files(root) == []
