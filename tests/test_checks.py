"""Every rule on flows: what is wrong is named at its cell, and all of it at once."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode

from nbflow.checks import check
from tests.flows import flow_of
from tests.notebooks import code, foreach, parameters, setup, step

SEED = "import numpy as np\nnp.random.seed(0)"
USE = step("use", "x = 1")


def after(name: str, source: str, *steps: str) -> NotebookNode:
    node = code(source, f"step:{name}")
    node.metadata["nbflow"] = {"after": list(steps)}
    return node


CACHED = "from functools import cache\n@cache\ndef f(n):\n    return n"
SAYING = CACHED.replace("return n", "print(n)\n    return n")


MODULE = (
    step("a", "%%writefile m.py\nA = 1"),
    step("b", "import m, importlib\nprint(m.A)"),
)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        pytest.param(("x = 1",), ["0 no-steps"], id="no steps"),
        pytest.param((step("a", "x = ("), USE), ["1 syntax-error"], id="syntax"),
        pytest.param(("x = (", USE), ["1 syntax-error"], id="syntax of an ordinary cell"),
        pytest.param(
            ("def f(x=L):\n    return x", step("a", "L = 1")),
            ["1 bound-below"],
            id="a definition that fails above what it needs",
        ),
        pytest.param(
            (CACHED, step("a", "x = f(3)"), step("b", "f(3)\nf.cache_info()")),
            ["3 counted-cache"],
            id="counts of a cache that another step has used",
        ),
        pytest.param(
            (step("a", f"{CACHED}\nf(3)"), step("b", "f.cache_info()")),
            ["2 counted-cache"],
            id="counts of a cache that its own cell has used",
        ),
        pytest.param(
            (step("a", "import doctest"), step("b", "doctest.testmod()")),
            ["2 hidden-names"],
            id="tests in the texts of definitions",
        ),
        pytest.param(
            (
                "%matplotlib widget\nimport matplotlib.pyplot as plt",
                *(step("a", "plt.plot([1])"), step("b", "plt.title('t')")),
                step("c", "plt.figure()\nplt.plot([1])"),
            ),
            ["3 open-figure"],
            id="a figure that stays open",
        ),
        pytest.param(
            (
                "import ipywidgets as widgets",
                step("a", "out = widgets.Output()\nother = open('a')"),
                *(step("b", "with out:\n    print(1)"), step("c", "with other:\n    pass")),
                step("d", "out = widgets.Output()\nwith out:\n    print(2)"),
            ),
            ["3 output-widget", "5 output-widget"],
            id="what is printed within a widget",
        ),
        pytest.param(
            (
                "import ipywidgets as widgets\nfrom ipywidgets import interact",
                step("a", "def f(n):\n    print(n)\n\n\ninteract(f, n=1)"),
                step("b", "out = widgets.Output()\n\n\ndef clicked(_):\n    with out: print(1)"),
                step("c", "other = []\nw = widgets.interactive(f, n=(0, 5))"),
            ),
            ["2 output-widget", "4 output-widget"],
            id="what a function shows within a widget",
        ),
        pytest.param(
            (
                "import pandas as pd",
                step("a", "df = pd.DataFrame({'v': [1]}, index=['k'])\nother = df.copy()"),
                *(step("b", "df.loc['k']"), step("c", "other.info()"), step("d", "df.info()")),
                *(step("e", "df = df + 1"), step("f", "df.info()")),
            ),
            ["5 memory"],
            id="memory that an index takes for what was looked up",
        ),
        pytest.param(
            (
                step("o", "import matplotlib.pyplot as plt\nplt.ioff()"),
                *(step("a", "plt.plot([1])"), step("b", "plt.show()")),
                *(step("c", "plt.plot([1])\nplt.show()"), step("d", "plt.plot([1])\nplt.show()")),
                *(step("e", "plt.ion()\nplt.plot([1])"), step("f", "plt.plot([1])")),
            ),
            ["3 open-figure"],
            id="a figure that another cell shows",
        ),
        pytest.param(
            (
                "%matplotlib widget\nimport matplotlib.pyplot as plt",
                "def draw(y):\n    plt.plot(y)",
                *(step("a", "draw([1])"), step("b", "draw([2])")),
            ),
            ["4 open-figure"],
            id="a figure that stays open, and a function that draws into it",
        ),
        pytest.param(
            (
                step("a", "f = open('a', 'w')\nf.write('x')\ng = open('b')"),
                *(step("b", "f = open('b', 'a')\nf.write('y')"), step("c", "f.close()\ng = 1")),
                *(step("d", "f = open('a', mode='w')"), step("e", "del f")),
            ),
            ["1 unclosed-file", "4 unclosed-file"],
            id="files that are not closed before their names are bound anew",
        ),
        pytest.param(
            (*MODULE, step("c", "%%writefile m.py\nA = 2"), step("d", "print(m.A)")),
            ["3 rewritten-module"],
            id="a module that is written anew",
        ),
        pytest.param(
            (
                *(*MODULE, step("c", "%%writefile m.py\nA = 2")),
                *(step("d", "importlib.reload(m);"), step("e", "print(m.A)")),
            ),
            [],
            id="a module that is written anew and reloaded at once",
        ),
        pytest.param(
            (CACHED, step("a", "x = f(3)\nf.cache_info()"), step("b", "y = f(3)")),
            [],
            id="counts of a cache that nobody has used above",
        ),
        pytest.param(
            (CACHED, step("a", "x = f(3)\nx.append(1)"), step("b", "f(3)"), step("c", "f(4)")),
            ["3 two-caches"],
            id="what a cache has given is changed, and asked for again",
        ),
        pytest.param(
            (CACHED, step("a", "x = f(3)"), step("b", "x.append(1)\ny = x"), step("c", "f(3)")),
            ["4 two-caches"],
            id="what a cache has given is changed in another step",
        ),
        pytest.param(
            (CACHED, step("a", "n = 3\nf(n).append(1)"), step("b", "f(n)"), step("c", "f(4)")),
            ["3 two-caches", "4 two-caches"],
            id="what a cache has given is changed, where calls are not written out",
        ),
        pytest.param(
            (CACHED, step("a", "x = f(3)"), step("b", "y = f(3)\ny.append(1)")),
            [],
            id="what a cache has given is changed where nobody asks for it again",
        ),
        pytest.param(
            (
                "import random\n" + CACHED + " * random.random()",
                step("a", "x = f(3)"),
                step("b", "y = f(4)"),
                step("c", "z = f(3)"),
            ),
            ["4 two-caches"],
            id="a cache of what chance has given",
        ),
        pytest.param(
            (SAYING, step("a", "for n in range(3):\n    f(n)"), step("b", "f(2)")),
            ["3 two-caches"],
            id="a cache of a function that prints, called in a loop",
        ),
        pytest.param(
            (SAYING, step("a", "f(1)"), step("b", "x = f(2)")),
            [],
            id="a cache of a function that prints, called with something else",
        ),
        pytest.param(
            (CACHED, step("a", "x = [f(n) for n in range(3)]"), step("b", "f(2)")),
            [],
            id="a cache of a function that gives the same each time",
        ),
        pytest.param(
            (
                "import sys",
                *(step("a", "x = []\nsys.getrefcount(x)"), step("b", "sys.getrefcount(x)")),
            ),
            ["3 memory"],
            id="who refers to what another cell has made",
        ),
        pytest.param(
            ("import sys", step("a", "x = []\nsys.getsizeof(x)"), step("b", "sys.getsizeof(x)")),
            ["3 memory"],
            id="what room something takes that another cell has made",
        ),
        pytest.param(
            (
                "import sys, io",
                step("a", "old = sys.stdout\nsys.stdout = io.StringIO()\nsys.stdout = old"),
                step("b", "sys.stdout = io.StringIO()\nsys.stdout = sys.__stdout__"),
                step("c", "print(1)"),
            ),
            ["3 process-state"] * 2,
            id="a stream that is put back, and one that is not",
        ),
        pytest.param(
            (
                "import weakref\nclass A: pass",
                *(step("a", "a = A()\nr = weakref.ref(a)"), step("b", "del a")),
                *(step("c", "print(r())"), step("d", "b = A()\ndel b"), step("e", "r()")),
            ),
            ["3 weak-reference"],
            id="what is given up in another cell than the one that refers to it weakly",
        ),
        pytest.param((after("a", "x = 1", "nope"),), ["1 unknown-after"], id="unknown --after"),
        pytest.param(
            (parameters("n = len('a')"), step("a", "x = n"), USE),
            ["1 parameter-not-literal", "2 no-parameter"],
            id="what is no parameter, and who reads it",
        ),
        pytest.param(
            (after("a", "x = 1", "b"), after("b", "y = 1", "a"), after("c", "z = 1", "b")),
            ["1 cycle", "2 cycle"],
            id="a cycle, but not what stands below it",
        ),
        pytest.param(
            (step("a", "n = 0"), foreach("x in range(3)", "n += x")),
            ["2 carried-in-foreach"],
            id="a split that goes on where another ended",
        ),
        pytest.param(
            (
                "def where(x):\n    return x.__array_interface__['data'][0]",
                step("a", "x = []\nn = id(x)"),
                step("b", "print(id(x), where(x))"),
                step("c", "m = where(x), 1"),
            ),
            ["2 address", "4 address"],
            id="an address that is handed on",
        ),
        pytest.param(
            (
                "import torch, warnings\nimport numpy as np\nfrom contextlib import *",
                step("a", "ctx = torch.no_grad()\nctx.__enter__()"),
                step("b", "stack = ExitStack()\nstack.enter_context(np.errstate())"),
                step("c", "w = warnings.catch_warnings()\nw.__enter__()\nw.__exit__()"),
                step("d", "stack.enter_context(redirect_stdout(None))"),
                step("e", "torch.autocast().__enter__()"),
            ),
            ["2 open-context", "5 open-context"],
            id="contexts that hold in one process",
        ),
        pytest.param(
            (
                step("a", "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    error = e"),
                step("b", "import traceback\ntraceback.print_exception(error)"),
                step("c", "print(error.__traceback__, repr(error))"),
                step("d", "other = ValueError()\nprint(other.__traceback__)"),
            ),
            ["2 lost-traceback", "3 lost-traceback"],
            id="the traceback of an exception that is handed on",
        ),
        pytest.param(
            (
                step("a", "class File:\n    def __del__(self):\n        print('bye')\nx = File()"),
                step("b", "del x"),
            ),
            ["1 finaliser"],
            id="a class that says when its objects are given up",
        ),
        pytest.param(
            (
                "from tempfile import TemporaryDirectory\nfrom pathlib import Path",
                step("a", "folder = TemporaryDirectory()\np = Path(folder.name, 'x')"),
                step("b", "p.write_text('1')"),
                step("c", "other = TemporaryDirectory()\nn = other.name\nother.cleanup()"),
                step("d", "print(n)\nlast = TemporaryDirectory()"),
            ),
            ["2 temporary-file"],
            id="a folder that goes with its process",
        ),
        pytest.param(
            (step("a", "n = m"), foreach("x of y", "z = x"), step("a", "k = (")),
            ["1 unknown-name", "2 bad-clause", "3 duplicate-step", "3 syntax-error"],
            id="all at once",
        ),
        # Where steps below would miss it.
        pytest.param((SEED, USE), ["1 process-state"], id="an ordinary cell"),
        pytest.param(
            (
                "from collections.abc import Sized\nclass A: ...\nclass B: ...",
                step("a", "for each in (A, B):\n    Sized.register(each)"),
                step("b", "x = isinstance(A(), Sized)"),
            ),
            ["2 process-state"],
            id="what is registered in a loop",
        ),
        pytest.param(
            ("import sys, os\nsys.path.insert(0, os.path.join('a', 'b'))", USE),
            [],
            id="where modules are sought",
        ),
        pytest.param(
            ("import sys", "p = find()", "sys.path.append(p)", step("u", "print(1)")),
            ["3 process-state"],
            id="where modules are sought, by data",
        ),
        pytest.param(("import numpy as np", step("a", "np.random.seed(0)"), USE), [], id="a step"),
        pytest.param(
            ("import sympy", step("a", "sympy.init_printing()"), USE),
            [],
            id="a step's configuration",
        ),
        pytest.param(
            ("import sympy", step("a", "wide = []\nsympy.init_printing(wide)"), USE),
            ["2 process-state"],
            id="a step's configuration by data",
        ),
        pytest.param(
            ("import sys", step("a", "sys.stdout = open('log')"), USE),
            ["2 process-state"],
            id="a stream",
        ),
        pytest.param(
            ("import sympy\nsympy.init_printing()", USE),
            ["1 process-state"],
            id="in an ordinary cell",
        ),
        pytest.param(
            ("import lib\nlib.configure(5)", step("a", "lib.get()")),
            ["1 process-state"],
            id="what sets something by its name, in an ordinary cell",
        ),
        pytest.param(
            ("import lib\nlib.show(5)\nlib.configure(5)", USE),
            [],
            id="of a library that no step uses",
        ),
        pytest.param(
            ("import polars as pl", step("a", "pl.set_random_seed(1)"), step("b", "pl.Series()")),
            ["2 process-state"],
            id="a seed that cannot be carried",
        ),
        pytest.param(
            ("import sympy", "def f():\n    sympy.init_printing()", step("a", "f()"), USE),
            [],
            id="a function's configuration",
        ),
        pytest.param(
            (
                "import sympy",
                "def f(way):\n    if way:\n        sympy.init_printing()",
                step("a", "f(1)"),
                USE,
            ),
            ["3 process-state"],
            id="what a function configures on a condition",
        ),
        pytest.param(
            (
                "import sympy",
                "def f(way):\n    sympy.init_printing(way)",
                step("a", "for way in (1, 2):\n    f(way)"),
                USE,
            ),
            ["3 process-state"],
            id="what a function configures by its argument, in a loop",
        ),
        pytest.param((setup(SEED), USE), [], id="set-up runs before every step"),
        pytest.param((USE, SEED), [], id="no step below"),
        pytest.param(
            (step("a", "df = {}"), step("b", "df.set_option(1)"), USE), [], id="no module"
        ),
    ],
)
def test_what_is_wrong_is_named_at_its_cell(
    cells: tuple[NotebookNode | str, ...], told: list[str]
) -> None:
    problems = check(flow_of(*cells))
    assert [f"{problem.number} {problem.code}" for problem in problems] == told
    assert all(problem.remedy for problem in problems)
    assert all(p.severity == "warning" for p in problems if p.code == "process-state")
