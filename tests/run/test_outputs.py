"""What a task prints and displays: complete, in order, live, bounded."""

from __future__ import annotations

import time
from typing import Any

import pytest

from nbflow.run.worker.outputs import STREAM_LIMIT, Content, Outputs
from tests.run.tasks import Desk


class Screen:
    """Outputs with everything they sent."""

    def __init__(self) -> None:
        self.sent: list[Content] = []
        self.pending = 0
        self.outputs = Outputs(self.sent.append, self._note)

    def _note(self) -> None:
        self.pending += 1


def stream(name: str, text: str) -> Content:
    return {"output_type": "stream", "name": name, "text": text}


def shown(text: str) -> Content:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


def test_adjacent_text_of_one_stream_is_one_output() -> None:
    screen = Screen()
    for name, text in (("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")):
        screen.outputs.stream(name, text)
    expected = [stream("stdout", "ab"), stream("stderr", "c"), stream("stdout", "d")]
    assert screen.outputs.record() == expected
    screen.outputs.flush()
    assert screen.sent == expected


def test_a_display_sends_the_text_before_it_first() -> None:
    screen = Screen()
    screen.outputs.stream("stdout", "before")
    screen.outputs.display({"text/plain": "x"}, {}, {})
    assert [content["output_type"] for content in screen.sent] == ["stream", "display_data"]


def test_updates_reach_every_display_with_their_id_those_of_cells_above_later() -> None:
    screen = Screen()
    for _ in range(2):
        screen.outputs.display({"text/plain": "old"}, {}, {"display_id": "d"})
    screen.outputs.display({"text/plain": "new"}, {}, {"display_id": "d"}, update=True)
    for text in ("older", "above"):
        screen.outputs.display({"text/plain": text}, {}, {"display_id": "other"}, update=True)
    d, other = {"transient": {"display_id": "d"}}, {"transient": {"display_id": "other"}}
    update = {**shown("above"), **other, "output_type": "update_display_data"}
    assert screen.outputs.record() == [{**shown("new"), **d}, {**shown("new"), **d}, update]
    assert screen.sent[2]["output_type"] == "update_display_data"
    assert screen.sent[2]["transient"] == {"display_id": "d"}


@pytest.mark.parametrize("wait", [False, True])
def test_clearing_drops_what_came_before(wait: bool) -> None:
    screen = Screen()
    screen.outputs.stream("stdout", "old")
    screen.outputs.clear(wait)
    assert screen.outputs.record() == ([stream("stdout", "old")] if wait else [])
    screen.outputs.stream("stdout", "new")
    assert screen.outputs.record() == [stream("stdout", "new")]
    assert {"output_type": "clear_output", "wait": wait} in screen.sent


def test_a_flood_is_cut_with_a_mark_and_goes_on_live_as_samples() -> None:
    screen = Screen()
    for _ in range(300):
        screen.outputs.stream("stdout", "x" * 10_000)
    (output,) = screen.outputs.record()
    assert len(output["text"]) < STREAM_LIMIT + 100
    assert output["text"].endswith("\n[nbflow: stdout is cut here, after 1 MB]\n")
    screen.outputs.flush()
    assert sum(len(content["text"]) for content in screen.sent) < STREAM_LIMIT + 10_000


def test_the_other_stream_is_not_cut() -> None:
    screen = Screen()
    screen.outputs.stream("stdout", "x" * (STREAM_LIMIT + 1))
    screen.outputs.stream("stderr", "said")
    assert screen.outputs.record()[-1] == stream("stderr", "said")


def test_bundles_become_plain_json() -> None:
    screen = Screen()
    screen.outputs.display({"image/png": b"\x89PNG", "application/json": {"a": 1}}, {}, {})
    (output,) = screen.outputs.record()
    assert output["data"] == {"image/png": "iVBORw==", "application/json": {"a": 1}}


ORDERED = """
import os, sys
print("1 python")
os.system("echo 2 child")
print("3 python, stderr", file=sys.stderr)
os.system("echo 4 child, stderr >&2")
print("5 python")
os.write(1, b"5 descriptor\\n")
display("6 display")
sys.stdout.buffer.write(b"7 bytes\\n")
print("8", "many", "writes", sep="\\n8 ")
libc = __import__("ctypes").CDLL(None)
libc.puts(b"9 C")
9.5
"""


def test_all_ways_to_say_something_keep_their_order(local: Desk) -> None:
    outcome = local.run(ORDERED)
    assert outcome.log == [
        stream("stdout", "1 python\n2 child\n"),
        stream("stderr", "3 python, stderr\n4 child, stderr\n"),
        stream("stdout", "5 python\n5 descriptor\n"),
        shown("'6 display'"),
        stream("stdout", "7 bytes\n8\n8 many\n8 writes\n9 C\n"),
        {
            "output_type": "execute_result",
            "execution_count": None,
            "data": {"text/plain": "9.5"},
            "metadata": {},
        },
    ]


def test_text_is_live_while_the_step_is_busy(local: Desk) -> None:
    """The step ends only once its text has been seen."""
    body = (
        "import pathlib, time\nprint('working')\n"
        "while not pathlib.Path('seen').exists(): time.sleep(0.01)"
    )
    local.executor.start(local.request(body))
    local.wait_printed("working")
    (local.root / "seen").touch()
    assert local.wait("train").printed == "working\n"


