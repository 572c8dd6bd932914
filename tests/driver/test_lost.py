"""Results damaged in the store between two runs: found before they are used, and made again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.errors import CorruptArtifactError
from nbflow.results import FlowRun
from nbflow.store.codecs import encode
from tests import notebooks
from tests.notebooks import foreach, notebook, step

pytestmark = pytest.mark.slow

#: Values over 64 KiB have files of their own; smaller ones stand in the database.
SIZES = {"large": 100_000, "small": 100}


class Kept:
    """A notebook with a store, run again and again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "kept.ipynb"
        self.store = folder / ".nbflow"

    def run(self, *cells: NotebookNode | str) -> FlowRun:
        notebooks.write(notebook(*cells), self.path)
        with nbflow.load(self.path) as flow:
            return flow.run(workers=2)

    def damage(self, digest: str) -> None:
        """Flip one bit of an artifact, wherever it lies."""
        file = self.store / "artifacts" / digest[:2] / digest[2:]
        if file.exists():
            file.chmod(0o644)
            file.write_bytes(flipped(file.read_bytes()))
            return
        with sqlite3.connect(self.store / "history.sqlite") as history:
            where = (bytes.fromhex(digest),)
            (data,) = history.execute("SELECT data FROM content WHERE digest = ?", where).fetchone()
            history.execute("UPDATE content SET data = ? WHERE digest = ?", (flipped(data), *where))
        history.close()


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def ran(run: FlowRun) -> set[str]:
    """The tasks that were not found in the cache."""
    assert run.status == "completed", [task.error for task in run.tasks]
    return {task.task for task in run.tasks if task.status != "cached"}


def digest(run: FlowRun, task: str, name: str) -> str:
    return next(one.outputs[name].digest for one in run.tasks if one.task == task)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    with sqlite3.connect(made.store / "history.sqlite") as history:
        assert history.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    history.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_only_the_producer_runs_again_for_a_new_reader(kept: Kept, size: int) -> None:
    chain = [
        step("first", f"first = b'a' * {size}"),
        step("second", "second = first * 2"),
        step("third", "third = len(second)"),
    ]
    before = kept.run(*chain)
    kept.damage(digest(before, "second", "second"))
    chain[2] = step("third", "third = len(second) + 1")
    after = kept.run(*chain)
    assert ran(after) == {"second", "third"}
    (second,) = [task for task in after.tasks if task.task == "second"]
    assert [(r.kind, r.subject) for r in second.reasons] == [("missing-artifact", "second")]
    assert after["third"].third == 2 * size + 1
    assert after["second"].second == b"a" * 2 * size
    assert ran(kept.run(*chain)) == set()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_what_the_producer_reads_is_made_again_as_well(kept: Kept, size: int) -> None:
    chain = [
        step("first", f"first = b'a' * {size}"),
        step("second", "second = first * 2"),
        step("aside", "aside = first[:1]"),
        step("third", "third = len(second)"),
    ]
    before = kept.run(*chain)
    kept.damage(digest(before, "first", "first"))
    kept.damage(digest(before, "second", "second"))
    chain[3] = step("third", "third = len(second) + 1")
    after = kept.run(*chain)
    assert ran(after) == {"first", "second", "third"}
    assert after["third"].third == 2 * size + 1


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_damaged_value_is_never_given_and_the_next_run_makes_it(kept: Kept, size: int) -> None:
    chain = [step("first", f"first = b'a' * {size}"), step("second", "second = len(first)")]
    before = kept.run(*chain)
    kept.damage(digest(before, "first", "first"))
    with pytest.raises(CorruptArtifactError, match="Run the notebook again"):
        _ = before["first"].first
    after = kept.run(*chain)
    assert ran(after) == {"first"}
    assert after["first"].first == b"a" * size


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_splits_and_items_are_made_again_one_by_one(kept: Kept, size: int) -> None:
    def cells(body: str, join: str) -> list[NotebookNode]:
        return [
            step("items", f"items = [bytes([i]) * {size} for i in range(4)]"),
            foreach("item in items", body),
            step("joined", join),
        ]

    before = kept.run(*cells("part = item * 2", "joined = len(part)"))
    kept.damage(digest(before, "part[2]", "part"))
    after = kept.run(*cells("part = item * 2", "joined = sum(map(len, part))"))
    assert ran(after) == {"part[2]", "joined"}
    assert after["joined"].joined == 8 * size

    kept.damage(encode(bytes([1]) * size).artifact.digest)
    again = kept.run(*cells("part = item * 3", "joined = sum(map(len, part))"))
    assert ran(again) == {"part[]", *(f"part[{i}]" for i in range(4)), "joined"}
    assert again["joined"].joined == 12 * size


def test_a_file_that_was_written_is_made_again(kept: Kept) -> None:
    cells = [step("write", "with open('out.txt', 'w') as f:\n    f.write('x' * 100_000)\ndone = 1")]
    before = kept.run(*cells)
    (change,) = before.store.candidates(next(t.key for t in before.tasks if t.key))[0].changes
    assert change.artifact is not None
    kept.damage(change.artifact.digest)
    (kept.path.parent / "out.txt").unlink()
    assert ran(kept.run(*cells)) == {"write"}
    assert (kept.path.parent / "out.txt").read_text() == "x" * 100_000


def test_a_step_that_gives_another_value_then_has_all_its_readers_run_again(kept: Kept) -> None:
    cells = [
        step("draw", "import os\ndraw = os.urandom(100_000)"),
        step("early", "early = draw[:8]"),
        step("late", "late = draw[8:16]"),
    ]
    before = kept.run(*cells)
    kept.damage(digest(before, "draw", "draw"))
    cells[2] = step("late", "late = draw[:8]")
    after = kept.run(*cells)
    assert ran(after) == {"draw", "early", "late"}
    assert after["early"].early == after["late"].late == after["draw"].draw[:8]
    assert after["early"].early != before["early"].early
    assert ran(kept.run(*cells)) == set()
