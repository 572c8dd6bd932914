"""Why a step runs again whose file has changed: how large it was and is, and where it differs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import nbflow
from nbflow.records.files import CHANGED
from nbflow.records.reason import Reason
from nbflow.store.collecting import collect
from tests.notebooks import notebook, step, write


def reason(folder: Path, before: bytes, after: bytes, name: str = "data.csv") -> Reason:
    """Why a step runs that has read a file, once that holds something else."""
    path = write(
        notebook(step("a", f"with open({name!r}, 'rb') as file:\n    a = len(file.read())")),
        folder / "test.ipynb",
    )
    (folder / name).write_bytes(before)
    with nbflow.load(path) as flow:
        flow.run(executor="inline")
    (folder / name).write_bytes(after)
    with nbflow.load(path) as flow:
        (found,) = flow.plan()["a"].reasons
    assert (found.kind, found.subject) == ("file", name)
    return found


LONG = "x" * 40_000


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", ("6 bytes, line 2: b", "6 bytes, line 2: B")),
        ("a\n", "a\nmore\n", ("2 bytes, line 2: nothing", "7 bytes, line 2: more")),
        ("a\n", "a", ("2 bytes", "1 bytes")),
        (f"{LONG[:99]}", "", ("99 bytes, line 1: " + "x" * 59 + "…", "0 bytes, line 1: nothing")),
        (LONG, LONG + "y", ("40,000 bytes", "40,001 bytes")),
        ("a\0b", "a\0c", ("3 bytes", "3 bytes")),
    ],
)
def test_sizes_and_the_first_line_that_differs_are_told(
    tmp_path: Path, before: str, after: str, told: tuple[str, str]
) -> None:
    found = reason(tmp_path, before.encode(), after.encode())
    assert (found.before, found.after) == told


def test_a_text_is_kept_as_long_as_the_result_is(tmp_path: Path) -> None:
    path = write(
        notebook(step("a", "with open('data.csv') as file:\n    a = file.read()")),
        tmp_path / "test.ipynb",
    )
    (tmp_path / "data.csv").write_text("a\n")
    with nbflow.load(path) as flow:
        flow.run(executor="inline")
        collect(flow.store, time.time())
    (tmp_path / "data.csv").write_text("b\n")
    with nbflow.load(path) as flow:
        (found,) = flow.plan()["a"].reasons
    assert found.before == "2 bytes, line 1: a"


def test_of_a_file_that_changed_while_it_was_read_nothing_more_is_told(tmp_path: Path) -> None:
    touch = "ctypes.CDLL(None).utime(b'data.csv', None)"  # which nobody sees the step do
    body = f"import ctypes\nwith open('data.csv') as file:\n    a = file.read()\n{touch}"
    path = write(notebook(step("a", body)), tmp_path / "test.ipynb")
    (tmp_path / "data.csv").write_text("a\n")
    with nbflow.load(path) as flow:
        flow.run(executor="inline")
        (found,) = flow.plan()["a"].reasons
    assert (found.kind, found.subject, found.before) == ("file", "data.csv", CHANGED)


def test_nothing_is_kept_of_a_hidden_file(tmp_path: Path) -> None:
    found = reason(tmp_path, b"KEY=secret\n", b"KEY=other\n", ".env")
    assert (found.before, found.after) == ("11 bytes", "10 bytes")
    held = b"".join(p.read_bytes() for p in (tmp_path / ".nbflow").rglob("*") if p.is_file())
    assert b"KEY=secret" not in held
