"""Failures as the user sees them: their own cells and lines, nothing of ours."""

from __future__ import annotations

import pytest

from nbflow.records.message import Source
from tests.run.tasks import Desk, definition

FAILURES = {
    "in the body": ("x = 1\n\n1 / 0", "cell [4] step train, line 3", 3),
    "below the magic's line": ("# %%step train\n1 / 0", "cell [4] step train, line 2", 2),
    "after blank lines": ("\n\n1 / 0", "cell [4] step train, line 3", 3),
    "under %%time": ("# %%step train\n%%time\nx = 1\n1 / 0", "cell [4] step train, line 4", 4),
    "under %%capture": ("# %%step\n%%capture\nx = 1\n1 / 0", "cell [4] step train, line 4", 4),
    "in a line magic": ("x = 1\n%time 1 / 0", "cell [4] step train, line 2", 2),
    "in a function of the body": (
        "def f():\n    1 / 0\nf()",
        "cell [4] step train, line 3",
        2,
    ),
    "after an await": (
        "import asyncio\nawait asyncio.sleep(0)\n1 / 0",
        "cell [4] step train, line 3",
        3,
    ),
    "in a library": ("import json\n\njson.loads('{')", "cell [4] step train, line 3", 3),
    "in eval": ("eval('1 / 0')", "cell [4] step train, line 1", 1),
    "syntax": ("x = 1\nif x\n    y", "cell [4] step train, line 2", 2),
    "indentation": ("x = 1\n  y = 2", "cell [4] step train, line 2", 2),
    "return outside": ("x = 1\nreturn 5", "cell [4] step train, line 2", 2),
    "a group": (
        "try:\n    1 / 0\nexcept Exception as error:\n"
        "    raise ExceptionGroup('several', [error, ValueError('b')])",
        "cell [4] step train, line 4",
        4,
    ),
    "a cause": (
        "try:\n    1 / 0\nexcept Exception as error:\n    raise KeyError('k') from error",
        "cell [4] step train, line 2",
        4,
    ),
}


@pytest.mark.parametrize(("body", "place", "line"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_names_cell_step_and_line(desk: Desk, body: str, place: str, line: int) -> None:
    outcome = desk.run(body)
    assert place in outcome.traceback
    assert (outcome.failed.error.number, outcome.failed.error.line) == (4, line)


@pytest.mark.parametrize("body", [body for body, _, _ in FAILURES.values()], ids=FAILURES.keys())
def test_no_frame_of_ours_or_ipython_is_shown(desk: Desk, body: str) -> None:
    traceback = desk.run(body).traceback
    assert "nbflow" not in traceback
    assert "site-packages/IPython" not in traceback
    assert "run_code" not in traceback


def test_a_failing_definition_names_its_own_cell_and_shows_its_line(desk: Desk) -> None:
    outcome = desk.run(
        "double('a')",
        definitions=(definition("def double(x):\n    # twice\n    return x / 2", line=5),),
    )
    assert "cell [4] step train, line 1" in outcome.traceback
    assert "cell [2], line 7" in outcome.traceback
    assert "return x / 2" in outcome.traceback
    assert (outcome.failed.error.number, outcome.failed.error.line) == (2, 7)


def test_pieces_of_one_cell_keep_their_lines(desk: Desk) -> None:
    outcome = desk.run(
        "first()",
        definitions=(
            definition("def first():\n    second()", line=3),
            definition("def second():\n    raise ValueError('here')", line=8),
        ),
    )
    assert "cell [2], line 4" in outcome.traceback
    assert "cell [2], line 9" in outcome.traceback
    assert "raise ValueError('here')" in outcome.traceback


def test_a_failure_in_set_up_names_that_cell(desk: Desk) -> None:
    outcome = desk.run("1", setup=(Source("import os\nimport no_such_module", 1),))
    assert "cell [1], line 2" in outcome.traceback
    assert outcome.failed.error.name == "ModuleNotFoundError"
    assert (outcome.failed.error.number, outcome.failed.error.line) == (1, 2)


def test_a_failing_foreach_clause_names_its_line(desk: Desk) -> None:
    outcome = desk.run("[x for x in 5]", kind="splits")
    assert "cell [4] step train, line 1" in outcome.traceback


def test_source_of_definitions_can_be_inspected(desk: Desk) -> None:
    outcome = desk.run(
        "import inspect\nx = inspect.getsource(f)",
        outputs="x",
        definitions=(definition("def f():\n    return 1", line=4),),
    )
    assert outcome.values["x"].rstrip() == "def f():\n    return 1"


HOSTILE = {
    "two arguments": (
        "class E(Exception):\n    def __init__(self, a, b): super().__init__(f'{a}{b}')\n"
        "raise E(1, 2)",
        "12",
    ),
    "cannot be pickled": (
        "class E(Exception): pass\ne = E('m')\ne.lock = __import__('threading').Lock()\nraise e",
        "m",
    ),
    "__str__ raises": (
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "<its __str__ raises ValueError>",
    ),
    "__str__ gives no text": (
        "class E(Exception):\n    def __str__(self): return 5\nraise E",
        "<its __str__ raises TypeError>",
    ),
    "huge": ("class E(Exception): pass\nraise E('x' * 10_000_000)", "x" * 100),
    "a surrogate": ("class E(Exception): pass\nraise E('\\ud800')", "?"),
    "not an Exception": ("class E(BaseException): pass\nraise E('base')", "base"),
    "its own renderer": (
        "class E(Exception):\n    def _render_traceback_(self): raise ValueError\nraise E('r')",
        "r",
    ),
    "a cycle of causes": (
        "class E(Exception): pass\na, b = E('a'), E('b')\na.__cause__, b.__cause__ = b, a\nraise a",
        "a",
    ),
}


@pytest.mark.parametrize(("body", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_every_exception_can_be_told(desk: Desk, body: str, message: str) -> None:
    error = desk.run(body).failed.error
    assert error.name == "E"
    assert error.message.startswith(message)
    assert len(error.message) < 30_000
    assert sum(map(len, error.traceback)) < 200_000


@pytest.mark.slow
def test_deep_recursion_is_a_failure_of_readable_length(desk: Desk) -> None:
    outcome = desk.run("def f(): f()\nf()")
    assert outcome.failed.error.name == "RecursionError"
    assert len(outcome.traceback) < 50_000


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("x + 1", "x"),
        ("exec('y + 1')", "y"),
        ("import pickle\npickle.loads(b'c__main__\\nModel\\n.')", "Model"),
        ("import timeit\ntimeit.timeit('f()', 'from __main__ import f')", "f"),
        ("import sys\nsys.modules['__main__'].table", "table"),
        ("from os import nothing", ""),
        ("import os\nos.nothing", ""),
        ("raise ValueError('name is not defined')", ""),
    ],
)
def test_a_name_of_the_notebook_that_is_asked_for_in_vain_is_told(
    desk: Desk, body: str, name: str
) -> None:
    assert desk.run(body).failed.unbound == name
