"""Definitions that others must have executed, though nobody names them."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode

from tests.flows import codes, flow_of
from tests.notebooks import code, step

Cells = tuple[NotebookNode | str, ...]

REGISTER = "REG = {}\ndef register(f):\n    REG[f.__name__] = f\n    return f"
HEARING = "class Base:\n    all = []\n    def __init_subclass__(cls): Base.all.append(cls)"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(
            (code(REGISTER), code("@register\ndef foo(): pass"), step("a", "x = len(REG)")),
            ["REG", "register", "foo"],
            id="who reads the registry reaches what was registered above",
        ),
        pytest.param(
            (code("import json\nK = 2"), step("a", "%watermark -v -iv"), code("import csv")),
            ["json"],
            id="who tells of all that is imported",
        ),
        pytest.param(
            (code(REGISTER), step("a", "x = len(REG)"), code("@register\ndef foo(): pass")),
            ["REG"],
            id="but not what is registered below",
        ),
        pytest.param(
            (code(REGISTER), code("@register\ndef foo(): pass"), step("a", "x = 1")),
            [],
            id="nor does who does not read it",
        ),
        pytest.param(
            (
                code("class C:\n    n = 0\n    def add(self): C.n += 1"),
                code("class D(C): pass"),
                step("a", "C()"),
            ),
            ["C"],
            id="a subclass is nothing to a base that does not hear of it",
        ),
        pytest.param(
            (code(HEARING), code("class D(Base): pass"), step("a", "Base.all")),
            ["Base", "D"],
            id="but is to one that does",
        ),
        pytest.param(
            (
                code("import app"),
                code("@app.route('/')\ndef index(): pass"),
                step("a", "app.run()"),
            ),
            ["app"],
            id="a library is no registry of the notebook's",
        ),
    ],
)
def test_who_reaches_what_was_registered(cells: Cells, expected: list[str]) -> None:
    flow = flow_of(*cells)
    assert codes(flow) == []
    (one,) = flow.steps.values()
    assert [placed.label for placed in one.body.definitions] == expected


def test_an_ordinary_cell_that_registers_by_a_call_has_data_of_its_own() -> None:
    flow = flow_of(code(REGISTER + "\nregister(len)"), step("a", "x = len(REG)"))
    assert codes(flow) == ["2 ordinary-data"]
