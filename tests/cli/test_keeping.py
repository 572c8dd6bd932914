"""``nbflow store``, ``gc`` and ``clear``: what is kept, what goes, and what never does."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from nbflow.records.digest import of_bytes
from nbflow.store.store import Store
from tests.cli.conftest import Nbflow
from tests.notebooks import notebook, parameters, step, write

BIG = 200_000


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def two(folder: Path, nbflow: Nbflow) -> Path:
    """Two notebooks with a step of the same source, both of which have run."""
    for name in ("big", "other"):
        document = notebook(
            parameters("n: int = 1", cell_id="parameters"),
            step("load", f"data = b'x' * {BIG} + bytes([n])", cell_id=f"{name}-load"),
            step("size", "size = len(data)", cell_id=f"{name}-size"),
        )
        write(document, folder / f"{name}.ipynb")
        assert nbflow("run", f"{name}.ipynb").exit_code == 0
    return folder


def told(nbflow: Nbflow, *arguments: str, code: int = 0) -> Any:
    result = nbflow(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def verdicts(nbflow: Nbflow, name: str, *arguments: str) -> list[str]:
    return [step["verdict"] for step in told(nbflow, "plan", name, *arguments)["steps"]]


def stored(folder: Path) -> list[Path]:
    return list((folder / ".nbflow" / "artifacts").glob("??/*"))


# --- how much there is ---


@pytest.mark.usefixtures("two")
def test_sizes_are_told_by_flow_and_step(nbflow: Nbflow) -> None:
    found = told(nbflow, "store")
    assert [flow["flow"] for flow in found["flows"]] == ["big", "other"]
    load, size = found["flows"][0]["steps"]
    assert (load["step"], size["step"], load["results"]) == ("load", "size", 1)
    assert load["bytes"] > BIG > size["bytes"]
    # What two flows share is there once.
    assert BIG < found["bytes"] < sum(flow["bytes"] for flow in found["flows"])
    one = told(nbflow, "store", "other.ipynb")
    assert [flow["flow"] for flow in one["flows"]] == ["other"]
    lines = nbflow("store").stdout.splitlines()
    assert lines[0].split()[:3] == ["big", "/", "load"]
    assert all(len(line) <= 80 for line in lines[:-1])
    assert "results of 2 flows" in nbflow("store").stdout


# --- clear ---


@pytest.mark.usefixtures("two")
def test_a_step_that_is_cleared_runs_again_and_no_other_notebook_loses_anything(
    nbflow: Nbflow,
) -> None:
    assert told(nbflow, "clear", "big.ipynb", "load") == {
        "flow": "big",
        "steps": ["load"],
        "forgotten": 1,
    }
    assert verdicts(nbflow, "big.ipynb") == ["run", "unknown"]
    assert verdicts(nbflow, "other.ipynb") == ["reuse", "reuse"]
    assert nbflow("clear", "other.ipynb").stdout == "2 results forgotten.\n"
    assert verdicts(nbflow, "other.ipynb") == ["run", "run"]
    nbflow("run", "big.ipynb")
    assert verdicts(nbflow, "big.ipynb") == ["reuse", "reuse"]


def test_results_of_steps_that_are_gone_are_cleared_with_the_flow(
    two: Path, nbflow: Nbflow
) -> None:
    write(notebook(step("size", "size = 1", cell_id="big-size")), two / "big.ipynb")
    assert told(nbflow, "clear", "big.ipynb")["forgotten"] == 2
    assert [flow["flow"] for flow in told(nbflow, "store")["flows"]] == ["other"]


# --- gc ---


def test_what_no_result_names_is_freed(two: Path, nbflow: Nbflow) -> None:
    nbflow("clear", "big.ipynb")
    assert told(nbflow, "gc")["artifacts"] < 3  # the other flow's results name the same
    assert len(stored(two)) == 1
    nbflow("clear", "other.ipynb")
    assert told(nbflow, "store")["unneeded"] > BIG
    would = told(nbflow, "gc", "--dry-run")
    assert (would["dry_run"], len(stored(two))) == (True, 1)
    found = told(nbflow, "store", "gc")
    assert (found["freed"], found["left"]) == (would["freed"], would["left"])
    assert stored(two) == []
    assert told(nbflow, "gc")["freed"] == 0
    for name in ("big", "other"):
        assert nbflow("run", f"{name}.ipynb").exit_code == 0
    assert len(stored(two)) == 1


@pytest.mark.usefixtures("two")
def test_what_no_run_has_used_for_long_is_dropped_and_what_was_reused_stays(
    nbflow: Nbflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = 86400.0
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 20 * day)
    nbflow("run", "other.ipynb")  # all cached
    monkeypatch.setattr(time, "time", lambda: now + 40 * day)
    assert told(nbflow, "gc", "--older-than", "60d")["results"] == 0
    assert told(nbflow, "gc", "--older-than", "30d")["results"] == 2
    assert verdicts(nbflow, "big.ipynb") == ["reuse", "reuse"]  # what the other flow has of it
    assert verdicts(nbflow, "other.ipynb") == ["reuse", "reuse"]
    assert told(nbflow, "gc", "--older-than", "1w")["left"] == 0


def test_the_longest_unused_go_first_until_the_rest_is_small_enough(
    folder: Path, nbflow: Nbflow
) -> None:
    document = notebook(
        parameters("n: int = 1", cell_id="p"),
        step("load", f"data = b'x' * {BIG} + bytes([n])", cell_id="load"),
    )
    write(document, folder / "big.ipynb")
    for n in ("1", "2", "3"):
        nbflow("run", "big.ipynb", "-p", "n", n)
    nbflow("run", "big.ipynb", "-p", "n", "1")  # used again
    assert len(stored(folder)) == 3
    found = told(nbflow, "gc", "--max-size", "500KB")
    assert (found["results"], len(stored(folder))) == (1, 2)
    assert found["left"] <= 500_000
    assert [verdicts(nbflow, "big.ipynb", "-p", "n", n) for n in "123"] == [
        ["reuse"],
        ["run"],
        ["reuse"],
    ]
    told(nbflow, "gc", "--max-size", "0")
    assert stored(folder) == []


def test_a_run_in_progress_keeps_what_it_may_need(two: Path, nbflow: Nbflow) -> None:
    store = Store.open(two / ".nbflow")
    (first, *_) = store.history.find()
    running = replace(first, id="running", status="running", started=time.time(), tasks=())
    store.history.begin(running)
    store.keep({of_bytes(b"parameter"): b"parameter"})
    fresh = store.artifacts.path(of_bytes(b"fresh"))
    fresh.parent.mkdir(exist_ok=True)
    fresh.write_bytes(b"fresh")
    old = store.artifacts.path(of_bytes(b"old"))
    old.parent.mkdir(exist_ok=True)
    old.write_bytes(b"old")
    os.utime(old, (1, 1))
    found = told(nbflow, "gc", "--older-than", "0", "--max-size", "0")
    assert found["live"] == ["big"]
    assert verdicts(nbflow, "big.ipynb") == ["reuse", "reuse"]
    assert (fresh.exists(), old.exists()) == (True, False)
    assert store.data([]) == {}
    assert "What the run of `big` may need stays" in nbflow("gc").stdout
    store.history.finish(replace(running, status="completed"))
    assert told(nbflow, "gc", "--max-size", "0")["left"] == 0
    assert not fresh.exists()


# --- verify ---


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flipped": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:1000]),
    "emptied": lambda path: path.write_bytes(b""),
    "swapped": lambda path: path.write_bytes(b"another artifact" * 10_000),
    "missing": lambda path: path.unlink(),
    "a link": lambda path: _link(path),
    "a folder": lambda path: _folder(path),
}


def _link(path: Path) -> None:
    aside = path.parent / "aside"
    path.rename(aside)
    path.symlink_to(aside)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("repair", [False, True])
def test_damage_is_found_and_the_next_run_mends_it_without_a_manual_step(
    two: Path, nbflow: Nbflow, damage: str, repair: bool
) -> None:
    assert "all are sound" in nbflow("store", "verify").stdout
    (path,) = stored(two)
    path.chmod(0o600)
    DAMAGES[damage](path)
    found = told(nbflow, "store", "verify", code=1)
    (one,) = found["damages"]
    assert one["kind"] == ("missing" if damage == "missing" else "damaged")
    assert one["needed_by"] == ["big/load/data", "other/load/data"]
    lines = nbflow("store", "verify").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines), lines
    if repair:
        mended = told(nbflow, "store", "verify", "--repair")
        assert mended["repaired"]
        assert verdicts(nbflow, "big.ipynb")[0] == "run"
    write(
        notebook(
            parameters("n: int = 1", cell_id="parameters"),
            step("load", f"data = b'x' * {BIG} + bytes([n])", cell_id="big-load"),
            step("size", "size = len(data) + 1", cell_id="big-size"),
        ),
        two / "big.ipynb",
    )
    ended = told(nbflow, "run", "big.ipynb")
    assert ended["status"] == "completed"
    assert nbflow("store", "verify").exit_code == 0


def test_a_damaged_row_of_the_history_is_found(two: Path, nbflow: Nbflow) -> None:
    store = Store.open(two / ".nbflow")
    with store.writing() as connection:
        connection.execute(
            "UPDATE content SET data = x'00' WHERE rowid IN (SELECT max(rowid) FROM content)"
        )
    assert len(told(nbflow, "store", "verify", code=1)["damages"]) == 1
    told(nbflow, "store", "verify", "--repair")
    nbflow("run", "big.ipynb")
    nbflow("run", "other.ipynb")
    assert nbflow("store", "verify").exit_code == 0


# --- bad input ---


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["store"], "there is no store"),
        (["gc"], "there is no store"),
        (["store", "verify"], "there is no store"),
        (["store", "--store", "nowhere"], "there is no store nowhere"),
        (["store", "nothing.ipynb"], "nothing.ipynb"),
        (["store", "verfy"], "Did you mean 'verify'?"),
        (["clear", "small.ipynb", "laod"], "Did you mean `load`?"),
        (["gc", "--older-than", "soon"], "`soon` is no age: write 30d"),
        (["gc", "--max-size", "ten"], "`ten` is no size: write 10GB"),
    ],
)
def test_what_cannot_be_done_is_named(nbflow: Nbflow, arguments: list[str], message: str) -> None:
    result = nbflow(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_a_history_that_is_damaged_is_named(two: Path, nbflow: Nbflow) -> None:
    path = two / ".nbflow" / "history.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or there is nothing to damage
    content = bytearray(path.read_bytes())
    content[100:] = b"?" * (len(content) - 100)
    for arguments in (["store"], ["gc"], ["store", "verify"], ["clear", "big.ipynb"]):
        for extra in path.parent.glob("history.*"):
            extra.unlink()
        path.write_bytes(content)
        result = nbflow(*arguments)
        assert (result.exit_code, "--store" in result.stderr) == (2, True), result.stderr
