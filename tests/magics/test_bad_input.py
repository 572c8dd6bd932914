"""What users get wrong: each is said in the cell that caused it, shortly, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.magics.expected import held
from tests.magics.kernels import Kernel, kernel

pytestmark = pytest.mark.slow

ODD = """
class Odd(Exception):
    def __init__(self, a, b):
        super().__init__(a)
        self.why = lambda: b
"""
TWO = """
class Two(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")
"""

#: By the name of its snapshot.
CASES = {
    "unknown-option": "%%step a --cpu 2\nx = 1",
    "empty-cell": "%%step a\n",
    "no-identifier": "%%step load-data\nx = 1",
    "no-clause": "%%foreach x on xs\ny = x",
    "two-marks": "%%step a\n%%foreach x in [1]\ny = x",
    "ordinary-data": "%%step a\nx = table[0]",
    "bound-below": "%%step a\nx = later",
    "input": "%%step a\nx = 1\ny = input('who? ')",
    "exit": "%%step a\nimport os\nprint('on my way')\nos._exit(1)",
    "syntax-error": "%%step a\nx = 1\ny = = 1",
    "unpicklable-error": f"%%step a{ODD}raise Odd('odd', 2)",
    "two-argument-error": f"%%step a{TWO}x = 1\nraise Two(1, 2)",
    "error-group": "%%step a\ndef fail(what):\n    raise ValueError(what)\ntry:\n"
    "    fail('one')\nexcept ValueError as error:\n"
    "    raise ExceptionGroup('both', [error, KeyError('two')])",
    "own-interrupt": "%%step a\nraise KeyboardInterrupt",
    "own-shell": "%%step a\ndef get_ipython(): ...\nx = 1 / 0",
    "error-above": "%%step b\ny = broken",
    "value-that-stays": "found = conn.execute('select 1')",
    "iterator-of-splits": "%%step b\ny = list(evens)",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel(tmp_path_factory.mktemp("bad")) as one:
        one.run("table = sorted([2, 1])", "ordinary")
        one.run("%%step connect\nimport sqlite3\nconn = sqlite3.connect(':memory:')", "connect")
        one.run("%%foreach n in [1, 2]\nevens = (2 * i for i in range(n))", "evens")
        one.run("%flow config on_run register", "config")
        one.run("%%step broken\nrows = [1]\nbroken = rows[2]", "broken")
        one.run("%%step a\nx = 1", "cell")
        one.run("%%step later\nlater = 1", "below")
        one.run("%flow config on_run run", "config")
        yield one


@pytest.mark.parametrize("name", CASES)
def test_it_is_said_in_the_cell_and_the_kernel_goes_on(running: Kernel, name: str) -> None:
    shown = running.run(CASES[name], "cell")
    assert shown.status == "error", shown.text
    held(shown, f"bad-{name}")
    # Jupyter's own are coloured as well, and none has a line of ours or of IPython's machinery.
    (error,) = (output for output in shown.outputs if output["output_type"] == "error")
    assert name == "error-group" or "\x1b[" in "".join(error["traceback"])
    assert "nbflow/" not in shown.text
    assert "run_cell_magic" not in shown.text
    # The next cell is as if nothing had been.
    assert running.run("%%step a\nx = 1\nx", "cell").rest == ["1"]
    assert running.run("print('on')", "look").rest == ["on\n"]


def test_a_cell_that_takes_the_kernels_own_name_does_no_harm(running: Kernel) -> None:
    running.run("get_ipython = lambda: None", "shadow")
    try:
        assert running.run("%%step a\nx = 2\nx", "cell").rest == ["2"]
        shown = running.run("%%step a\nx = 1 / 0", "cell")
    finally:
        running.run("del get_ipython", "shadow")
    held(shown, "bad-kernels-own-name")
    assert running.run("%flow", "flow").status == "ok"
