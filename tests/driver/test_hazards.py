"""What no cache can check is marked on the task, and reused or not as the notebook says."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.driver import ProblemsError
from nbflow.results import FlowRun
from tests.driver.spellings import SPELLINGS, Spelling, spelled
from tests.notebooks import code, foreach, notebook, setup, step, write

IMPORTS = code(
    "import os, random, socket, subprocess, time, uuid\n"
    "from concurrent.futures import ProcessPoolExecutor\n"
    "from datetime import datetime\n"
    "from multiprocessing import get_context\n"
    "def stamp():\n    return datetime.now()\n"
    "def ask(port):\n"
    "    with socket.socket() as sock:\n        return sock.connect_ex(('127.0.0.1', port))"
)


def run(folder: Path, *cells: NotebookNode, workers: int = 1) -> FlowRun:
    with nbflow.load(write(notebook(IMPORTS, *cells), folder / "test.ipynb")) as flow:
        return flow.run(workers=workers)


def hazards(run: FlowRun) -> dict[str, list[tuple[str, str]]]:
    return {
        task.task: [(r.subject, r.after) for r in task.reasons if r.kind == "hazard"]
        for task in run.tasks
    }


def statuses(run: FlowRun) -> dict[str, str]:
    return {task.task: task.status for task in run.tasks}


@pytest.fixture
def port() -> Iterator[int]:
    """One that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


FORKED = (
    "with ProcessPoolExecutor(1, get_context('fork')) as pool:\n    x = pool.submit({}).result()"
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x = time.time()", [("clock", "`time.time()`")]),
        ("x = stamp()", [("clock", "`datetime.now()` in `stamp`")]),
        ("x = random.Random().random()", [("randomness", "`random.Random()`")]),
        ("x = ask(PORT)", [("network", "127.0.0.1")]),
        ("x = socket.getaddrinfo('localhost', PORT)", [("network", "localhost")]),
        (FORKED.format("ask, PORT"), [("network", "127.0.0.1")]),
        ("x = subprocess.run(['true']).returncode", [("subprocess", "`true`")]),
        ("x = os.system('true && true')", [("subprocess", "`true`")]),
        (FORKED.format("os.system, 'true'"), [("subprocess", "`true`")]),
        ("x = random.random()", []),
        ("x = os.path.exists('data.csv')", []),
        ("x = time.perf_counter() > 0", []),
    ],
)
def test_a_task_is_marked_and_reused(
    tmp_path: Path, port: int, body: str, expected: list[tuple[str, str]]
) -> None:
    cell = step("a", body.replace("PORT", str(port)))
    first, second = run(tmp_path, cell), run(tmp_path, cell)
    assert hazards(first)["a"] == hazards(second)["a"] == expected
    assert (statuses(first)["a"], statuses(second)["a"]) == ("completed", "cached")


def test_what_a_local_module_does_counts_for_who_imports_it(tmp_path: Path) -> None:
    (tmp_path / "clocks.py").write_text("import time\ndef read():\n    return time.time()\n")
    found = run(tmp_path, code("import clocks"), step("a", "a = clocks.read()"), step("b", "b = 1"))
    assert hazards(found) == {"a": [("clock", "`time.time()` in clocks.py")], "b": []}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_step_is_done_again_where_it_says_so(tmp_path: Path, spelling: Spelling) -> None:
    cells = [
        spelled(spelling, "step a", "a = stamp() > datetime(2000, 1, 1)", {"hazards": "recompute"}),
        spelled(spelling, "step plain", "plain = 1", {"hazards": "recompute"}),
        step("b", "b = not a"),
    ]
    run(tmp_path, *cells)
    again = run(tmp_path, *cells)
    # Its result is the same, so what is below stays.
    assert statuses(again) == {"a": "completed", "plain": "cached", "b": "cached"}
    assert again.tasks[0].reasons[0].kind == "hazard"


def test_a_set_up_cell_says_it_for_the_whole_flow_and_a_step_has_the_last_word(
    tmp_path: Path,
) -> None:
    cells = [
        code("%%setup --hazards recompute\nimport math"),
        step("a", "a = time.time() > 0"),
        spelled("magic", "step b", "b = time.time() > 0", {"hazards": "cache"}),
        foreach("n in [1, 2]", "c = (n, time.time() > 0)"),
        step("d", "d = 1"),
    ]
    run(tmp_path, *cells)
    again = statuses(run(tmp_path, *cells))
    done = {task for task, status in again.items() if status == "completed"}
    assert done == {"a", "c[0]", "c[1]"}
    assert statuses(run(tmp_path, setup("import math"), *cells[1:]))["a"] == "cached"


def test_a_wrong_policy_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="takes `cache` or `recompute`, not `never`"):
        run(tmp_path, spelled("magic", "step a", "a = 1", {"hazards": "never"}))
