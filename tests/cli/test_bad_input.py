"""Bad input through a real process: a clear error with a remedy, exit code 1 or 2, nothing lost."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.errors import StoreError
from tests.cli.process import Place, reachable_by_nobody
from tests.notebooks import foreach, notebook, parameters, step

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def others() -> Iterator[Place]:
    """A place that another user can come to; root may write and read whatever it is forbidden."""
    if os.getuid():
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are root's alone
        Path(name).chmod(0o755)
        place = Place(Path(name))
        if not reachable_by_nobody(place):
            pytest.skip("another user cannot start this Python")
        yield place


@pytest.fixture
def small_disk(place: Place) -> Iterator[Path]:
    """A disk of 2 MB."""
    disk = place.folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


# --- the notebook ---

DOUBLE = notebook(step("a", "a = 1"), step("b", "b = a"))
DOUBLE.cells[1].id = DOUBLE.cells[0].id

FILES = {
    "hello": ("is not JSON", "Restore it"),
    '{"nbformat": 3, "worksheets": []}': ("old notebook format 3", "jupyter nbconvert"),
    "": ("`bad.ipynb` is empty", "save it with a cell"),
    nbformat.writes(notebook()): ("no cell of the notebook is marked", "Put `%%step NAME`"),
    nbformat.writes(notebook("a = 1")): ("no cell of the notebook is marked", "tag `step:NAME`"),
    json.dumps(DOUBLE): ("cell [1] and cell [2] of `bad.ipynb` have the same id", "paste it again"),
}


@pytest.mark.parametrize("text", FILES, ids=lambda text: FILES[text][0])
def test_a_file_that_is_no_flow_is_named_with_a_remedy(place: Place, text: str) -> None:
    place.notebook.write_text(text)
    ended = place.run()
    message, remedy = FILES[text]
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.errors
    assert remedy in ended.errors
    assert place.notebook.read_text() == text
    assert not place.store.exists()
    (problem,) = place.run("--json").told["problems"]
    assert message in problem["message"]
    assert remedy in problem["remedy"]


def test_a_notebook_that_is_not_there_or_a_directory_is_named(place: Place) -> None:
    place.write(step("a", "a = 1"))
    ended = place.command("run", "bid.ipynb")
    assert (ended.code, ended.out) == (2, "")
    assert ended.errors == "✘ there is no notebook `bid.ipynb` Did you mean `bad.ipynb`?"
    ended = place.command("run", ".", "--json")
    assert ended.code == 2
    assert ended.told["problems"][0]["message"] == "`.` is a directory"


def test_a_notebook_that_is_a_pipe_is_named(place: Place) -> None:
    os.mkfifo(place.folder / "pipe.ipynb")
    assert place.command("run", "pipe.ipynb").errors.startswith("✘ `pipe.ipynb` is a pipe")


def test_a_folder_that_was_removed_under_somebody_is_named(place: Place) -> None:
    line = [
        "-c",
        "import os; os.mkdir('x'); os.chdir('x'); os.rmdir('../x'); import runpy, sys; "
        "sys.argv[1:] = ['run', 'a.ipynb']; runpy.run_module('nbflow', run_name='__main__')",
    ]
    ended = subprocess.run(
        [sys.executable, *line], cwd=place.folder, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert ended.stderr.split("\n")[0] == "✘ the folder in which this was called is there no more"


def test_what_is_read_from_a_pipe_is_read_each_time(place: Place) -> None:
    os.mkfifo(place.folder / "pipe")
    place.write(step("a", "with open('pipe') as file:\n    text = file.read()\ndel file"))
    for text in ("one", "two"):
        thread = threading.Thread(target=(place.folder / "pipe").write_text, args=(text,))
        thread.start()
        ended = place.run("--json")
        thread.join()
        assert [task["status"] for task in ended.told["tasks"]] == ["completed"]
        assert [hazard["code"] for hazard in ended.told["hazards"]] == ["pipe"]
        assert nbflow.runs(place.notebook)[-1]["a"].text == text
    assert "nobody can tell what it gives" in place.command("plan", place.notebook.name).out


def test_a_notebook_that_may_not_be_read_is_named(others: Place) -> None:
    others.write(step("a", "a = 1"))
    others.notebook.chmod(0)
    ended = others.as_nobody("run", "bad.ipynb", "--json")
    assert ended.code == 2
    assert "`bad.ipynb` cannot be read: Permission denied" in ended.errors
    assert ended.told["problems"][0]["remedy"] == "Check the path and your permissions."


def test_a_notebook_with_an_output_of_10_mb_runs_at_once(place: Place) -> None:
    document = notebook(step("a", "a = 1"))
    document.cells[0].outputs = [nbformat.v4.new_output("stream", text="x" * 10_000_000)]
    place.notebook.write_text(nbformat.writes(document))
    assert place.run().code == 0
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert place.run("-o", "out.ipynb").code == 0
    # Work, not waiting: what grows with the square of a text takes minutes here.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 20
    assert (place.folder / "out.ipynb").stat().st_size < 10_000


# --- the store ---


def test_a_store_that_is_a_file_is_refused_and_left(place: Place) -> None:
    place.write(step("a", "a = 1"))
    place.store.write_text("mine")
    ended = place.run()
    assert ended.code == 2
    assert "as a store: is a file choose another folder with --store" in ended.errors
    assert place.store.read_text() == "mine"


def test_a_store_of_a_future_version_is_refused_and_left(place: Place) -> None:
    place.write(step("a", "a = 1"))
    assert place.run().code == 0
    with sqlite3.connect(place.store / "history.sqlite") as history:
        history.execute("PRAGMA user_version = 99")
    history.close()
    ended = place.run("--json")
    assert ended.code == 2
    assert "was written by a later version of nbflow (format 99" in ended.errors
    assert "update nbflow, or choose another store" in ended.told["problems"][0]["remedy"]


def test_a_read_only_store_answers_but_takes_nothing(others: Place) -> None:
    others.write(step("a", "a = 1"))
    assert others.run().code == 0
    for path in (others.store, *others.store.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    ended = others.as_nobody("run", "bad.ipynb")
    assert ended.code == 2
    assert "cannot be written Name another with --store DIR, or make it writable" in ended.errors
    assert others.as_nobody("status", "bad.ipynb").code == 0
    assert others.run("--json").told["tasks"][0]["status"] == "cached"


def test_a_full_store_fails_what_does_not_fit_and_keeps_the_rest(
    place: Place, small_disk: Path
) -> None:
    place.write(
        step("big", "big = b'x' * 50_000_000"),
        step("small", "small = 1"),
        step("c", "c = len(big)"),
    )
    arguments = ("--store", str(small_disk / "store"), "--json")
    ended = place.run(*arguments)
    assert ended.code == 1
    told = {task["task"]: task for task in ended.told["tasks"]}
    assert {name: task["status"] for name, task in told.items()} == {
        "big": "failed",
        "small": "completed",
        "c": "skipped",
    }
    assert "No space left on device" in told["big"]["error"]["message"]
    assert "choose another store with --store" in told["big"]["error"]["message"]
    assert "/nbflow/store/" not in "".join(told["big"]["error"]["traceback"])
    with contextlib.suppress(OSError), open(small_disk / "ballast", "wb", 0) as ballast:
        while True:
            ballast.write(b"x" * 1024)
    for store in ("store", "another"):
        ended = place.run("--store", str(small_disk / store))
        assert ended.code == 2
        assert "free space there" in ended.errors
    (small_disk / "ballast").unlink()
    tasks = place.run(*arguments).told["tasks"]
    assert {task["task"] for task in tasks if task["status"] == "cached"} == {"small"}


@pytest.mark.parametrize("begin", [0, 4096])
def test_a_damaged_history_is_named_and_the_next_run_works(place: Place, begin: int) -> None:
    place.write(step("a", "a = 1"))
    history = place.store / "history.sqlite"

    def damage() -> None:
        content = history.read_bytes()
        history.write_bytes(content[:begin] + bytes(len(content) - begin))

    assert place.run().code == 0
    damage()
    ended = place.run()
    assert ended.code == 2
    assert "history.sqlite is damaged" in ended.errors
    assert "run again" in ended.errors
    assert place.run().code == 0
    damage()
    with pytest.raises(StoreError, match="is damaged"):
        nbflow.load(place.notebook)
    with contextlib.closing(nbflow.load(place.notebook)) as flow:
        assert [task.status for task in flow.run().tasks] == ["completed"]
        assert [task.status for task in flow.run().tasks] == ["cached"]
    assert len([*place.store.glob("history.damaged-*.sqlite")]) == 2


# --- steps ---

DEATHS = {
    "import os\nprint('last words', flush=True)\nos._exit(0)": "os._exit(0)",
    "import os\nos.kill(os.getpid(), 9)": "signal 9 (SIGKILL); out of memory?",
    "import ctypes\nctypes.string_at(0)": "signal 11 (SIGSEGV): a crash in compiled code",
    "raise SystemExit(3)": "sys.exit(3)",
    "answer = input('n? ')": "input() cannot be used in a step",
    "import resource\nlimit = 1 << 30\nresource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
    "block = bytearray(2 * limit)": "",
}


def test_a_step_that_ends_its_process_fails_alone(place: Place) -> None:
    cells: list[NotebookNode] = []
    for number, body in enumerate(DEATHS):
        cells += [step(f"bad{number}", body), step(f"good{number}", f"good{number} = {number}")]
    place.write(*cells)
    ended = place.run("--json")
    assert ended.code == 1
    tasks = {task["task"]: task for task in ended.told["tasks"]}
    for number, message in enumerate(DEATHS.values()):
        bad = tasks[f"bad{number}"]
        assert tasks[f"good{number}"]["status"] == "completed"
        assert bad["status"] == "failed"
        assert message in bad["error"]["message"]
        assert bad["error"]["number"] == 2 * number + 1
    assert tasks["bad5"]["error"]["name"] == "MemoryError"
    again = place.run()
    assert again.code == 1
    assert "── bad0 failed" in again.err
    assert "last words\n" in again.err
    assert "Take that call out" in again.err


def test_a_grandchild_that_holds_stdout_delays_nothing_and_is_ended(place: Place) -> None:
    body = "import subprocess\npid = subprocess.Popen(['sleep', '300']).pid"
    place.write(step("a", body), step("b", "b = pid"))
    start = time.monotonic()
    assert place.run().code == 0
    assert time.monotonic() - start < 60
    pid = nbflow.runs(place.notebook)[-1]["b"].b
    # Nobody may have taken note of its death, as in a container without an init.
    state = subprocess.run(["ps", "-o", "stat=", "-p", f"{pid}"], check=False, capture_output=True)
    assert state.stdout[:1] in (b"", b"Z")


def test_200_mb_of_printing_are_recorded_in_part_in_bounded_memory(place: Place) -> None:
    place.write(step("a", "for _ in range(200):\n    print('x' * 1_000_000)\na = 1"))
    assert place.run().code == 0
    (run,) = nbflow.runs(place.notebook)
    (task,) = run.tasks
    ((output,),) = [run.logged(task)]
    assert len(output["text"]) < 1_100_000
    assert output["text"].endswith("[nbflow: stdout is cut here, after 1 MB]\n")
    assert task.key is not None
    (record,) = run.store.candidates(task.key)
    assert record.peak_bytes < 150_000_000


def test_what_cannot_be_carried_nor_replayed_is_named_with_both_cells(place: Place) -> None:
    place.write(
        step("make", "numbers = (i for i in range(3))"),
        step("read", "#| no-replay\ntotal = sum(numbers)"),
        step("open", "files = {'log': [open('log.txt', 'w')]}"),
        step("use", "#| no-replay\nname = files['log'][0].name"),
        step("free", "free = 1"),
    )
    ended = place.run("--json")
    assert ended.code == 1
    tasks = {task["task"]: task for task in ended.told["tasks"]}
    assert {name for name, task in tasks.items() if task["status"] == "failed"} == {"read", "use"}
    message = tasks["read"]["error"]["message"]
    assert "`numbers` of step `make`, cell [1]" in message
    assert "`numbers` (generator) cannot be carried" in message
    assert "Make cells [1] and [2] one step" in message
    message = tasks["use"]["error"]["message"]
    assert "`files['log'][0]` (_io.TextIOWrapper) cannot be carried" in message
    assert "Make cells [3] and [4] one step" in message
    assert tasks["use"]["error"]["number"] == 4


def test_a_syntax_error_stops_only_what_needs_its_cell(place: Place) -> None:
    place.write(step("a", "x = 1\na = (1"), step("b", "b = 1"))
    ended = place.run("--json")
    assert ended.code == 2
    (problem,) = ended.told["problems"]
    assert (problem["code"], problem["number"], problem["line"]) == ("syntax-error", 1, 2)
    assert "was never closed" in problem["message"]
    assert place.run("b").code == 0


CLAUSES = {
    "i in [][0]": "IndexError: list index out of range",
    "i in 5": "TypeError: 'int' object is not iterable",
    "i in [open('bad.ipynb')]": "`items[0]` (_io.TextIOWrapper) cannot be carried",
}


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_foreach_whose_clause_fails_is_named_by_its_cell(place: Place, clause: str) -> None:
    place.write(step("a", "a = 1"), foreach(clause, "y = i"), step("b", "b = y"))
    ended = place.run()
    assert ended.code == 1
    assert CLAUSES[clause] in ended.errors
    assert "── y[] failed" in ended.err
    assert "a completed" in ended.err
    assert "b skipped" in ended.err


# --- the command line ---

ARGUMENTS = {
    ("-p", "cores", "two"): ("parameter `cores` takes an int, not 'two'", "Give for example"),
    ("-p", "core", "2"): ("bad.ipynb has no parameter `core`", "Did you mean `cores`?"),
    ("-p", "cores=2", "load"): ("has no parameter `cores=2`", "with a blank: `-p cores 2`."),
    ("lod",): ("bad.ipynb has no step `lod`", "Did you mean `load`?"),
}


def test_an_option_without_its_value_says_how_it_is_written(place: Place) -> None:
    place.write(parameters("cores: int = 2"), step("load", "load = cores"))
    ended = place.run("-p", "cores=2")
    assert (ended.code, ended.out) == (2, "")
    assert "-p takes a name and a value: -p NAME VALUE" in ended.errors


def test_only_a_name_that_is_like_it_is_meant(place: Place) -> None:
    place.write(step("load", "load = 1"))
    place.notebook.with_name("other.ipynb").write_text(place.notebook.read_text())
    assert "Did you mean `bad.ipynb`?" in place.command("run", "bat.ipynb").errors
    assert "Give the path of a notebook." in place.command("run", "xyz.ipynb").errors


@pytest.mark.parametrize(
    ("where", "code"), [(">&-", 0), (">/dev/full", 2), ("2>&-", 0), ("2>/dev/full", 0)]
)
def test_where_nothing_can_be_written_a_run_goes_on(place: Place, where: str, code: int) -> None:
    place.write(step("load", "load = 1"))
    shell = ("sh", "-c", f'exec "$@" {where}', "sh")
    ended = place.command("run", place.notebook.name, before=shell)
    assert ended.code == code
    told = "✘ the answer cannot be written: No space left on device"
    assert (told in ended.err) == (code == 2)
    assert [run.status for run in nbflow.runs(place.notebook)] == ["completed"]


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_a_name_or_value_that_does_not_fit_is_refused(
    place: Place, arguments: tuple[str, ...]
) -> None:
    place.write(parameters("cores: int = 2"), step("load", "load = cores"))
    ended = place.run(*arguments, "--json")
    message, remedy = ARGUMENTS[arguments]
    assert ended.code == 2
    assert message in ended.errors
    assert remedy in ended.errors
    assert ended.told["status"] == "failed"
    (problem,) = ended.told["problems"]
    assert message in problem["message"]
    assert not place.store.exists()


# --- two at a time ---


@pytest.mark.slow
def test_two_commands_on_one_store_complete_with_the_same_values(place: Place) -> None:
    place.write(
        parameters("salt: int = 0"),
        step("base", "base = [salt] * 100_000"),
        *(step(f"s{i}", f"s{i} = sum(base) + {i}") for i in range(6)),
        foreach("x in range(6)", "y = [x, *base]"),
        step("total", f"total = sum(map(sum, y)) + {' + '.join(f's{i}' for i in range(6))}"),
    )
    for salt in range(8):
        values = 15 + 600_000 * salt + 15 + 600_000 * salt
        with_salt = ["run", "bad.ipynb", "--workers", "2", "-p", "salt", f"{salt}"]
        for code, _, errors in side_by_side(place, with_salt, 2):
            assert code == 0, errors
            assert "locked" not in errors
        for run in nbflow.runs(place.notebook)[-2:]:
            assert run.status == "completed"
            assert run["total"].total == values


def side_by_side(place: Place, command: list[str], count: int) -> list[tuple[int, str, str]]:
    """The same command so many times at once."""
    started = [place.start(*command) for _ in range(count)]
    ended = []
    for process in started:
        out, errors = process.communicate(timeout=100)
        ended.append((process.returncode, out, errors))
    return ended
