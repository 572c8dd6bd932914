"""What no script gives as the run gave it is refused: the cell, the reason, a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from nbformat import NotebookNode

from nbflow.driver import NotebookFlow, ProblemsError
from nbflow.driver.basis import Basis
from nbflow.export.readme import requirements
from nbflow.records.task import Fact
from tests.export.conftest import Flow
from tests.notebooks import code, foreach, parameters, setup, step

RANDOM = code("import random")

#: What is said; the forms that refuse it; the cells.
REFUSED: dict[str, tuple[str, tuple[NotebookNode, ...]]] = {
    "set-up seeds `random.state`, and an exported flow runs it in each of its processes": (
        "script notebook",
        (setup("import random\nrandom.seed(1)"), step("a", "a = random.random()")),
    ),
    "the splits of `a` draw from `random.state`": (
        "notebook",
        (RANDOM, step("s", "random.seed(1)"), foreach("i in range(2)", "a = random.random()")),
    ),
    "`!echo 1` in step `a` is IPython's": ("script", (step("a", "!echo 1\na = 1"),)),
    "`globals()` in step `a` means another thing": (
        "script",
        (step("a", "a = globals()['b'] = 1"),),
    ),
    "`eval(…)` in step `a`": ("script", (step("a", "a = eval('1')"),)),
    "`get_ipython` in an import of step `a`": (
        "script",
        (code("from IPython import get_ipython as shell"), step("a", "a = repr(shell())")),
    ),
    "`from __main__ import b` in step `a`": (
        "script",
        (
            step("b", "b = 1"),
            step("a", "import timeit\na = timeit.timeit('b', 'from __main__ import b') > b * 0"),
        ),
    ),
    "`global total`": (
        "script",
        (step("t", "total = 1"), step("a", "def f():\n    global total\n    total = 2\nf()")),
    ),
    "step `a` catches that `a` is not bound": (
        "script",
        (step("a", "try:\n    a = b = a\nexcept NameError as e:\n    a = str(e)"),),
    ),
    "`limit` is a definition that step `a` binds anew": (
        "script",
        (code("limit = 3"), step("a", "limit = limit + 1")),
    ),
    "class `Box` reads `size`, which steps bind": (
        "script",
        (
            code("class Box:\n    def get(self):\n        return size"),
            step("s", "size = 1"),
            step("a", "box = Box()"),
            step("b", "b = isinstance(box, Box)"),
        ),
    ),
    "`times` of step `a` holds a function that reads `by`": (
        "script",
        (
            step("s", "by = 2"),
            step("a", "times = [lambda v: v * by]"),
            step("t", "by = 3"),
            step("b", "b = times[0](1)"),
        ),
    ),
    "`v` is read below": (
        "notebook",
        (step("s", "v = 1"), foreach("v in [2]", "a = v"), step("b", "b = v")),
    ),
    "`partial` is what the exported module itself calls something": (
        "script",
        (code("def partial(n):\n    return n"), foreach("i in [1]", "a = partial(i)")),
    ),
    "`os` is what the exported module itself calls something": (
        "script",
        (code("import sys as os"), foreach("i in [1]", "a = os.maxsize")),
    ),
    "parameter `check` would be the option `--check`": (
        "script",
        (parameters("check = True"), step("a", "a = check")),
    ),
    "parameter `no_x` would be the option `--no-x`": (
        "script",
        (parameters("x = True\nno_x = 1"), step("a", "a = x")),
    ),
    "changes os.environ for the process": (
        "script",
        (setup("import os"), foreach("v in [2]", "os.environ['X'] = str(v)\na = v")),
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_it_is_told_what_and_where(ran: Flow, tmp_path: Path, message: str) -> None:
    forms, cells = REFUSED[message]
    flow = ran(*cells)
    for form in forms.split():
        with pytest.raises(ProblemsError) as refused:
            flow.export(form, tmp_path / form)
        told = [each for each in refused.value.problems if message in each.message]
        assert told, refused.value
        assert all(each.remedy and each.number and each.cell for each in told)
        assert not (tmp_path / form).exists()


def told(flow: NotebookFlow, folder: Path) -> list[tuple[int, str]]:
    with pytest.raises(ProblemsError) as refused:
        flow.export("metaflow", folder)
    return [(each.number, each.message) for each in refused.value.problems]


def test_what_many_steps_cannot_have_is_told_once(ran: Flow, tmp_path: Path) -> None:
    drawing = (step(name, f"{name} = random.random()") for name in "abcdef")
    flow = ran(RANDOM, step("s", "random.seed(1)"), *drawing)
    assert told(flow, tmp_path / "drawing") == [
        (
            3,
            "step `a` cannot run in a process of Metaflow's (nor can `b`, `c`, `d` and 2 more): it "
            "goes on from random.state, as the steps above leave it",
        )
    ]
    reading = (step(name, f"{name} = len(fs)") for name in "ab")
    flow = ran(step("fs", "fs = [lambda: 1]"), *reading, name="reading")
    assert told(flow, tmp_path / "reading") == [
        (
            1,
            "step `fs` cannot run in a process of Metaflow's: it passes on a list that no other "
            "process can have (`<lambda>` has no name of its own)",
        )
    ]
    reading = (step(name, f"{name} = lock.locked()") for name in "ab")
    flow = ran(code("import threading"), step("k", "lock = threading.Lock()"), *reading, name="k")
    assert [number for number, _ in told(flow, tmp_path / "staying")] == [2]


def test_metaflow_is_given_what_it_takes() -> None:
    class Facts:
        def facts(self, _: str) -> list[Fact]:
            installed = {"numpy": "2.1.0", "python-dateutil": "3.0.1", "urllib3": "2.5.0"}
            return [Fact("distribution", name, version) for name, version in installed.items()]

    basis = cast(Basis, Facts())
    takes = {"metaflow": {"python-dateutil": 3, "urllib3": 3}}
    assert requirements(basis, takes).splitlines()[1:] == [
        "numpy==2.1.0",
        "python-dateutil<3  # the notebook used 3.0.1, which metaflow does not take",
        "urllib3==2.5.0",
        "metaflow",
    ]