@pytest.mark.parametrize(
    "flood",
    [
        "for _ in range(20_000): print('x' * 9_999)",
        "import os; line = b'x' * 99_999 + b'\\n'\nfor _ in range(2_000): os.write(1, line)",
        "import subprocess\nsubprocess.run('head -c 200000000 /dev/zero', shell=True); 0;",
        "import sys\nfor _ in range(2_000): print('x' * 99_999); sys.stderr.write('y' * 100)",
    ],
)
def test_200_mb_of_output_neither_block_nor_fill_memory(local: Desk, flood: str) -> None:
    began = time.monotonic()
    outcome = local.run(flood)
    assert "cut here, after 1 MB" in outcome.printed
    assert sum(len(content.get("text", "")) for content in outcome.live) < 3 * STREAM_LIMIT
    assert outcome.finished.peak_bytes < 150e6
    assert time.monotonic() - began < 20


def test_bytes_that_are_no_text_are_replaced(local: Desk) -> None:
    outcome = local.run("import os; os.write(1, b'a\\xff\\xc3'); os.write(1, b'\\xa9b')")
    assert outcome.printed == "a\ufffdéb"


def test_lone_surrogates_are_printed_as_best_can_be(desk: Desk) -> None:
    outcome = desk.run("print('a\\ud800b')")
    assert outcome.printed.startswith("a")
    assert outcome.printed.endswith("b\n")


def test_what_a_forked_child_prints_is_recorded(local: Desk) -> None:
    body = (
        "import multiprocessing\n"
        "def work(n): print('child', n, flush=True)\n"
        "p = multiprocessing.get_context('fork').Process(target=work, args=(1,))\n"
        "p.start(); p.join()\nprint('parent')"
    )
    assert local.run(body).printed == "child 1\nparent\n"


def test_what_a_thread_prints_is_recorded(desk: Desk) -> None:
    body = (
        "import sys, threading\n"
        "write = lambda: sys.stdout.write('thread\\n')\n"
        "threads = [threading.Thread(target=write) for _ in range(4)]\n"
        "for thread in threads: thread.start()\nfor thread in threads: thread.join()"
    )
    assert sorted(desk.run(body).printed.split()) == ["thread"] * 4


def test_progress_bars_keep_their_carriage_returns(desk: Desk) -> None:
    body = "for i in range(3): print(f'\\r{i}/2', end='')"
    assert desk.run(body).printed == "\r0/2\r1/2\r2/2"


def test_warnings_go_to_stderr_and_name_the_cell(local: Desk) -> None:
    (output,) = local.run("import warnings\n\nwarnings.warn('careful')").log
    assert output["name"] == "stderr"
    assert output["text"].startswith("cell [4] step train:3: UserWarning: careful")


def test_a_task_that_says_nothing_has_no_log(desk: Desk) -> None:
    assert desk.run("x = 1").finished.log is None


def test_a_failed_task_keeps_its_log(desk: Desk) -> None:
    assert desk.run("print('before')\n1 / 0").printed == "before\n"


def test_input_says_what_to_do_instead(desk: Desk) -> None:
    for body in ("input('name? ')", "import getpass\ngetpass.getpass()"):
        error = desk.run(body).failed.error
        assert error.message.startswith("input() cannot be used in a step")
        assert (error.number, error.line) == (4, body.count("\n") + 1)


def test_what_storing_the_outputs_says_is_not_the_cells(desk: Desk) -> None:
    body = (
        "class Loud:\n    def __reduce__(self):\n        print('pickled')\n"
        "        return (int, ())\nx = Loud()\nprint('body')"
    )
    assert desk.run(body, outputs="x", defines=("Loud",)).printed == "body\n"


def test_a_traceback_that_is_only_shown_stands_where_it_was_shown(desk: Desk) -> None:
    body = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    get_ipython().showtraceback()\nx = 1"
    outcome = desk.run(body, outputs="x")
    assert outcome.values == {"x": 1}
    assert [output["output_type"] for output in outcome.log] == ["error"]
    assert outcome.log[0]["ename"] == "ZeroDivisionError"


def test_an_error_of_what_shows_a_value_is_shown_and_the_cell_goes_on(desk: Desk) -> None:
    body = (
        "class Bad:\n    def _repr_html_(self):\n        raise ValueError('no picture')\n"
        "    def __repr__(self):\n        return 'bad'\n"
        "print('before')\ndisplay(Bad())\nprint('after')"
    )
    outcome = desk.run(body, defines=("Bad",))
    assert messages(outcome.log) == ["stream", "error", "display_data", "stream"]


def test_logging_streams_work(desk: Desk) -> None:
    body = "import logging\nlogging.basicConfig(force=True)\nlogging.warning('said')"
    assert desk.run(body).printed == "WARNING:root:said\n"


def messages(log: list[dict[str, Any]]) -> list[str]:
    return [output["output_type"] for output in log]


def test_display_handles_update_and_clear_as_in_a_kernel(desk: Desk) -> None:
    body = (
        "from IPython.display import display, clear_output, HTML\n"
        "print('gone')\nclear_output()\n"
        "handle = display('one', display_id=True)\nhandle.update(HTML('<b>two</b>'))\nNone"
    )
    outcome = desk.run(body)
    assert messages(outcome.log) == ["display_data"]
    assert outcome.log[0]["data"]["text/html"] == "<b>two</b>"
    assert messages(outcome.live) == [
        "stream",
        "clear_output",
        "display_data",
        "update_display_data",
    ]
