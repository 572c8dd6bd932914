"""Killed at, or refused, each single system call that writes: whole or absent, and named.

``strace`` counts the calls from a mark on, and lets one of them kill the process, or fail.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nbflow.records.digest import of_structure
from nbflow.store.damage import check
from nbflow.store.store import Store
from tests.store.test_store import commit

ROOT = str(Path(__file__).parents[2])
#: What changes anything on a disk, or is asked to make it last.
WRITING = (
    *(
        "openat",
        "write",
        "pwrite64",
        "rename",
        "renameat",
        "unlink",
        "unlinkat",
        "mkdir",
        "mkdirat",
    ),
    *("link", "linkat", "fchmod", "chmod", "fsync", "fdatasync", "ftruncate", "utimensat"),
    *("mmap", "fallocate", "close"),
)
#: No file of ours is behind these.
_PASSING = frozenset({"mmap", "close"})
MARK, END = "/mark-of-the-sweep", "/end-of-the-sweep"
#: Makes a store, or opens the one that is there; stores a large value and a small one, and tells.
WRITER = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {ROOT!r})
import asyncio, encodings.idna, sqlite3
from nbflow.errors import NbflowError
from nbflow.records.digest import of_structure
from nbflow.records.task import Recipe, TaskRecord
from nbflow.store.store import Store
root, kind = Path(sys.argv[1]), sys.argv[2]
def work():
    store = Store.open(root)
    try:
        for number, value in ((1, bytes(70_000)), (2, "small")):
            artifact, small = store.artifacts.store(value)
            mark = of_structure("key", number)
            made = TaskRecord(
                key=mark, cell="cell", step="step", index=None, recipe=mark, inputs={{}},
                outputs={{"x": artifact}}, facts=(), seconds=1.0,
            )
            data = {{artifact.digest: small}} if small else {{}}
            store.commit(made, Recipe(mark, "x", {{}}, (), {{}}), data, "flow")
            print(number, flush=True)
    finally:
        store.close()
if kind == "old":
    Store.open(root).close()
os.path.exists({MARK!r})
try:
    work()
except NbflowError as error:
    print("named", error.message, "|", error.remedy, flush=True)
os.path.exists({END!r})
work()  # the disk is well again: nothing has to be done by hand
"""
VALUES: dict[int, object] = {1: bytes(70_000), 2: "small"}
DONE = "1\n2\n"


def _strace() -> str:
    found = shutil.which("strace")
    if found is None or subprocess.run([found, "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("needs strace, and may not use it here")
    return found


def write(
    root: Path, kind: str, inject: str = "", log: str = os.devnull
) -> subprocess.CompletedProcess[str]:
    """The writer under ``strace``; in its log each call that writes."""
    calls = ",".join(WRITING)
    more = ["-e", f"inject={inject}"] if inject else []
    return subprocess.run(
        (
            *(_strace(), "-qq", "-o", log, "-e", f"trace={calls},stat,newfstatat,access", *more),
            *(sys.executable, "-c", WRITER, str(root), kind),
        ),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def points(root: Path, kind: str) -> Iterator[tuple[str, int]]:
    """Each call between the marks: its name, and the how manieth it is of the whole process."""
    log = root.parent / "calls.txt"
    assert write(root, kind, log=str(log)).returncode == 0
    counts, is_between = Counter[str](), False
    for line in log.read_text().splitlines():
        name = line.partition("(")[0]
        counts[name] += 1
        is_between = (is_between or MARK in line) and END not in line
        is_ours = name not in _PASSING and not re.search(r"O_RDONLY|\(1, |\(2, ", line)
        if is_between and name in WRITING and is_ours:
            yield name, counts[name]


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Makes a place for another store, of a user who has no key yet."""
    numbers = itertools.count()

    def place() -> Path:
        folder = tmp_path / f"{next(numbers)}"
        folder.mkdir()
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(folder / "jupyter"))
        return folder / ".nbflow"

    return place


def hold_together(root: Path, told: str) -> None:
    """What was told to be stored is there, and whatever is there is right and whole."""
    with closing(Store.open(root)) as store:
        assert check(store).damages == ()
        assert (root / ".gitignore").read_text() == "*\n"
        for number, value in VALUES.items():
            found = store.candidates(of_structure("key", number))
            assert found or str(number) not in told.split()
            for record in found:
                assert store.load(record.outputs["x"]) == value
    with closing(sqlite3.connect(root / "history.sqlite")) as history:
        assert history.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["new", "old"])
def test_a_result_is_there_or_not_wherever_it_is_killed(
    fresh: Callable[[], Path], kind: str
) -> None:
    killed = 0
    for name, count in [*points(fresh(), kind)]:
        root = fresh()
        ended = write(root, kind, f"{name}:signal=SIGKILL:when={count}")
        killed += ended.returncode == -signal.SIGKILL
        # The next one works, and nothing has to be done by hand.
        hold_together(root, ended.stdout)
        with closing(Store.open(root)) as store:
            assert commit(store, 3).outputs
        shutil.rmtree(root.parent)
    assert killed > 60


#: Which calls fail so.
_FAILING = {
    "EIO": frozenset(WRITING),
    "ENOSPC": frozenset({"mkdir", "openat", "write", "pwrite64", "ftruncate", "link", "rename"}),
    "EDQUOT": frozenset({"mkdir", "openat", "write"}),
    "EMFILE": frozenset({"openat"}),
    "EROFS": frozenset({"mkdir", "openat", "unlink", "link", "rename", "fchmod"}),
}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("error", _FAILING)
@pytest.mark.parametrize("kind", ["new", "old"])
def test_a_call_that_fails_is_named_and_leaves_nothing(
    fresh: Callable[[], Path], kind: str, error: str
) -> None:
    named = 0
    for name, count in [*points(fresh(), kind)]:
        # SQLite writes its pages one by one: each third of them will do.
        if name not in _FAILING[error] or (name == "pwrite64" and count % 3):
            continue
        root = fresh()
        ended = write(root, kind, f"{name}:error={error}:when={count}")
        assert ended.returncode == 0, (name, count, ended.stderr)
        first, _, told = ended.stdout.partition("named")
        named += bool(told)
        if told:
            assert str(root) in told or "signing-key" in told
            assert told.endswith(DONE)
        else:
            assert first == 2 * DONE
        hold_together(root, ended.stdout)
        assert not [*(root / "artifacts").rglob("temporary/*")]
        shutil.rmtree(root.parent)
    assert named
