"""IPython in a step: magics, shell commands, await, displays, plots, as in a kernel."""

from __future__ import annotations

from typing import Any

import pytest

from nbflow.records.message import Source
from tests.run.tasks import Desk

CELLS: dict[str, tuple[str, dict[str, Any]]] = {
    "a line magic with a result": ("x = %precision 2", {"x": "%.2f"}),
    "%time binds": ("%time x = 1 + 1", {"x": 2}),
    "%timeit binds nothing": ("%timeit -n1 -r1 y = 1\nx = 'y' in globals()", {"x": False}),
    "%%time in a step": ("# %%step\n\n%%time\nx = 1\nx += 1", {"x": 2}),
    "%%capture": (
        "%%capture said\nprint('quiet')\nx = 1",
        {"x": 1},
    ),
    "shell output": ("x = !echo one; echo two\nx = list(x)", {"x": ["one", "two"]}),
    "shell output as a string": ("x = len(get_ipython().getoutput('echo a'))", {"x": 1}),
    "variables in a shell command": (
        "word = 'hi'\nx = !echo {word} $word\nx = x[0]",
        {"x": "hi hi"},
    ),
    "%%bash with output": ("%%bash --out x\necho from bash", {"x": "from bash\n"}),
    "top-level await": (
        "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 3\nx = await f()",
        {"x": 3},
    ),
    "top-level async for": (
        "async def f():\n    yield 1\n    yield 2\nx = []\nasync for i in f():\n    x.append(i)",
        {"x": [1, 2]},
    ),
    "%env": ("%env A_B=1\nimport os\nx = os.environ['A_B']", {"x": "1"}),
    "%cd stays in the task": ("%cd -q /\nimport os\nx = os.getcwd()", {"x": "/"}),
    "magics of IPython's own": (
        "%who_ls\n%config IPCompleter.use_jedi = False\nx = 1",
        {"x": 1},
    ),
    "a star import": ("from math import *\nx = floor(pi)", {"x": 3}),
    "open is the plain one to pickle": ("x = get_ipython() is not None", {"x": True}),
    "last value": ("x = 1\n_ == ''", {"x": 1}),
    "In is named": ("x = len(In)", {"x": 2}),
    "unicode": ("größe = 'ü'\nx = größe", {"x": "ü"}),
    "windows line ends": ("x = 1\r\ny = 2\r\nx += y", {"x": 3}),
    "an empty body": ("", {}),
    "only comments": ("# nothing\n", {}),
    "leading blank lines": ("\n\n\nx = 1", {"x": 1}),
}


@pytest.mark.parametrize(("body", "values"), CELLS.values(), ids=CELLS.keys())
def test_cells_do_what_they_do_in_a_kernel(desk: Desk, body: str, values: dict[str, Any]) -> None:
    outcome = desk.run(body, outputs="x", defines=("f", "asyncio", "os"))
    assert outcome.values == values


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("1 + 1", "2"),
        ("1 + 1;", None),
        ("x = 1", None),
        ("if True:\n    5", None),
        ("None", None),
        ("1\n2", "2"),
        ("'a' # comment; ", "'a'"),
        ("%time 3", "3"),
        ("[1,\n 2]", "[1, 2]"),
    ],
)
def test_the_last_expression_is_displayed(desk: Desk, body: str, text: str | None) -> None:
    results = [out for out in desk.run(body).log if out["output_type"] == "execute_result"]
    assert [out["data"]["text/plain"] for out in results] == ([] if text is None else [text])


def test_rich_results_come_with_all_their_forms(desk: Desk) -> None:
    body = (
        "class Rich:\n    def _repr_html_(self): return '<b>rich</b>'\n"
        "    def __repr__(self): return 'rich'\nRich()"
    )
    (output,) = desk.run(body, defines=("Rich",)).log
    assert output["data"] == {"text/html": "<b>rich</b>", "text/plain": "rich"}


@pytest.mark.parametrize("line", [1, 3])
def test_a_magic_without_its_sign_runs_wherever_it_stands(desk: Desk, line: int) -> None:
    setup = (Source("time y = 2", 1, line), Source("y += 1", 1, line))
    assert desk.run("x = y", outputs="x", setup=setup).values == {"x": 3}


def test_shell_commands_print_into_the_cell(local: Desk) -> None:
    assert local.run("!echo out; echo err >&2").printed.split() == ["out", "err"]


def test_a_failing_cell_magic_shows_its_text(local: Desk) -> None:
    outcome = local.run("%%bash\necho before\nexit 3")
    assert outcome.failed.error.name == "CalledProcessError"
    assert outcome.printed == "before\n"


def test_an_unknown_magic_is_a_failure(desk: Desk) -> None:
    outcome = desk.run("%no_such_magic")
    assert outcome.failed.error.name == "UsageError"
    assert "no_such_magic" in outcome.traceback


def test_help_shows_nothing_in_the_notebook(desk: Desk) -> None:
    assert desk.run("print?").log == []


def test_extensions_and_configuration_hold_in_the_body(desk: Desk) -> None:
    outcome = desk.run(
        "1\n2",
        setup=(Source("%config InteractiveShell.ast_node_interactivity = 'all'", 1),),
    )
    results = [out["data"]["text/plain"] for out in outcome.log]
    assert results == ["1", "2"]


FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"


@pytest.mark.parametrize(
    ("body", "types"),
    [
        (FIGURE + "None", ["display_data"]),
        (FIGURE + "plt.show()\nprint('after')", ["display_data", "stream"]),
        (FIGURE, ["execute_result", "display_data"]),
        ("%matplotlib inline\n" + FIGURE + "None", ["display_data"]),
        ("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nfig;", ["display_data"]),
        (FIGURE + "plt.close('all')", []),
    ],
)
def test_plots_are_displayed_as_under_ipykernel(local: Desk, body: str, types: list[str]) -> None:
    outcome = local.run(body)
    assert [output["output_type"] for output in outcome.log] == types
    images = [out for out in outcome.log if out["output_type"] == "display_data"]
    assert all(image["data"]["image/png"].startswith("iVBOR") for image in images)


def test_pandas_frames_are_displayed_as_tables(local: Desk) -> None:
    (output,) = local.run("import pandas as pd\npd.DataFrame({'a': [1]})").log
    assert "<table" in output["data"]["text/html"]


PARALLEL = {
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool: x = list(pool.map(abs, [-1, -2]))"
    ),
    "multiprocessing by fork": (
        "import multiprocessing\ndef f(n): return -n\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool: x = pool.map(f, [-1, -2])"
    ),
    "processes": (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(2) as pool: x = list(pool.map(abs, [-1, -2]))"
    ),
    "multiprocessing by spawn": (
        "import multiprocessing\n"
        "with multiprocessing.get_context('spawn').Pool(1) as pool: x = pool.map(abs, [-1, -2])"
    ),
    "joblib": (
        "from joblib import Parallel, delayed\ndef f(n): return -n\n"
        "x = Parallel(n_jobs=2)(delayed(f)(n) for n in [-1, -2])"
    ),
    "subprocess": (
        "import subprocess, sys\n"
        "x = eval(subprocess.check_output([sys.executable, '-c', 'print([1, 2])']))"
    ),
}


@pytest.mark.parametrize("body", PARALLEL.values(), ids=PARALLEL.keys())
def test_steps_may_use_threads_and_processes_of_their_own(local: Desk, body: str) -> None:
    assert local.run(body, outputs="x").values == {"x": [1, 2]}
