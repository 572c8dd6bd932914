"""What each step's tasks run first."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode

from nbflow.fingerprint import fingerprint, recipe_of
from nbflow.flow import Flow
from nbflow.records.digest import Digest
from tests.flows import flow_of
from tests.notebooks import code, setup, step

Cells = tuple[NotebookNode | str, ...]


def firsts(flow: Flow) -> dict[str, list[str]]:
    return {
        step.name: [each.source.text for each in flow.setup_of(step)]
        for step in flow.steps.values()
        if flow.setup_of(step)
    }


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(
            (step("a", "x = 1"), setup("import os"), step("b", "y = 1")),
            {"a": ["import os"], "b": ["import os"]},
            id="a set-up cell is for all",
        ),
        pytest.param(
            (step("a", "x = 1"), code("%precision 2"), step("b", "y = 1")),
            {"a": ["%precision 2"], "b": ["%precision 2"]},
            id="so is an ordinary cell's magic",
        ),
        pytest.param(
            (step("a", "x = 1"), step("b", "%precision 2\n%cd /"), step("c", "y = 1")),
            {"c": ["%precision 2"]},
            id="a step's magic is for those below, but for a state that it hands on",
        ),
        pytest.param(
            (
                step("a", "import lib\nx = 1"),
                step("b", "lib.DEBUG = True"),
                step("c", "lib.use()"),
                step("d", "y = x"),
                step("e", "z = 1"),
            ),
            {"c": ["import lib", "lib.DEBUG = True"], "d": ["import lib", "lib.DEBUG = True"]},
            id="an attribute is for those that meet the package, or what it made",
        ),
        pytest.param(
            (step("a", "from sympy import *\ninit_printing()"), step("b", "x = 1")),
            {"b": ["from sympy import *", "init_printing()"]},
            id="by a star import, too",
        ),
        pytest.param(
            (step("a", "from sympy import init_printing\ninit_printing()"), step("b", "x = 1")),
            {"b": ["from sympy import init_printing", "init_printing()"]},
            id="what shows in values is for all below",
        ),
        pytest.param(
            (step("a", "import lib\nwide = 3\nlib.size = wide"), step("b", "lib.use()")),
            {},
            id="what reads data stays",
        ),
        pytest.param(
            (step("a", "import lib\nlib.rng = lib.Generator(0)"), step("b", "lib.use()")),
            {},
            id="what makes an object stays",
        ),
        pytest.param(
            (step("a", "import matplotlib as mpl\nmpl.rcParams['x'] = 1"), step("b", "mpl.use()")),
            {},
            id="what is an ambient state is handed on as one",
        ),
        pytest.param(
            (step("a", "df = f()\ndf.columns = [1]"), step("b", "df")), {}, id="data is no package"
        ),
    ],
)
def test_who_runs_what_first(cells: Cells, expected: dict[str, list[str]]) -> None:
    assert firsts(flow_of(*cells)) == expected


def test_a_comment_on_configuration_changes_no_fingerprint_and_another_value_does() -> None:
    def of(body: str) -> list[Digest]:
        flow = flow_of(step("a", f"import lib\n{body}"), step("b", "lib.use()"))
        return [fingerprint(recipe_of(flow, each, "body")) for each in flow.steps.values()][1:]

    assert of("lib.x = 1") == of("lib.x  =  1  # one")
    assert of("lib.x = 1") != of("lib.x = 2")
