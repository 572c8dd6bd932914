"""Files of steps over several runs: versions, what was there before, and what users change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.results import FlowRun
from tests import notebooks
from tests.notebooks import foreach, notebook, step

pytestmark = pytest.mark.slow

WRITE = step("write", "open('x.txt', 'w').write('1')\ndone = 1")
READ = step("read", "text = open('x.txt').read()")
APPEND = step("append", "with open('x.txt', 'a') as file:\n    file.write('2')\ndel file")
LAST = step("last", "all = open('x.txt').read()")


class Kept:
    """A notebook in a folder, run again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "kept.ipynb"
        self.file = folder / "x.txt"

    def run(self, *cells: NotebookNode | str, only: tuple[str, ...] = ()) -> FlowRun:
        notebooks.write(notebook(*cells), self.path)
        with nbflow.load(self.path) as flow:
            return flow.run(*only, workers=2)


def ran(run: FlowRun) -> set[str]:
    """The tasks that were not found in the cache."""
    assert run.status == "completed", [task.error for task in run.tasks]
    return {task.task for task in run.tasks if task.status != "cached"}


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_nothing_that_is_current_runs_again_whatever_became_of_the_file(kept: Kept) -> None:
    cells = (WRITE, READ, APPEND, LAST)
    run = kept.run(*cells)
    assert (run["read"].text, run["last"].all) == ("1", "12")
    assert ran(kept.run(*cells)) == set()
    for spoil in (kept.file.unlink, lambda: kept.file.write_text("mine")):
        spoil()
        assert ran(kept.run(*cells)) == set()
        assert kept.file.read_text() == "12"


def test_a_step_that_runs_again_sees_its_own_version(kept: Kept) -> None:
    kept.run(WRITE, READ, APPEND, LAST)
    other = step("read", "text = open('x.txt').read() + '!'")
    run = kept.run(WRITE, other, APPEND, LAST)
    assert ran(run) == {"read"}
    assert run["read"].text == "1!"
    assert kept.file.read_text() == "12"


def test_an_appender_that_runs_again_starts_from_what_was_there_before(kept: Kept) -> None:
    kept.file.write_text("0")
    assert kept.run(APPEND, LAST)["last"].all == "02"
    other = step("append", "with open('x.txt', 'a') as file:\n    file.write('3')\ndel file")
    assert kept.run(other, LAST)["last"].all == "03"
    assert ran(kept.run(other, LAST)) == set()


def test_an_appender_that_only_running_tells_does_not_double(kept: Kept) -> None:
    body = "with open('x' + '.txt', 'a') as file:\n    file.write({!r})\ndel file"
    kept.run(step("append", body.format("1")))
    assert ran(kept.run(step("append", body.format("1")))) == set()
    kept.run(step("append", body.format("2")))
    assert kept.file.read_text() == "2"


def test_an_appender_that_failed_does_not_double(kept: Kept) -> None:
    body = "with open('x' + '.txt', 'a') as file:\n    file.write('1')\ndel file"
    assert kept.run(step("append", f"{body}\n1 / 0")).status == "failed"
    assert kept.file.read_text() == "1"
    kept.run(step("append", body))
    assert kept.file.read_text() == "1"


def test_what_a_user_puts_into_a_file_is_what_was_there_before(kept: Kept) -> None:
    kept.file.write_text("0")
    assert kept.run(READ, APPEND, LAST)["last"].all == "02"
    assert ran(kept.run(READ, APPEND, LAST)) == set()
    kept.file.write_text("mine")
    run = kept.run(READ, APPEND, LAST)
    assert (run["read"].text, run["last"].all) == ("mine", "mine2")


def test_a_file_of_an_earlier_run_is_not_seen(kept: Kept) -> None:
    body = (
        "import os\nif os.path.exists('x.txt'):\n    value = 'old'\n"
        "else:\n    value = {!r}\n    open('x.txt', 'w').write(value)"
    )
    kept.run(step("cache", body.format("1")))
    assert kept.run(step("cache", body.format("2")))["cache"].value == "2"


def test_a_file_that_only_a_cell_below_writes_is_missing_as_top_to_bottom(kept: Kept) -> None:
    for _ in range(2):
        run = kept.run(READ, WRITE)
        error = {task.step: task.error for task in run.tasks}["read"]
        assert error is not None
        assert error.name == "FileNotFoundError"
        assert run["write"].done == 1


def test_after_a_run_of_some_steps_the_file_holds_its_last_version(kept: Kept) -> None:
    kept.run(WRITE, READ, APPEND, LAST)
    other = step("read", "text = open('x.txt').read() + '?'")
    assert kept.run(WRITE, other, APPEND, LAST, only=("read",))["read"].text == "1?"
    assert kept.file.read_text() == "12"


def test_another_notebook_reads_the_file_as_it_is(kept: Kept, tmp_path: Path) -> None:
    kept.run(WRITE, APPEND)
    path = notebooks.write(notebook(READ), tmp_path / "other.ipynb")
    with nbflow.load(path) as flow:
        assert flow.run()["read"].text == "12"
        assert ran(flow.run()) == set()


def test_a_flow_that_is_kept_loaded_knows_what_it_has_learnt(kept: Kept) -> None:
    body = "with open('x' + '.txt', 'a') as file:\n    file.write('1')\ndel file"
    path = notebooks.write(notebook(step("append", body)), kept.path)
    with nbflow.load(path) as flow:
        flow.run()
        assert ran(flow.run()) == set()
    assert kept.file.read_text() == "1"


def test_each_split_has_its_file(kept: Kept) -> None:
    body = "name = f'out{{i}}.txt'\nopen(name, 'w').write(str(i + {}))"
    names = ["out1.txt", "out2.txt", "out3.txt"]
    for items, plus in (("[1, 2]", 0), ("[1, 2, 3]", 0), ("[1, 2, 3]", 5)):
        run = kept.run(
            foreach(f"i in {items}", body.format(plus)),
            step("texts", "texts = [open(each).read() for each in name]"),
        )
        there = names[: items.count(",") + 1]
        texts = [(kept.folder / each).read_text() for each in there]
        assert run["texts"].texts == texts == [str(n + plus) for n in range(1, len(there) + 1)]
        assert not run.hazards


def test_a_file_that_splits_share_is_named(kept: Kept) -> None:
    run = kept.run(foreach("i in [1, 2]", "a = i\nopen('x.txt', 'a').write(str(i))"))
    assert [problem.code for problem in run.hazards] == ["splits-share-file"]


def test_an_appender_that_is_killed_with_its_run_does_not_double(kept: Kept) -> None:
    body = (
        "import pathlib, time\nwith open('x' + '.txt', 'a') as file:\n    file.write('1')\n"
        "pathlib.Path('begun').touch()\ntime.sleep({})\ndel file"
    )
    path = notebooks.write(notebook(step("append", body.format(60))), kept.path)
    code = f"import nbflow; nbflow.load({str(path)!r}).run()"
    with subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ) as process:
        deadline = time.monotonic() + 60
        while not (kept.folder / "begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert kept.file.read_text() == "1"
    kept.run(step("append", body.format(0)))
    assert kept.file.read_text() == "1"
