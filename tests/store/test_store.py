"""What is committed stays, what is not committed never shows, and no foreign record is believed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from nbflow.errors import CorruptArtifactError, StoreError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest, of_structure
from nbflow.records.task import Fact, Recipe, RunRecord, TaskRecord
from nbflow.store import process
from nbflow.store.codecs import encode_splits
from nbflow.store.store import Store

RECIPE = Recipe(
    of_structure("body", 1), "x = 1", {"f": (of_structure("f", 1), "def f(): ...")}, (), {}
)
FACTS = tuple(Fact("distribution", f"package{index}", "1.0") for index in range(3))


@pytest.fixture(autouse=True)
def _own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "project" / ".nbflow"


@pytest.fixture
def store(root: Path) -> Iterator[Store]:
    opened = Store.open(root)
    yield opened
    opened.close()


def key_of(number: int) -> Digest:
    return of_structure("key", number)


def record(number: int, output: Artifact, index: int | None = None) -> TaskRecord:
    return TaskRecord(
        key=key_of(number),
        cell="cell",
        step="step",
        index=index,
        recipe=of_structure("recipe", 1),
        inputs={"n": of_structure("n", number)},
        outputs={"x": output},
        facts=FACTS,
        seconds=1.0,
    )


def commit(store: Store, number: int, index: int | None = None) -> TaskRecord:
    artifact, data = store.artifacts.store(f"value {number}")
    assert data is not None
    made = record(number, artifact, index)
    store.commit(made, RECIPE, {artifact.digest: data}, "flow")
    return made


def test_a_committed_task_is_found_by_its_key_with_its_values(store: Store) -> None:
    made = commit(store, 1)
    assert store.candidates(made.key) == [made]
    assert store.candidates(key_of(2)) == []
    assert store.recipe(made.recipe) == RECIPE
    assert store.recipe(key_of(9)) is None
    assert store.load(made.outputs["x"]) == "value 1"


def test_candidates_come_newest_first(store: Store) -> None:
    first = commit(store, 1)
    second = replace(first, seconds=2.0)
    store.commit(second, RECIPE, {}, "flow")
    assert store.candidates(first.key) == [second, first]


def test_another_process_sees_what_is_committed(store: Store, root: Path) -> None:
    made = commit(store, 1)
    other = Store.open(root)
    assert other.candidates(made.key) == [made]
    assert other.load(made.outputs["x"]) == "value 1"
    other.close()


def open_at_once(root: Path, barrier: Barrier) -> None:
    barrier.wait()
    Store.open(root).close()


def test_many_processes_make_a_new_store_at_once(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    for attempt in range(10):  # about one in five used to go wrong
        barrier = fork.Barrier(6)
        arguments = (tmp_path / f"{attempt}", barrier)
        processes = [fork.Process(target=open_at_once, args=arguments) for _ in range(6)]
        for child in processes:
            child.start()
        for child in processes:
            child.join()
        assert [child.exitcode for child in processes] == [0] * 6


def test_the_latest_task_is_that_of_the_same_flow_cell_and_split(store: Store) -> None:
    commit(store, 1, index=0)
    second, other = commit(store, 2, index=0), commit(store, 3, index=1)
    whole = commit(store, 4)
    assert store.latest("cell", 0, "flow") == second
    assert store.latest("cell", 1, "flow") == other
    assert store.latest("cell", None, "flow") == whole
    assert store.latest("cell", 0, "other flow") is None
    assert store.latest("other cell", 0, "flow") is None


def test_a_duration_is_that_of_one_split(store: Store) -> None:
    artifact, _ = store.artifacts.store(1)
    store.commit(replace(record(1, artifact), seconds=90.0), RECIPE, {}, "flow")
    assert store.durations("flow") == {"cell": 90.0}
    store.commit(replace(record(2, artifact, index=0), seconds=1.0), RECIPE, {}, "flow")
    store.commit(replace(record(3, artifact, index=1), seconds=2.0), RECIPE, {}, "flow")
    assert store.durations("flow") == {"cell": 1.5}
    assert store.durations("other") == {}


def test_what_is_missing_is_found_down_to_the_parts_of_splits(store: Store) -> None:
    small = commit(store, 1).outputs["x"]
    large, _ = store.artifacts.store(np.arange(20_000.0))
    lost, _ = store.artifacts.store("never committed")
    whole, whole_data = store.artifacts.put(encode_splits([small, large]))
    torn, torn_data = store.artifacts.put(encode_splits([small, lost]))
    assert whole_data is not None
    assert torn_data is not None
    store.keep({whole.digest: whole_data, torn.digest: torn_data})
    assert store.present([small, large, whole])
    assert store.missing([small, large, lost, whole, torn]) == {lost.digest, torn.digest}
    assert set(store.data([whole])) == {whole.digest, small.digest}
    store.artifacts.quarantine(large.digest)
    assert store.missing([whole, large]) == {whole.digest, large.digest}


def test_many_splits_load_as_one_list(store: Store) -> None:
    stored = [store.artifacts.store(number) for number in range(1200)]
    splits, data = store.artifacts.put(encode_splits([artifact for artifact, _ in stored]))
    assert data is None
    store.keep({artifact.digest: data for artifact, data in stored if data})
    assert store.load(splits) == list(range(1200))


def test_an_artifact_is_found_by_the_beginning_of_its_digest(store: Store) -> None:
    made = commit(store, 1)
    output = made.outputs["x"]
    assert store.artifact(output.digest[:10]) == output
    assert store.artifact("0123456789") is None


def alter(root: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(root / "history.sqlite") as connection:
        assert connection.execute(statement, values).rowcount >= 1
    connection.close()


def test_a_damaged_small_content_is_removed_and_named(store: Store, root: Path) -> None:
    output = commit(store, 1).outputs["x"]
    alter(root, "UPDATE content SET data = data || x'00'")
    with pytest.raises(CorruptArtifactError):
        store.load(output)
    assert not store.present([output])


@pytest.mark.parametrize(
    "poison",
    [
        "UPDATE record SET signature = zeroblob(32)",
        "UPDATE record SET data = replace(data, 'step', 'pest')",
        "UPDATE record SET facts = zeroblob(32)",
    ],
)
def test_an_altered_record_is_a_miss(store: Store, root: Path, poison: str) -> None:
    made = commit(store, 1)
    alter(root, poison)
    assert store.candidates(made.key) == []
    assert store.latest("cell", None, "flow") is None


def test_a_record_moved_to_another_key_is_a_miss(store: Store, root: Path) -> None:
    commit(store, 1)
    alter(root, "UPDATE record SET key = ?", bytes.fromhex(key_of(2)))
    assert store.candidates(key_of(2)) == []


def test_the_store_of_another_user_is_a_miss(
    store: Store, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = commit(store, 1)
    store.history.begin(RunRecord("1", "a.ipynb", "a", {}, "running", started=1.0))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "another"))
    other = Store.open(root)
    assert other.candidates(made.key) == []
    assert other.history.find() == []
    other.close()


def test_the_key_is_private_and_lies_outside_the_store(store: Store, tmp_path: Path) -> None:
    (key,) = (tmp_path / "jupyter" / "nbflow").iterdir()
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o644)
    with pytest.raises(StoreError, match="others can read"):
        Store.open(store.root)


def test_a_process_is_told_from_a_later_one_of_its_number() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    born = process.birth(child.pid)
    assert process.lives(child.pid, born)
    assert not process.lives(os.getpid(), born)
    child.communicate(b"\n")
    assert not process.lives(child.pid, born)


@pytest.mark.usefixtures("store")
def test_the_store_keeps_out_of_version_control(root: Path) -> None:
    assert (root / ".gitignore").read_text() == "*\n"
    assert (
        (root / "CACHEDIR.TAG")
        .read_text()
        .startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )
    assert root.stat().st_mode & 0o777 == 0o700


def open_file(root: Path) -> None:
    root.write_text("a file")


def open_foreign_folder(root: Path) -> None:
    root.mkdir()
    (root / "thesis.tex").write_text("years of work")


def open_later_version(root: Path) -> None:
    Store.open(root).close()
    with sqlite3.connect(root / "history.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def open_foreign_database(root: Path) -> None:
    root.mkdir()
    with sqlite3.connect(root / "history.sqlite") as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()


def open_damaged_database(root: Path) -> None:
    root.mkdir()
    (root / "history.sqlite").write_bytes(b"not a database" * 1000)


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (open_file, "is a file"),
        (open_foreign_folder, "thesis.tex"),
        (open_later_version, "later version"),
        (open_foreign_database, "not a history of nbflow"),
        (open_damaged_database, "damaged"),
    ],
)
def test_what_is_no_store_is_refused_with_a_remedy(
    root: Path, prepare: Callable[[Path], None], message: str
) -> None:
    root.parent.mkdir()
    prepare(root)
    before = sorted(path.name for path in root.parent.rglob("*"))
    with pytest.raises(StoreError, match=message) as caught:
        Store.open(root)
    assert "--store" in caught.value.remedy
    if prepare is open_foreign_folder:
        assert sorted(path.name for path in root.parent.rglob("*")) == before


def test_a_damaged_history_is_put_aside_for_a_new_one(root: Path) -> None:
    for number in (1, 2):
        with closing(Store.open(root)) as store:
            commit(store, 1)
        history = root / "history.sqlite"
        content = bytearray(history.read_bytes())
        content[4096:] = bytes(len(content) - 4096)
        history.write_bytes(content)
        with (
            pytest.raises(StoreError, match="is damaged") as caught,
            closing(Store.open(root)) as store,
        ):
            store.latest("cell-1", None, "flow")
        assert caught.value.remedy.startswith("run again")
        with closing(Store.open(root)) as store:
            assert store.latest("cell-1", None, "flow") is None
            commit(store, 1)
        assert (root / f"history.damaged-{number}.sqlite").read_bytes() == content


def damage(root: Path) -> None:
    """Another program writes into the history."""
    code = (
        "import sqlite3, sys; base = sqlite3.connect(sys.argv[1])\n"
        "base.execute('pragma wal_checkpoint(truncate)'); base.close()\n"
        "with open(sys.argv[1], 'r+b') as file:\n    file.seek(4096); file.write(bytes(500_000))"
    )
    subprocess.run([sys.executable, "-c", code, str(root / "history.sqlite")], check=True)


def test_who_still_has_a_damaged_history_open_leaves_the_new_one_alone(root: Path) -> None:
    with closing(Store.open(root)) as kernel:
        commit(kernel, 1)
        damage(root)
        with pytest.raises(StoreError, match="is damaged"), closing(Store.open(root)) as command:
            command.latest("cell-1", None, "flow")
        with closing(Store.open(root)) as command:  # which puts it aside
            made = commit(command, 2)
        with pytest.raises(StoreError, match="is damaged"):
            kernel.candidates(key_of(1))
    with closing(Store.open(root)) as command:
        assert command.candidates(made.key) == [made]
    assert [path.name for path in root.glob("history.damaged*.sqlite")] == [
        "history.damaged-1.sqlite"
    ]


def test_a_store_on_a_read_only_disk_answers_and_takes_nothing(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = commit(store, 1)
    store.close()
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    opened = Store.open(root)
    assert not opened.writable
    assert opened.candidates(made.key) == [made]
    assert opened.load(made.outputs["x"]) == "value 1"
    with pytest.raises(StoreError, match="read-only"):
        commit(opened, 2)
    opened.close()


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from nbflow.store.store import Store
from tests.store.test_store import commit
store = Store.open(Path({root!r}))
first, count = int(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(first, first + count):
    commit(store, number)
    print(number, flush=True)
"""


