"""The local executor: one terminal event per task, whatever happens to processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from nbflow.records.message import Finished
from nbflow.run import control
from nbflow.run.frames import frame
from nbflow.run.local import LocalExecutor
from tests.run.tasks import TIMEOUT, Desk, Told, assert_ends

DEATHS = {
    "os._exit(0)": "the step called os._exit(0)",
    "os._exit(3)": "the step called os._exit(3)",
    "sys.exit()": "the step called sys.exit(None)",
    "sys.exit('over')": "the step called sys.exit('over')",
    "exit()": "the step called sys.exit(0)",
    "raise KeyboardInterrupt": "",
    "os.kill(os.getpid(), 9)": "signal 9 (SIGKILL); out of memory? peak",
    "os.kill(os.getpid(), 15)": "signal 15 (SIGTERM)",
    "os.kill(os.getpid(), 40)": "signal 40",
    "ctypes.string_at(0)": "signal 11 (SIGSEGV): a crash in compiled code",
    "os.abort()": "signal 6 (SIGABRT)",
    "ctypes.CDLL(None).exit(0)": "os._exit(0), or compiled code",
    "os.closerange(3, 200)": "",
    "threading.Thread(target=os._exit, args=(5,)).start(); time.sleep(50)": "os._exit(5)",
}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Desk]:
    """An executor for this test alone."""
    events = Told()
    executor = LocalExecutor(events)
    yield Desk(executor, events, tmp_path)
    executor.close()


@pytest.mark.parametrize(("body", "message"), DEATHS.items())
def test_every_death_is_a_failure_that_says_so(local: Desk, body: str, message: str) -> None:
    outcome = local.run(f"import os, sys, ctypes, threading, time\n{body}", outputs="x")
    assert message in outcome.failed.error.message


def test_a_dead_worker_reports_its_peak_memory(local: Desk) -> None:
    outcome = local.run("import os\nblock = bytearray(120_000_000)\nos.kill(os.getpid(), 9)")
    assert outcome.failed.peak_bytes > 120_000_000
    assert "peak 1" in outcome.failed.error.message


def test_running_out_of_address_space_is_a_memory_error(local: Desk) -> None:
    outcome = local.run(
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9))\n"
        "block = bytearray(2 * 10**9)"
    )
    assert outcome.failed.error.name == "MemoryError"


def test_what_was_printed_before_a_death_has_been_streamed(local: Desk) -> None:
    outcome = local.run("import os\nprint('last words', flush=True)\nos._exit(0)")
    assert outcome.live[0]["text"] == "last words\n"


def test_cancel_ends_a_task_that_ignores_signals(local: Desk) -> None:
    body = (
        "import signal\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\n"
        "print('busy', flush=True)\nwhile True: pass"
    )
    local.executor.start(local.request(body))
    local.wait_printed("busy")
    local.executor.cancel("train")
    assert local.wait("train").failed.error.message == "the task was cancelled"


def test_cancel_ends_a_task_that_holds_the_interpreter_in_c(local: Desk) -> None:
    local.executor.start(local.request("import re\nprint('busy', flush=True)\n" + STUCK_IN_C))
    local.wait_printed("busy")
    local.executor.cancel("train")
    assert local.wait("train").failed.error.message == "the task was cancelled"


def test_cancel_ends_grandchildren_too(local: Desk) -> None:
    local.executor.start(local.request(WITH_GRANDCHILD + "\ntime.sleep(100)"))
    local.wait_printed("grandchild")
    local.executor.cancel("train")
    local.wait("train")
    assert_ends(int((local.root / "grandchild").read_text()))


def test_cancelling_what_does_not_run_does_nothing(local: Desk) -> None:
    local.executor.cancel("train")
    assert local.run("x = 1", outputs="x").values == {"x": 1}


def test_a_grandchild_that_holds_stdout_does_not_delay_the_end(local: Desk) -> None:
    outcome = local.run(WITH_GRANDCHILD)
    assert isinstance(outcome.end, Finished)
    assert_ends(int((local.root / "grandchild").read_text()))


def test_a_forked_grandchild_that_holds_every_descriptor_does_not_delay_a_death(
    local: Desk,
) -> None:
    body = "import os, time\nif os.fork() == 0:\n    time.sleep(60)\nos._exit(7)"
    assert "os._exit(7)" in local.run(body).failed.error.message


def test_tasks_run_side_by_side(local: Desk) -> None:
    meet = (
        "import time, pathlib\npathlib.Path(mine).touch()\n"
        "while not pathlib.Path(other).exists(): time.sleep(0.01)"
    )
    for mine, other in (("a", "b"), ("b", "a")):
        local.executor.start(local.request(meet, task=mine, inputs={"mine": mine, "other": other}))
    ended: set[str] = set()
    while len(ended) < 2:
        event = local.events.get(timeout=TIMEOUT)
        if isinstance(event, Finished):
            ended.add(event.task)
    assert ended == {"a", "b"}


def test_a_large_request_and_a_large_answer_arrive(local: Desk) -> None:
    value = ["x" * 60_000] * 1
    inputs = {f"v{i}": [*value, str(i)] for i in range(100)}
    names = " + ".join(f"v{i}" for i in range(100))
    outcome = local.run(f"y = {names}", inputs=inputs, outputs="y")
    assert len(outcome.values["y"]) == 200


def test_a_killed_zygote_fails_its_tasks_and_is_replaced(own: Desk) -> None:
    own.executor.start(own.request(WITH_GRANDCHILD + "\ntime.sleep(100)"))
    own.wait_printed("grandchild")
    assert isinstance(own.executor, LocalExecutor)
    worker = int((own.root / "worker").read_text())
    os.kill(own.executor.zygote_pid, signal.SIGKILL)
    assert "zygote" in own.wait("train").failed.error.message
    assert_ends(worker)
    assert_ends(int((own.root / "grandchild").read_text()))
    assert own.run("x = 1", outputs="x").values == {"x": 1}


def test_a_task_takes_the_worker_that_was_forked_ahead_unless_it_was_killed(own: Desk) -> None:
    ahead = forked_ahead(own)
    assert own.run("import os\nx = os.getpid()", outputs="x").values == {"x": ahead}
    killed = forked_ahead(own)
    os.kill(killed, signal.SIGKILL)
    assert_ends(killed)
    outcome = own.run("import os\nx = os.getpid()", outputs="x")
    assert outcome.values["x"] not in (ahead, killed)
    assert isinstance(own.executor, LocalExecutor)
    last = forked_ahead(own)
    os.kill(own.executor.zygote_pid, signal.SIGKILL)
    assert_ends(last)


def test_closing_ends_what_runs(tmp_path: Path) -> None:
    events = Told()
    executor = LocalExecutor(events)
    desk = Desk(executor, events, tmp_path)
    executor.start(desk.request(WITH_GRANDCHILD + "\n" + STUCK_IN_C))
    desk.wait_printed("grandchild")
    executor.close()
    assert_ends(int((tmp_path / "worker").read_text()))
    assert_ends(int((tmp_path / "grandchild").read_text()))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_killed_scheduler_leaves_no_process_behind(tmp_path: Path, method: str) -> None:
    """Two seconds, though the worker is stuck in C and holds the interpreter's lock."""
    desk = Desk(LocalExecutor.__new__(LocalExecutor), SimpleQueue(), tmp_path)
    request = desk.request(WITH_GRANDCHILD + "\n" + STUCK_IN_C)
    script = (
        "import sys, queue, msgspec\nfrom nbflow.run import frames, local\n"
        "events = queue.SimpleQueue()\n"
        f"executor = local.LocalExecutor(events, method={method!r})\n"
        "print(executor.zygote_pid, flush=True)\n"
        "executor.start(frames.request(sys.stdin.buffer.read()))\n"
        # A fork of the scheduler that lives on must not pass for the scheduler.
        "import os, time\nfork = os.fork()\nif not fork:\n    time.sleep(60); os._exit(0)\n"
        "print(fork, flush=True)\n"
        "while True:\n    name = type(events.get()).__name__\n"
        "    if name != 'Writing': print(name, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as scheduler:
        assert scheduler.stdin is not None
        assert scheduler.stdout is not None
        scheduler.stdin.write(frame(request)[8:])
        scheduler.stdin.close()
        zygote = int(scheduler.stdout.readline())
        fork = int(scheduler.stdout.readline())
        assert scheduler.stdout.readline() == b"Started\n"
        assert scheduler.stdout.readline() == b"Output\n"
        scheduler.kill()
        scheduler.wait()
    for pid in (
        zygote,
        int((tmp_path / "worker").read_text()),
        int((tmp_path / "grandchild").read_text()),
    ):
        assert_ends(pid)
    os.kill(fork, signal.SIGKILL)


def test_a_worker_without_zygote_ends_itself_when_the_scheduler_is_gone(own: Desk) -> None:
    """Both are killed: the worker's own thread notices, as long as it gets to run."""
    executor = own.executor
    assert isinstance(executor, LocalExecutor)
    own.executor.start(own.request(WITH_GRANDCHILD + "\ntime.sleep(100)"))
    own.wait_printed("grandchild")
    (running,) = executor._running.values()
    running.pid = 0  # as if the scheduler had no time to kill it by its id
    os.kill(executor.zygote_pid, signal.SIGKILL)
    own.wait("train")
    assert_ends(int((own.root / "worker").read_text()))


def test_spawned_workers_run_tasks_and_report_deaths(tmp_path: Path) -> None:
    events = Told()
    executor = LocalExecutor(events, method="spawn")
    desk = Desk(executor, events, tmp_path)
    try:
        assert desk.run("print('hi')\nx = 1", outputs="x").values == {"x": 1}
        assert "os._exit(0)" in desk.run("import os\nos._exit(0)").failed.error.message
    finally:
        executor.close()


def test_a_zygote_that_cannot_start_is_replaced_by_spawned_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Stands for a package that ends the process it is imported in.
    monkeypatch.setattr("nbflow.run.control.SPAWN", SPAWN_THAT_DIES_WITH_PRELOAD)
    events = Told()
    executor = LocalExecutor(events, preload=("deadly",))
    desk = Desk(executor, events, tmp_path)
    try:
        assert desk.run("x = 1", outputs="x").values == {"x": 1}
    finally:
        executor.close()


def test_an_interpreter_that_cannot_start_at_all_is_a_failure_with_its_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbflow.run.control.SPAWN", "import sys; sys.exit('no such thing'); ")
    events = Told()
    executor = LocalExecutor(events)
    desk = Desk(executor, events, tmp_path)
    try:
        assert "no such thing" in desk.run("x = 1").failed.error.message
    finally:
        executor.close()


def test_only_installed_packages_are_preloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("raise SystemExit('user code in the zygote')")
    monkeypatch.syspath_prepend(tmp_path)
    events = Told()
    executor = LocalExecutor(events, preload=("mine", "missing", "colorsys", "xml.dom"))
    desk = Desk(executor, events, tmp_path)
    try:
        outcome = desk.run(
            "import sys\nx = [name in sys.modules for name in ('mine', 'colorsys', 'xml.dom')]",
            outputs="x",
        )
        assert outcome.values == {"x": [False, True, True]}
    finally:
        executor.close()


@pytest.mark.slow
def test_memory_and_descriptors_stay_flat_over_many_tasks(own: Desk) -> None:
    assert isinstance(own.executor, LocalExecutor)
    zygote = own.executor.zygote_pid
    sizes = []
    for i in range(2000):
        assert isinstance(own.run("x = 1", outputs="x", task=f"t[{i}]").end, Finished)
        if i % 500 == 100:
            sizes.append((resident(zygote), resident(os.getpid()), descriptors(zygote)))
    first, last = sizes[0], sizes[-1]
    assert last[0] - first[0] < 2e6
    assert last[1] - first[1] < 8e6
    assert abs(last[2] - first[2]) <= 1  # whether a worker has just been forked ahead


def forked_ahead(desk: Desk) -> int:
    """The worker that waits for a task, while none runs."""
    assert isinstance(desk.executor, LocalExecutor)
    zygote = desk.executor.zygote_pid
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()
        if len(children) == 1:
            return int(children[0])
        time.sleep(0.01)
    raise AssertionError("no worker was forked ahead")


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


#: Matching this takes longer than anybody waits, within one call of C code.
STUCK_IN_C = "import re; re.match('(a+)+$', 'a' * 64 + 'b')"
WITH_GRANDCHILD = (
    "import os, pathlib, subprocess, time\n"
    "child = subprocess.Popen(['sleep', '100'])\n"
    "pathlib.Path('grandchild').write_text(str(child.pid))\n"
    "pathlib.Path('worker').write_text(str(os.getpid()))\n"
    "print('grandchild', flush=True); time.sleep(0.1)"
)
SPAWN_THAT_DIES_WITH_PRELOAD = (
    f"{control.SPAWN}from nbflow.run import zygote; "
    "zygote._preload = lambda names: names and sys.exit('dead'); "
)
