"""The wiring of names: who reads what from where."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode

from nbflow.flow import Flow
from nbflow.records.files import is_variable
from nbflow.records.lesson import Lesson
from tests.flows import codes, flow_of, wires
from tests.notebooks import code, foreach, parameters, setup, step

Cells = tuple[NotebookNode | str, ...]


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param(
            (step("a", "x = 1"), step("b", "y = x")),
            {"a -x-> b"},
            id="a step reads the step above",
        ),
        pytest.param(
            (step("a", "x = 1"), step("b", "x = 2"), step("c", "y = x")),
            {"b -x-> c"},
            id="the last binding above counts",
        ),
        pytest.param(
            (step("a", "x = 1"), step("b", "y = x"), step("c", "x = 2")),
            {"a -x-> b"},
            id="a binding below does not count",
        ),
        pytest.param(
            (step("a", "x = 1"), step("b", "if x: y = 1"), step("c", "z = x")),
            {"a -x-> b", "a -x-> c"},
            id="branches are not chained",
        ),
        pytest.param(
            (
                step("a", "x = 1"),
                step("b", "import random\nif random.random() < 2:\n    x = 2"),
                step("c", "z = x"),
            ),
            {"a -x-> c", "b -x-> c"},
            id="a may-write leaves the older version an input, and does not wait for it",
        ),
        pytest.param(
            (step("a", "xs = [1]"), step("b", "xs.append(2)"), step("c", "n = len(xs)")),
            {"a -xs-> b", "b -xs-> c"},
            id="a visible change in place makes a version",
        ),
        pytest.param(
            ("def f():\n    return k", step("a", "k = 1"), step("b", "y = f()")),
            {"a -k-> b"},
            id="a function's global is read where it is called",
        ),
        pytest.param(
            (
                "def f():\n    return g()",
                "def g():\n    return k",
                step("a", "k = 1"),
                step("b", "y = f()"),
            ),
            {"a -k-> b"},
            id="through a forward reference",
        ),
        pytest.param(
            (step("a", "def f():\n    return 1\nx = 1"), step("b", "y = f()")),
            set(),
            id="a definition in a step is shared as source",
        ),
        pytest.param(
            ("import os", step("a", "os.environ['A'] = '1'"), step("b", "y = os.sep")),
            set(),
            id="changing a module's attribute makes no version of the module",
        ),
        pytest.param(
            (
                "def add(n):\n    found.append(n)",
                step("a", "found = []"),
                step("b", "add(1)"),
                step("c", "n = len(found)"),
            ),
            {"a -found-> b", "b -found-> c"},
            id="a function that changes a global makes a version where it is called",
        ),
        pytest.param(
            (
                "def count():\n    global n\n    n = n + 1",
                step("a", "n = 0"),
                step("b", "count()"),
                step("c", "m = n"),
            ),
            {"a -n-> b", "a -n-> c", "b -n-> c"},
            id="a function that binds a global may do so where it is called",
        ),
        pytest.param(
            (step("a", "x = 1"), step("b", "y = x\ndel x"), step("c", "x = 3"), step("d", "x")),
            {"a -x-> b", "c -x-> d"},
            id="a deleted name can be bound again",
        ),
        pytest.param(
            (parameters("n: int = 3"), step("a", "x = n"), step("b", "y = x")),
            {"a -x-> b"},
            id="parameters are no steps",
        ),
        pytest.param(
            (step("xs", "xs = [1]"), foreach("x in xs", "y = x"), step("c", "z = sum(y)")),
            {"xs -xs-> y", "y -y-> c"},
            id="a foreach and its join",
        ),
    ],
)
def test_names_travel(nodes: Cells, expected: set[str]) -> None:
    flow = flow_of(*nodes)
    assert codes(flow) == []
    assert wires(flow) == expected


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param((step("a", "x = y"),), ["1 unknown-name"], id="unknown"),
        pytest.param((step("a", "x = y"), step("b", "y = 1")), ["1 bound-below"], id="bound below"),
        pytest.param(
            (step("a", "y['k'] = 1"), step("b", "y.append(2)")),
            ["1 unknown-name"],
            id="changed below, and bound nowhere",
        ),
        pytest.param(
            ("y = input()", step("a", "x = y")), ["2 ordinary-data"], id="data of an ordinary cell"
        ),
        pytest.param(
            ("y = input()\ndef f():\n    return y", step("a", "x = f()")),
            ["2 ordinary-data"],
            id="data of an ordinary cell through a function",
        ),
        pytest.param(
            ("for i in input(): pass", step("a", "for i in range(len('x')): pass")),
            [],
            id="a loop variable that an ordinary cell binds too",
        ),
        pytest.param(
            (step("a", "for k in range(len('x')):\n    s = k\nt = s"),), [], id="maybe own"
        ),
        pytest.param((step("a", "from math import *\nx = sqrt(pi)"),), [], id="star in the step"),
        pytest.param(("from math import *", step("a", "x = sqrt(pi)")), [], id="star above"),
        pytest.param(("from far import *", step("a", "x = sqrt(pi)")), [], id="star unknown"),
        pytest.param(
            (step("a", "x = 1"), step("b", "del x"), step("c", "y = x")),
            ["3 deleted-name"],
            id="deleted",
        ),
        pytest.param(
            (step("a", "x = 1"), setup("import os\nos.environ['x'] = str(x)")),
            ["2 setup-reads-data"],
            id="set-up reads a step's data",
        ),
        pytest.param((parameters("n = 1 + f()"),), ["1 parameter-not-literal"], id="parameter"),
        *(
            pytest.param((parameters(source),), ["1 parameter-not-literal"], id=source)
            for source in (
                "n = 1\nn += 1",
                "n = [1]\nn.append(2)",
                "n = 1\nif n: m = 2",
                "n = 1\ndel n",
                "n: int = 'a'",
            )
        ),
        *(
            pytest.param((parameters(source),), ["1 parameters-act"], id=source)
            for source in ("n = 1\nprint(n)", "import os\nos.environ['N'] = '1'\nn = 1")
        ),
        *(
            pytest.param((parameters(source), step("a", "f = list(map(size, [n]))")), [], id=source)
            for source in (
                "from os.path import getsize as size\nn = '.'",
                "n = 1\ndef size(k):\n    return k * n",
            )
        ),
        pytest.param(
            (step("a", "x = 1"), step("a", "y = 1")), ["2 duplicate-step"], id="duplicate"
        ),
        pytest.param((step("a", "x = ("), step("b", "y = 1")), [], id="syntax, by checks"),
        pytest.param(
            (step("a", "x = 1"), step("b", "x = f(x"), step("c", "y = x"), step("d", "z = y")),
            ["3 unreadable-cell"],
            id="an older version of what a cell would bind that is no Python",
        ),
        pytest.param(
            (step("a", "xs = [1]"), step("b", "xs.append(2"), step("c", "y = xs")),
            ["3 unreadable-cell"],
            id="an older state of what it would change",
        ),
        pytest.param(
            ("import math", step("b", "math.sqrt(2"), step("c", "y = math.pi")),
            [],
            id="a module is what it was",
        ),
        pytest.param(
            ("def f(x):\n    retrun x\n    )", step("c", "y = f(1)")),
            ["2 unreadable-cell"],
            id="a function of a cell that is no Python",
        ),
        pytest.param(
            (
                step("a", "x = 1"),
                code("x = (", "step:b", "raises-exception"),
                step("c", "y = x"),
            ),
            [],
            id="a cell that is to fail binds nothing",
        ),
        pytest.param(
            (
                step("n", "n = len('ab')"),
                *(step(name, "for i in range(n):\n    t = i\nprint(t)\ndel i, t") for name in "ab"),
            ),
            [],
            id="deleted where a loop has bound it, and again",
        ),
        pytest.param((foreach("x of xs", "y = x"),), ["1 bad-clause"], id="bad clause"),
        pytest.param(
            (
                step("a", "k = 1"),
                "def f(x=k):\n    return x",
                step("b", "k = 2"),
                step("c", "y = f() + k"),
            ),
            ["4 two-versions"],
            id="a default of an older version",
        ),
    ],
)
def test_problems_are_named_at_their_cell(nodes: Cells, expected: list[str]) -> None:
    assert codes(flow_of(*nodes)) == expected


def test_definitions_are_reached_transitively_and_only_as_needed() -> None:
    flow = flow_of(
        "import math\nK = 2\ndef g(x):\n    return math.sqrt(x) * K\ndef h():\n    return g(1)",
        "def unrelated():\n    return 1",
        step("a", "x = h()"),
    )
    labels = [placed.label for placed in flow.named("a").body.definitions]  # type: ignore[union-attr]
    assert labels == ["math", "K", "g", "h"]


def test_what_only_the_body_of_a_foreach_reaches_is_nothing_to_its_items() -> None:
    flow = flow_of(
        "def each(x):\n    return x + 1\ndef items():\n    return [1]",
        step("k", "k = 1"),
        foreach("x in items()", "y = each(x) + k"),
    )
    found = flow.named("y")
    assert found is not None
    assert [placed.label for placed in found.clause.definitions] == ["items"]
    assert list(found.clause.inputs) == []
    assert [placed.label for placed in found.body.definitions] == ["each"]
    assert list(found.body.inputs) == ["k"]


def test_a_class_keeps_the_base_that_stood_above_it() -> None:
    flow = flow_of(
        "class Base:\n    n = 1",
        "class D(Base):\n    pass",
        "class Base:\n    n = 2",
        step("a", "x = D().n, Base.n"),
    )
    placed = flow.named("a").body.definitions  # type: ignore[union-attr]
    assert [one.label for one in placed] == ["Base", "D", "Base"]


def test_a_foreach_gives_no_list_of_what_functions_change_in_place() -> None:
    flow = flow_of(
        "def note(x):\n    log.append(x)",
        step("a", "log = []"),
        foreach("x in range(2)", "y = x\nnote(x)"),
    )
    found = flow.named("y")
    assert found is not None
    assert "log" in found.body.inputs
    assert [name for name in found.outputs if is_variable(name)] == ["y"]


def test_a_foreach_over_a_foreach_output_follows_it_element_by_element() -> None:
    flow = flow_of(
        step("xs", "xs = [1, 2]"),
        foreach("x in xs", "y = x"),
        foreach("a in y", "b = a"),
        foreach("c in y if c", "d = c"),
    )
    follows = [step.name for step in flow.steps.values() if step.elementwise]
    assert follows == ["b"]


def test_injected_parameters_replace_defaults_wherever_they_stand() -> None:
    flow = flow_of(
        code("n = 5", "injected-parameters"), parameters("n: int = 3\nm = 1"), step("a", "x = n")
    )
    assert {p.name: p.default for p in flow.parameters} == {"n": 5, "m": 1}


def test_a_learnt_change_is_wired_like_a_visible_one_and_marked_as_observed() -> None:
    cells = (
        "def fill(box):\n    box.add()",
        step("a", "box = set()", cell_id="a"),
        step("b", "fill(box)", cell_id="b"),
        step("c", "n = len(box)", cell_id="c"),
    )
    assert wires(flow_of(*cells)) == {"a -box-> b", "a -box-> c"}
    flow = flow_of(*cells, learnt={"b": Lesson(leaves=frozenset({"box"}))})
    assert wires(flow) == {"a -box-> b", "b -box-> c"}
    assert [edge.observed for edge in flow.edges()] == [False, True]


def test_a_change_concerns_the_readers_below_and_what_depends_on_them() -> None:
    flow = flow_of(
        step("a", "x = 1", cell_id="a"),
        step("above", "u = x", cell_id="above"),
        step("b", "v = x", cell_id="b"),
        step("c", "w = x", cell_id="c"),
        step("d", "z = w", cell_id="d"),
        step("e", "k = v", cell_id="e"),
    )
    assert flow.concerned("b", Lesson(leaves=frozenset({"x"})), {}) == {"c", "d"}


SEEDED = (
    "import numpy as np",
    step("seed", "np.random.seed(0)", cell_id="seed"),
    step("draw", "a = np.random.rand()", cell_id="draw"),
    step("quiet", "b = 1", cell_id="quiet"),
    step("own", "np.random.seed(1)\nc = np.random.rand()", cell_id="own"),
    step("last", "d = np.random.rand()", cell_id="last"),
)


def test_a_seed_reaches_those_who_draw_and_ends_where_another_one_begins() -> None:
    assert wires(flow_of(*SEEDED)) == {
        "seed -numpy.random-> draw",
        # What is not surely changed may be as an older step left it.
        *("seed -numpy.random-> last", "draw -numpy.random-> last", "own -numpy.random-> last"),
    }


def test_nobody_waits_for_a_generator_that_no_step_has_seeded() -> None:
    assert wires(flow_of(*SEEDED[:1], *SEEDED[2:4])) == set()


def test_a_setting_is_for_all_below_and_drawn_to_those_who_import_its_library() -> None:
    flow = flow_of(
        "import matplotlib.pyplot as plt",
        step("above", "a = 1", cell_id="above"),
        step("style", "plt.style.use('ggplot')", cell_id="style"),
        step("below", "b = 1", cell_id="below"),
        step("plot", "plt.plot([1])", cell_id="plot"),
    )
    assert wires(flow) == {"style -matplotlib.rcParams-> plot"}
    assert [set(each.settings) for each in flow.steps.values()] == [
        set(),
        set(),
        {"matplotlib.rcParams"},
        {"matplotlib.rcParams"},
    ]
    assert flow.steps["below"].sources() == {"style"}


def test_a_seed_that_was_found_out_concerns_those_who_draw_below() -> None:
    flow = flow_of(
        "import numpy as np",
        step("begin", "x = 1", cell_id="begin"),
        step("draw", "a = np.random.rand()", cell_id="draw"),
        step("other", "b = 1", cell_id="other"),
    )
    leaves = Lesson(leaves=frozenset({"numpy.random"}))
    assert flow.concerned("begin", leaves, {"begin": leaves}) == {"draw"}
    draws = Lesson(reads=frozenset({"numpy.random"}))
    learnt = {"begin": leaves, "other": draws}
    assert flow.concerned("other", draws, learnt) == {"other"}
    assert flow.concerned("begin", draws, learnt) == set()


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param((step("a", "1"), step("b", "x = 2")), set(), id="nobody reads it"),
        pytest.param(
            (step("a", "1"), step("b", "x"), step("c", "y = _")),
            {"a -_-> c", "b -_-> c"},
            id="a value may be None, so that an older one shows through",
        ),
        pytest.param(
            (step("a", "1"), step("b", "2;"), step("c", "x = 3"), step("d", "y = _")),
            {"a -_-> d"},
            id="what is hidden or no value is not displayed",
        ),
        pytest.param(
            (step("a", "1"), step("b", "_ = 2"), step("c", "3"), step("d", "y = _")),
            {"b -_-> d"},
            id="a name that a cell has bound is its own from then on",
        ),
    ],
)
def test_the_last_displayed_value_is_a_version_where_somebody_reads_it(
    nodes: Cells, expected: set[str]
) -> None:
    assert wires(flow_of(*nodes)) == expected


def test_the_state_of_a_definition_flows_from_who_changes_it_to_who_reaches_it() -> None:
    cells = (
        code("class C:\n    n = 0"),
        step("a", "C.n = 1"),
        step("b", "x = 1"),
        step("c", "y = C.n"),
        step("d", "class C: pass"),
        step("e", "z = C"),
    )
    assert wires(flow_of(*cells)) == {"a -C's state-> c"}


def test_a_learnt_state_concerns_those_who_reach_the_definition_below() -> None:
    flow = flow_of(
        code("def f(x, seen=[]): seen.append(x)"),
        step("above", "f(0)", cell_id="above"),
        step("use", "f(1)", cell_id="use"),
        step("other", "x = 1", cell_id="other"),
        step("read", "f(2)", cell_id="read"),
    )
    leaves = Lesson(leaves=frozenset({"f's state"}))
    assert flow.concerned("use", leaves, {"use": leaves}) == {"read"}
    again = flow_of(*flow_cells(flow), learnt={"use": leaves})
    assert wires(again) == {"use -f's state-> read"}


def flow_cells(flow: Flow) -> list[NotebookNode]:
    return [
        step(flow.steps[each.cell.id].name, each.body, cell_id=each.cell.id)
        if each.cell.id in flow.steps
        else code(each.body)
        for each in flow.cells
    ]
