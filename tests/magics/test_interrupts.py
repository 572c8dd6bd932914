"""Interrupts, runs in the background, kernels that die: what completed stays, nobody is left."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import nbflow
from tests.magics.kernels import Kernel, kernel

pytestmark = pytest.mark.slow


def children(pid: int) -> set[int]:
    """All processes below one, and those that have left its group."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            below.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    todo = [pid]
    while todo:
        for child in below.get(todo.pop(), []):
            found.add(child)
            todo.append(child)
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that still run; a zombie has ended."""
    found = set()
    for pid in pids:
        try:
            state = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.add(pid)
    return found


def gone_within(pids: set[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)  # waits for other processes to end
    return True


BUSY = {
    "in Python": "while True:\n    pass",
    "in C code": "import time\ntime.sleep(1000)",
    "in NumPy": "import numpy as np\nx = np.ones((3000, 3000))\nwhile True:\n    x @ x",
    "in a subprocess": "import subprocess\nsubprocess.run(['sleep', '1000'])",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> object:
    with kernel(tmp_path_factory.mktemp("kernel")) as running:
        yield running


@pytest.mark.parametrize("body", BUSY.values(), ids=BUSY)
def test_an_interrupt_ends_the_step_and_leaves_the_kernel_usable(shared: Kernel, body: str) -> None:
    request = shared.start(f"%%step busy\nprint('begun', flush=True)\n{body}\nbusy = 1", "busy")
    shared.until(request, "begun")
    workers = children(shared.pid)
    shared.manager.interrupt_kernel()
    shown = shared.finish(request)
    assert shown.status == "error"
    assert "cancelled" in shown.headline
    assert "KeyboardInterrupt" in shown.text
    assert "nbflow/" not in shown.text
    assert len(shown.error.splitlines()) <= 4
    assert shared.run("1 + 1", "look").rest == ["2"]
    assert shared.run("%%step busy\nbusy = 1", "busy").status == "ok"
    assert len(alive(workers)) <= len(alive(children(shared.pid)))


def test_what_had_completed_before_an_interrupt_stays(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%config Application.log_level = 'ERROR'", "noise")
        running.run("%flow config on_run register", "register")
        running.run("%%step one\none = 1\nprint('one')", "one")
        running.run("%flow config on_run run", "register")
        two = "%%step two\nimport time\nprint('two', flush=True)\ntime.sleep(1000)\ntwo = one"
        request = running.start(two, "two")
        running.until(request, "two\n")
        running.manager.interrupt_kernel()
        assert running.finish(request).status == "error"
        shown = running.run("%%step one\none = 1\nprint('one')", "one")
        assert "cached" in shown.headline
        assert shown.rest == ["one\n"]


#: Where a pipe lies: what a step reads from a device is nobody's business.
GATE = Path(f"/dev/shm/nbflow-{os.getpid()}-interrupts")
#: A step that ends when something is written into the pipe.
GATED = f"%%step slow\nwith open('{GATE}') as gate:\n    gate.read(1)\nslow = 7"


@pytest.fixture
def gate() -> Iterator[int]:
    """The pipe that ``GATED`` waits for."""
    os.mkfifo(GATE)
    pipe = os.open(GATE, os.O_RDWR)
    yield pipe
    os.close(pipe)
    GATE.unlink()


def test_other_cells_run_beside_a_run_in_the_background(tmp_path: Path, gate: int) -> None:
    with kernel(tmp_path) as running:
        running.run("%flow config on_run register", "register")
        running.run(GATED, "slow")
        request = running.start("%flow run --bg", "bg")
        assert running.finish(request).status == "ok"
        assert running.run("6 * 7", "look").rest == ["42"]
        while "running" not in (told := running.run("%flow status", "status").text):
            assert "queued" in told
        again = running.run("%flow run --bg", "bg-2")
        assert again.status == "error"
        assert "a run is in progress" in again.text
        os.write(gate, b"1")
        running.until(request, "1 task ran")
        assert running.run("slow", "look").rest == ["7"]


def test_a_run_in_the_background_can_be_cancelled(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%flow config on_run register", "register")
        running.run("%%step fast\nfast = 1", "fast")
        running.run("%%step slow\nimport time\ntime.sleep(1000)\nslow = fast", "slow")
        request = running.start("%flow run --bg", "bg")
        running.finish(request)
        running.until(request, "completed")
        assert "Cancelling" in running.run("%flow cancel", "cancel").text
        running.until(request, "cancelled in")
        assert "No run is in progress" in running.run("%flow cancel", "cancel").text
        assert "1 of 2 steps fresh" in running.run("%flow", "status").text


def test_the_interrupt_button_ends_a_run_in_the_background(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%flow config on_run register", "register")
        running.run("%%step slow\nimport time\ntime.sleep(1000)\nslow = 1", "slow")
        request = running.start("%flow run --bg", "bg")
        running.finish(request)
        running.until(request, "running")
        running.manager.interrupt_kernel()
        running.until(request, "cancelled in")
        # Of a cell that is executed, it ends that cell.
        running.finish(running.start("%flow run --bg", "bg"))
        busy = running.start("print('busy', flush=True)\nwhile True: pass", "busy")
        running.until(busy, "busy")
        running.manager.interrupt_kernel()
        assert "KeyboardInterrupt" in running.finish(busy).text
        assert "Cancelling" in running.run("%flow cancel", "cancel").text


def test_a_step_waits_for_the_run_in_the_background(tmp_path: Path, gate: int) -> None:
    with kernel(tmp_path) as running:
        running.run("%flow config on_run register", "register")
        running.run(GATED, "slow")
        running.run("%flow config on_run run", "register")
        running.run("%flow run --bg", "bg")
        request = running.start(GATED, "slow")
        running.until(request, "Waiting for the run in the background")
        os.write(gate, b"1")
        assert "cached" in running.finish(request).headline


def test_killing_the_kernel_ends_every_process_within_two_seconds(tmp_path: Path) -> None:
    running = Kernel(tmp_path)
    try:
        running.run("%load_ext nbflow", "load-ext")
        running.run("%%step done\ndone = 1\nprint('done')", "done")
        body = (
            "import subprocess, sys\n"
            "child = subprocess.Popen(['sleep', '1000'], start_new_session=False)\n"
            "print('begun', flush=True)\nchild.wait()\nbusy = done"
        )
        request = running.start(f"%%step busy\n{body}", "busy")
        running.until(request, "begun")
        processes = children(running.pid)
        assert len(processes) >= 3
        os.kill(running.pid, signal.SIGKILL)
        assert gone_within(processes, 2), alive(processes)
    finally:
        running.close()
    with kernel(tmp_path) as after:
        shown = after.run("%%step done\ndone = 1\nprint('done')", "done")
        assert "cached" in shown.headline
        assert shown.rest == ["done\n"]
    statuses = [run.status for run in nbflow.runs(tmp_path / "notebook.ipynb")]
    assert statuses == ["completed", "interrupted", "completed"]


@pytest.mark.timeout(900)
def test_thirty_kills_of_the_kernel_lose_nothing(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    cells = [("base", "%%step base\nimport time\nbase = [1]\nprint('base')")]
    for number in range(6):
        before = f"link{number - 1}" if number else "base"
        body = f"import time\ntime.sleep(0.05)\nlink{number} = {before} + [{number}] * 100_000"
        cells.append((f"link{number}", f"%%step link{number}\n{body}\nprint('link', {number})"))
    cells.append(
        ("parts", "%%foreach i in range(8)\nimport time\ntime.sleep(0.03)\npart = sum(link5) + i")
    )
    cells.append(("total", "%%step total\ntotal = sum(part)\ntotal"))
    expected = sum(100_000 * sum(range(6)) + 1 + i for i in range(8))
    completed: set[str] = set()
    for _ in range(30):
        running = Kernel(tmp_path)
        try:
            running.run("%load_ext nbflow", "load-ext")
            requests = [running.start(source, cell_id) for cell_id, source in cells]
            deadline = time.monotonic() + chance.uniform(0.05, 2.5)
            while time.monotonic() < deadline:
                running.settle(0.02)
            processes = children(running.pid)
            os.kill(running.pid, signal.SIGKILL)
            assert gone_within(processes, 2), alive(processes)
            for (cell_id, _), request in zip(cells, requests, strict=True):
                text = running.shown[request].text
                if text.startswith("✔"):
                    assert cell_id not in completed, "what had completed ran again"
                    completed.add(cell_id)
        finally:
            running.close()
    with kernel(tmp_path) as after:
        shown = [after.run(source, cell_id) for cell_id, source in cells]
        assert [each.status for each in shown] == ["ok"] * len(cells)
        assert shown[-1].rest == [str(expected)]
        for (cell_id, _), each in zip(cells, shown, strict=True):
            if cell_id in completed:
                assert "cached" in each.headline