def start_writer(root: Path, first: int, count: int) -> subprocess.Popen[str]:
    code = WRITER.format(tests=str(Path(__file__).parents[2]), root=str(root))
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(first), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("go\n")
    writer.stdin.flush()
    return writer


@pytest.mark.slow
def test_processes_that_write_at_once_lose_nothing(root: Path, store: Store) -> None:
    writers = [start_writer(root, first, 200) for first in range(0, 800, 200)]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    for number in range(800):
        (found,) = store.candidates(key_of(number))
        assert store.load(found.outputs["x"]) == f"value {number}"


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_it_has_committed(root: Path, store: Store) -> None:
    for attempt in range(10):
        writer = start_writer(root, attempt * 100_000, 100_000)
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(5 * attempt)]
        writer.send_signal(signal.SIGKILL)
        output, _ = writer.communicate(timeout=60)
        told += [int(line) for line in output.split("\n")[:-1]]
        for number in told:
            (found,) = store.candidates(key_of(number))
            assert store.present(found.outputs.values())
        commit(store, 50_000_000 + attempt)
    with sqlite3.connect(root / "history.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        ((records,), (contents,)) = (
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            for table in ("record", "content")
        )
    connection.close()
    assert contents == records + 1  # one list of facts for all


FULL = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import numpy
from nbflow.errors import StoreError
from nbflow.store.store import Store
from tests.store.test_store import commit
store = Store.open(Path({root!r}))
first = commit(store, 0)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
committed = [first]
try:
    for number in range(1, 10_000):
        committed.append(commit(store, number))
except StoreError as error:
    print(error.message)
try:
    store.artifacts.store(numpy.arange(100_000.0))
except StoreError as error:
    print(error.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
committed.append(commit(store, 20_000))
assert all(store.candidates(record.key) == [record] for record in committed)
assert not list(store.artifacts.root.rglob("temporary/*"))
"""


def test_a_full_disk_is_named_and_what_was_committed_stays(root: Path) -> None:
    code = FULL.format(tests=str(Path(__file__).parents[2]), root=str(root))
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stderr == ""
    database, artifact = told.stdout.splitlines()
    assert str(root / "history.sqlite") in database
    assert str(root / "artifacts") in artifact
