"""Steps in the kernel itself: ``--here``, breakpoints, a look post mortem."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.magics.kernels import kernel

pytestmark = pytest.mark.slow


def test_a_step_here_runs_in_the_kernel_in_a_namespace_of_its_own(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%%step load\ndata = [1, 2]", "load")
        running.run("secret = list('5')", "ordinary")
        source = (
            "%%step here --here\nimport os\nprint('in', os.getpid())\n"
            "mine = data + [3]\n'secret' in globals()"
        )
        shown = running.run(source, "here")
        assert shown.status == "ok", shown.text
        assert shown.rest == [f"in {running.pid}\n", "False"]
        assert running.run("mine, secret", "look").rest == ["([1, 2, 3], ['5'])"]
        # The kernel is as it was.
        assert running.run("get_ipython().__class__.__module__", "look").rest == [
            "'ipykernel.zmqshell'"
        ]
        assert running.run("print('out'); 1", "look").rest == ["out\n", "1"]


def test_a_breakpoint_in_a_step_here_asks_in_the_cell(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        source = "%%step here --here\nx = 20\nbreakpoint()\ny = x + 1\nprint('end')"
        shown = running.run(source, "here", answers=["print(x * 2)", "c"])
        assert shown.status == "ok", shown.text
        assert "40\n" in shown.text
        assert "end\n" in shown.text
        assert running.run("y", "look").rest == ["21"]


def test_a_failed_step_is_looked_at_post_mortem_with_its_inputs(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%%step load\ndata = [1, 2]", "load")
        running.run("%%step fails\nhalf = len(data)\nhalf / 0", "fails")
        shown = running.run("%flow debug fails", "debug", answers=["print(data, half)", "q"])
        assert shown.status == "ok", shown.text
        assert "ZeroDivisionError" in shown.text
        assert "[1, 2] 2" in shown.text
        assert "step fails, line 3" in shown.text
        assert running.run("1", "look").rest == ["1"]


def test_the_debug_magic_finds_what_failed_here(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%%step fails --here\nvalue = 3\nvalue / 0", "fails")
        shown = running.run("%debug", "debug", answers=["print(value)", "q"])
        assert "3\n" in shown.text


def test_a_front_end_that_cannot_ask_is_told_so(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%%step fails\n1 / 0", "fails")
        shown = running.run("%flow debug fails", "debug")
        assert shown.status == "error"
        assert "the debugger cannot ask here" in shown.text
        assert "nbflow/" not in shown.text


def test_a_step_that_is_fine_has_nothing_to_debug(tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        running.run("%%step fine\nvalue = 1", "fine")
        assert "nothing to debug" in running.run("%flow debug fine", "debug").text
