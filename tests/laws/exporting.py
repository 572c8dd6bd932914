"""A notebook run as a flow and exported; what the exports give, run for themselves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

import nbflow
from nbflow.driver import ProblemsError
from nbflow.records.problem import Problem
from nbflow.results import FlowRun
from tests import notebooks
from tests.laws.cases.case import case
from tests.laws.describe import describe
from tests.laws.run_both import ROOT
from tests.notebooks import code, foreach, parameters

#: A kernel without its messages: it runs the cells of a notebook, and describes what they leave.
_SHELL = """
import asyncio, json, os, sys, tempfile
from IPython.core.interactiveshell import InteractiveShell
class ZMQInteractiveShell(InteractiveShell):
    def enable_gui(self, gui=None):
        pass
notebook, describe = sys.argv[1:]
shell = ZMQInteractiveShell.instance()
sys.modules["__main__"] = shell.user_module
os.environ |= {"TERM": "xterm-color", "CLICOLOR": "1", "FORCE_COLOR": "1"}
os.environ |= {"PAGER": "cat", "GIT_PAGER": "cat"}
tempfile.gettempdir()
async def run():
    for cell in json.load(open(notebook))["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            code = shell.transform_cell(source)
            ended = await shell.run_cell_async(source, store_history=True, transformed_cell=code)
            ended.raise_error()
            await asyncio.sleep(0.001)
asyncio.run(run())
assert not any(name.partition(".")[0] == "nbflow" for name in sys.modules)
space = {"__name__": "describe"}
exec(open(describe).read(), space)
json.dump(space["namespace"](shell.user_ns), open("values.json", "w"))
"""

#: Threads that wait for their turn without using it up, for the tests share a machine; a name.
_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "MPLBACKEND": "agg", "METAFLOW_USER": "tests"}

#: What ``with`` leaves is a name of a step like any other, and no process can pass it on.
FILES_LEFT = case(
    "files that are closed, and stay bound",
    foreach("i in range(2)", "with open(f'{i}.txt', 'w') as file:\n    file.write('a')\nn = i"),
    "with open('all.txt', 'w') as out:\n    out.write(str(n))\ntotal = sum(n)",
)

#: Their order is another in each process, unless it is told the hashes of texts.
SETS_OF_TEXTS = case(
    "sets of texts, and parameters that are None",
    parameters("least: int | None = None\nword: str = None\nmore = None"),
    "words = {'alpha', 'beta', 'gamma', 'delta', 'epsilon'}",
    foreach("word in words", "long = word * 2"),
    "order = [*words, *long, least, more]",
)

#: What a command line calls otherwise, or would make a float of.
PARAMETERS = case(
    "parameters with underscores, an int for a float, a list that a step changes",
    parameters("_least: int = 1\nlambda_: str | None = None\nrate: float = 1\nxs = [2, 1]"),
    "xs.sort()\ngiven = _least, lambda_, rate, xs",
)


def _marked(name: str, source: str, **options: object) -> NotebookNode:
    """A step whose mark is in the metadata, where options can stand."""
    cell = code(source)
    cell.metadata["nbflow"] = {"step": name, **options}
    return cell


def _seeded(cell: NotebookNode, number: int) -> NotebookNode:
    cell.metadata["nbflow"]["seed"] = number
    return cell


def _with(cell: NotebookNode, **variables: str) -> NotebookNode:
    mark = cell.metadata.setdefault("nbflow", {})
    mark["env"] = [f"{name}={value}" for name, value in variables.items()]
    return cell


#: Only a cell awaits outside of a function.
AWAITED = case(
    "cells that await, and a foreach that does",
    code("import asyncio\nasync def double(n):\n    await asyncio.sleep(0.001)\n    return 2 * n"),
    "pages = await asyncio.gather(double(1), double(2))\nmore = [await double(n) for n in pages]",
    foreach("page in pages", "async with asyncio.Lock():\n    later = await double(page)"),
    "total = sum(later), more",
)


#: Variables that hold for one step, and not below it.
ENVIRONMENT = case(
    "variables of the environment for one step",
    code("import os\ndef mode():\n    return os.environ.get('MODE')"),
    _with(_marked("a", "a = mode(), os.environ['LEVEL']"), MODE="fast", LEVEL="a b"),
    "b = a, mode()",
    _with(foreach("i in range(2)", "c = f'{mode()}{i}'"), MODE="slow"),
    "d = c, mode()",
)

#: Nbflow seeds them, and so does what is exported.
SEEDED = case(
    "generators that no cell seeds, one that an option seeds, and one that a cell seeds below",
    code("import numpy as np\nfrom random import choice, random"),
    "a = random(), choice('abcdef'), np.random.rand()",
    _marked("b", "b = np.random.permutation(9).tolist()", seed=7),
    "import random as rnd\nc = rnd.sample(range(20), 4), len(b)",
    "np.random.seed(3)\nd = np.random.rand()",
    "e = np.random.rand(2).tolist(), choice('abcdef')",
)

#: A step below binds nothing of what they read anew.
CLOSURES = case(
    "functions that hold what their own step has changed, and names bound within comprehensions",
    code("def after(f, g):\n    return lambda v: g(f(v))"),
    "counts = [1]\nvalues = [y := v * 2 for v in range(4)]\nlast = y",
    "counts.append(2)\nadd = after(lambda v: v * 2, lambda v: v + len(counts))",
    "total = sum(n for n in values if (m := n) > 2)\nx = add(5), m + last",
)

#: Nbflow seeds each of them, and so does what is exported.
DRAWING_SPLITS = case(
    "splits that draw: unseeded, seeded above, in a function, by an option, over pairs",
    code("import random\nimport numpy as np\ndef draw(n):\n    return [random.random()] * n"),
    foreach("n in range(1, 4)", "a = draw(n)\nb = np.random.normal()"),
    "random.seed(1)\ns = random.random()",
    foreach("i, j in [(1, 2), (3, 4)]", "w = np.random.rand() + i * j"),
    foreach("x in a", "seed = 3\nc = sum(x) + random.random() + seed"),
    _seeded(foreach("i in range(2)", "v = random.random() + i"), 7),
    "total = sum(c), sum(v), s",
)

MAIN = case("a function called main", code("def main(x):\n    return x + 1"), "a = main(1)")


@dataclass(frozen=True, slots=True)
class Ran:
    """A notebook that has run as a flow."""

    path: Path
    #: The values that the flow ends with, described, by name.
    values: dict[str, str]

    def export(self, to: str) -> Path | tuple[Problem, ...]:
        """The folder of an export, or why there is none."""
        # Not beside the notebook, where a step may look.
        folder = self.path.parent.with_name(f"{self.path.parent.name}-{to}")
        with nbflow.load(self.path) as flow:
            try:
                flow.export(to, folder)
            except ProblemsError as error:
                assert not folder.exists()
                return error.problems
        return folder


def run(document: NotebookNode, folder: Path) -> Ran:
    """Run a notebook as a flow."""
    path = notebooks.write(document, folder / "notebook.ipynb")
    with nbflow.load(path) as flow:
        ended = flow.run(workers=2)
    assert ended.status == "completed", [task.error for task in ended.tasks if task.error]
    return Ran(path, last_values(document, ended))


def last_values(document: NotebookNode, run: FlowRun) -> dict[str, str]:
    """What each name means once the last step has run."""
    values: dict[str, str] = {}
    for cell in document.cells:
        for task in run.tasks:
            if task.cell == cell.id and (task.index is None or task.index == 0):
                step = run[task.step]
                given = {n: getattr(step, n) for n in task.outputs if n.isidentifier()}
                values |= {n: describe(v) for n, v in given.items() if not isinstance(v, type)}
    return values


def differing(ran: Ran, found: dict[str, str]) -> dict[str, tuple[str, str]]:
    """What a plain run ends with otherwise; what has been deleted by then is not there."""
    text = ran.path.read_text("utf-8")
    return {
        name: (value, found.get(name, "<nothing>"))
        for name, value in ran.values.items()
        if found.get(name) != value
        and name[0] != "_"
        and not value.startswith("function ")
        and not (name not in found and re.search(rf"\bdel [\w, ]*\b{name}\b", text))
    }


def of_notebook(folder: Path) -> dict[str, str]:
    """What the exported notebook gives from top to bottom, without nbflow."""
    (path,) = folder.glob("*.ipynb")
    notebooks.valid(notebooks.read(path))
    # No notebook says in which order sets of texts come: here it is that of a run.
    tool = str(ROOT / "tests" / "laws" / "describe.py")
    python(folder, "-c", _SHELL, path.name, tool, hashes="0")
    found: dict[str, str] = json.loads((folder / "values.json").read_text())
    return found


def python(
    folder: Path,
    *words: str,
    code: int = 0,
    interpreter: str = sys.executable,
    hashes: str = "random",
) -> str:
    """Run Python as somebody without nbflow does; what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        [interpreter, *words],
        cwd=folder,
        env=environment | _PATIENT | {"PYTHONHASHSEED": hashes},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout
