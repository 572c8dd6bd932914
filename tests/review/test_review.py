"""Each rule of the review: what it finds and where, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode

from nbflow import cells
from nbflow.records.problem import Problem
from nbflow.review import review
from tests.notebooks import code, foreach, notebook, parameters, step


def no_stars(_: str) -> frozenset[str] | None:
    return None


def reviewed(*nodes: NotebookNode | str, counts: tuple[int | None, ...] = ()) -> list[Problem]:
    document = notebook(*nodes)
    for cell, count in zip(document.cells, counts, strict=False):
        cell.execution_count = count
    return list(review(cells.parse(document, Path("/nowhere/test.ipynb")), no_stars))


def told(found: list[Problem]) -> list[str]:
    return [f"{each.number}:{each.line or 0} {each.code}" for each in found]


NP = "import numpy as np"


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param((), [], id="no cells"),
        pytest.param(("x = 1", "x"), [], id="clean"),
        pytest.param(("y = x", "print(x)"), ["1:1 unknown-name"], id="a name, once for all cells"),
        pytest.param(("y = 1\nx", "x = 1"), ["1:2 bound-below"], id="bound below"),
        pytest.param(("x = 1\ndel x", "x"), ["2:1 deleted-name"], id="deleted"),
        pytest.param(("def f():\n    return x", "x = 1", "f()"), [], id="late binding"),
        pytest.param(("def f():\n    return x", "f()"), [], id="a function may never get there"),
        pytest.param(("from m import *", "x"), [], id="a star may bind anything"),
        pytest.param(("exec('x = 1')", "x"), [], id="exec may bind anything"),
        pytest.param(("_ + Out[1]", "%matplotlib inline"), [], id="names of IPython"),
        pytest.param(("x = 1; print x", "x"), ["1:1 syntax-error"], id="Python 2, no more of it"),
        pytest.param(("import random\nrandom.random()",), ["1:2 unseeded"], id="random"),
        pytest.param((NP, "np.random.rand(3)", "np.random.rand(3)"), ["2:1 unseeded"], id="numpy"),
        pytest.param((NP, "np.random.seed(0)", "np.random.rand(3)"), [], id="seeded above"),
        pytest.param((NP, "np.random.seed(0)\nnp.random.rand(3)"), [], id="seeded in the cell"),
        pytest.param(
            (NP, "np.random.rand(3)", "np.random.seed(0)"), ["2:1 unseeded"], id="seeded below"
        ),
        pytest.param(
            (NP + "\ndef draw():\n    return np.random.rand()", "draw()"),
            ["2:0 unseeded"],
            id="a function that draws, where it is called",
        ),
        pytest.param((NP + "\ndef draw():\n    np.random.rand()",), [], id="nobody draws"),
        pytest.param((NP, "rng = np.random.default_rng()"), ["2:1 unseeded"], id="a generator"),
        pytest.param((NP, "rng = np.random.default_rng(3)"), [], id="a seeded generator"),
        pytest.param(("import random\nr = random.Random()",), ["1:2 unseeded"], id="Random()"),
        pytest.param(
            ("from m import train_test_split as train_test_split", "train_test_split(1)"),
            ["2:1 unseeded"],
            id="a split",
        ),
        pytest.param(
            ("from m import train_test_split", "train_test_split(1, random_state=1)"),
            [],
            id="a seeded split",
        ),
        pytest.param(
            ("from m import train_test_split", "train_test_split(1, shuffle=False)"),
            [],
            id="a split that does not draw",
        ),
        pytest.param(("x = 1\nopen('/mnt/me/x')",), ["1:2 absolute-path"], id="a mount"),
        pytest.param(("open('~/x')", "open('~/x')"), ["1:1 absolute-path"], id="a tilde, once"),
        pytest.param((r"open('C:\\data\\x.csv')",), ["1:1 absolute-path"], id="a drive"),
        pytest.param(("%cd /content/drive",), ["1:1 absolute-path"], id="a magic"),
        pytest.param(("!cat /etc/hosts",), ["1:1 absolute-path"], id="a command"),
        pytest.param(
            ("'''/mnt/me'''\nopen('data/x.csv'), 'https://a.org/mnt/x', '/', '/x', 'a:b'",),
            [],
            id="no absolute paths",
        ),
        pytest.param(
            (parameters("n = 2"), foreach("x in range(n)", "y = x"), "sum(y)"), [], id="marked"
        ),
        pytest.param(
            ("df = list('ab')", step("a", "x = df")),
            ["2:1 ordinary-data"],
            id="the flow's own problems",
        ),
    ],
)
def test_a_rule_finds_what_it_should(
    nodes: tuple[NotebookNode | str, ...], expected: list[str]
) -> None:
    assert told(reviewed(*nodes)) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param((None, None, None), [], id="never executed"),
        pytest.param((1, 2, 3), [], id="from top to bottom"),
        pytest.param((1, 3, 2), ["2:0 out-of-order"], id="two changed places"),
        pytest.param((3, 1, 2), ["1:0 out-of-order"], id="the first came last"),
        pytest.param((1, 2, 2), ["2:0 out-of-order"], id="two sessions"),
        pytest.param((1, 2, 5), ["0:0 hidden-state"], id="executions are gone"),
        pytest.param((1, None, 2), ["2:0 not-executed"], id="left out"),
        pytest.param((1, 2, None), [], id="not yet executed"),
        pytest.param((4, None, 2), ["0:0 hidden-state", "1:0 out-of-order", "2:0 not-executed"]),
    ],
)
def test_the_order_of_execution_is_held_against_that_of_the_cells(
    counts: tuple[int | None, ...], expected: list[str]
) -> None:
    assert told(reviewed("a = 1", "b = 2", "c = 3", counts=counts)) == expected


def test_comments_need_no_execution() -> None:
    assert reviewed("a = 1", "# nothing", "b = 2", counts=(1, None, 2)) == []


def test_a_message_names_the_other_cells_with_the_same() -> None:
    (found,) = reviewed(*["x"] * 6)
    assert found.message == "`x` is not defined (so in [2], [3], [4] and 2 more)"
    (found,) = reviewed("x", "x")
    assert found.message == "`x` is not defined (so in [2])"


def test_messages_speak_of_cells_and_of_no_steps() -> None:
    assert reviewed("x = 1\ndel x", "x")[0].message == "`x` is deleted by cell [1]"
    (late, _) = reviewed("y = x", "x = 1", "print(z)")
    assert late.message == "`x` is bound only below, in cell [2]"
    assert "step" not in late.remedy


def test_it_is_told_which_executions_are_gone() -> None:
    (found,) = reviewed("a", code("a = 1"), counts=(7, 9))[:1]
    assert found.message.startswith("7 executions ([1] to [6], [8]) are no longer")
