"""What users get wrong: each is said in the cell that caused it, shortly, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.magics.kernels import Kernel, kernel


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel(tmp_path_factory.mktemp("bad")) as one:
        one.run("table = sorted([2, 1])", "ordinary")
        yield one


CASES = {
    "an unknown option": ("%%step a --cpu 2\nx = 1", "Did you mean `--cpus`?"),
    "an empty cell": ("%%step a\n", "empty"),
    "a name that is none": ("%%step load-data\nx = 1", "`load_data` would be"),
    "a clause that is none": ("%%foreach x on xs\ny = x", "for"),
    "two marks": ("%%step a\n%%foreach x in [1]\ny = x", "%%foreach"),
    "data of an ordinary cell": ("%%step a\nx = table[0]", "the ordinary cell [2]"),
    "a name bound below": ("%%step a\nx = later", "`later`"),
    "asking": ("%%step a\nx = input('who? ')", "make it a parameter"),
    "an exit": ("%%step a\nimport os\nos._exit(1)", "exit"),
    "a syntax error": ("%%step a\nx = = 1", "invalid syntax"),
    "an error that cannot be carried": (
        "%%step a\nclass Odd(Exception):\n    def __init__(self, a, b):\n"
        "        super().__init__(a)\n        self.f = lambda: b\nraise Odd('odd', 2)",
        "Odd: odd",
    ),
    "a group of errors": (
        "%%step a\nraise ExceptionGroup('both', [ValueError('one'), KeyError('two')])",
        "both",
    ),
    "an interrupt of one's own": ("%%step a\nraise KeyboardInterrupt", "KeyboardInterrupt"),
    "a shell of one's own": ("%%step a\ndef get_ipython(): ...\nx = 1 / 0", "division"),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_it_is_said_in_the_cell_and_the_kernel_goes_on(
    running: Kernel, source: str, expected: str
) -> None:
    shown = running.run(source, "cell")
    assert shown.status == "error", shown.text
    assert expected in shown.text, shown.text
    assert "nbflow/" not in shown.text, shown.text
    assert "run_cell_magic" not in shown.text
    # The next cell is as if nothing had been.
    assert running.run("%%step a\nx = 1\nx", "cell").rest == ["1"]
    assert running.run("print('on')", "look").rest == ["on\n"]


def test_a_cell_that_takes_the_kernels_own_name_does_no_harm(running: Kernel) -> None:
    running.run("get_ipython = lambda: None", "shadow")
    try:
        assert running.run("%%step a\nx = 2\nx", "cell").rest == ["2"]
    finally:
        running.run("del get_ipython", "shadow")
    assert running.run("%flow", "flow").status == "ok"
