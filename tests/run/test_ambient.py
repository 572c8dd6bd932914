"""Ambient states in a worker: what a task changes is found, and a later task starts from it."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from nbflow.records.ambient import DRAWN, GENERATORS, SETTINGS, WATCHED
from nbflow.records.artifact import Artifact
from nbflow.records.message import Source
from nbflow.run.worker.carrying import generators
from tests.run.tasks import Desk, Outcome

#: By setting: what changes it, and an expression that tells.
CHANGES = {
    "os.environ": (
        "import os\nos.environ['NBFLOW_T'] = '1'",
        "__import__('os').getenv('NBFLOW_T')",
    ),
    "os.cwd": ("import os\nos.mkdir('d')\nos.chdir('d')", "__import__('os').getcwd()[-1]"),
    "sys.path": ("import sys\nsys.path.insert(0, 'here')", "__import__('sys').path[0]"),
    "sys.argv": ("import sys\nsys.argv = ['p', '-q']", "__import__('sys').argv[-1]"),
    "warnings.filters": (
        "import warnings\nwarnings.filterwarnings('error', 'NBFLOW')",
        "'NBFLOW' in str(__import__('warnings').filters)",
    ),
    "locale.setlocale": (
        "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
        "__import__('locale').setlocale(6)",
    ),
    "logging.root": (
        "import logging\nlogging.basicConfig(level=10)\nlogging.getLogger('q').setLevel(40)",
        "[__import__('logging').getLogger(n).getEffectiveLevel() for n in ('', 'q')]",
    ),
    "decimal.context": (
        "import decimal\ndecimal.getcontext().traps[decimal.DivisionByZero] = False",
        "str(__import__('decimal').getcontext())",
    ),
    "numpy.printoptions": (
        "import numpy as np\nnp.set_printoptions(precision=2)",
        "repr(__import__('numpy').array(1 / 3))",
    ),
    "numpy.errstate": (
        "import numpy as np\nnp.seterr(divide='raise');",
        "__import__('numpy').geterr()['divide']",
    ),
    "scipy.special": (
        "import scipy.special\nscipy.special.seterr(singular='raise');",
        "__import__('scipy.special').special.geterr()['singular']",
    ),
    "pandas.options": (
        "import pandas as pd\npd.options.display.width = 33\npd.set_option('display.precision', 1)",
        "__import__('pandas').get_option('display.width')",
    ),
    "matplotlib.rcParams": (
        "import matplotlib\nmatplotlib.rcParams['lines.linewidth'] = 7",
        "__import__('matplotlib').rcParams['lines.linewidth']",
    ),
    "sklearn.config": (
        "import sklearn\nsklearn.set_config(assume_finite=True)",
        "__import__('sklearn').get_config()['assume_finite']",
    ),
    "sympy.assumptions": (
        "from sympy import Q, Symbol\nfrom sympy.assumptions import global_assumptions\n"
        "global_assumptions.add(Q.positive(Symbol('x')))",
        "__import__('sympy').ask(__import__('sympy').Q.positive(__import__('sympy').Symbol('x')))",
    ),
    "IPython.display": (
        "%precision 3",
        "get_ipython().display_formatter.formatters['text/plain'].float_precision",
    ),
}
DRAWS = {
    "random.state": ("import random\nrandom.seed(1)", "__import__('random').random()"),
    "numpy.random": (
        "import numpy as np\nnp.random.seed(1)",
        "float(__import__('numpy').random.rand())",
    ),
}


def changed(outcome: Outcome) -> dict[str, Artifact]:
    """The ambient states that a task leaves to others."""
    return {
        change.subject: change.artifact
        for change in outcome.finished.changes
        if change.kind == "ambient" and change.artifact is not None
    }


def drawn(outcome: Outcome) -> list[str]:
    return [change.subject for change in outcome.finished.changes if change.kind == "draws"]


def used(outcome: Outcome) -> dict[str, str]:
    return {f.subject: f.value for f in outcome.finished.facts if f.kind == "ambient"}


@pytest.mark.parametrize("name", CHANGES)
def test_a_setting_is_found_and_taken_over(local: Desk, name: str) -> None:
    body, look = CHANGES[name]
    first = local.run(body)
    left = changed(first)
    # By magic, the precision of numbers is also that of NumPy's.
    assert left.keys() - {"numpy.printoptions"} == {name} - {"numpy.printoptions"}
    local.data.update(first.finished.data)
    with_it = local.run(f"x = {look}", outputs="x", settings=left)
    without = local.run(f"x = {look}", outputs="x")
    assert with_it.values["x"] != without.values["x"]
    assert changed(with_it) == {}, "to start from a setting is not to change it"
    assert used(with_it)[name] == left[name].digest


@pytest.mark.parametrize("name", DRAWS)
def test_a_seeded_generator_goes_on_where_the_last_draw_left_it(local: Desk, name: str) -> None:
    seed, draw = DRAWS[name]
    whole = local.run(f"{seed}\nx = [{draw}, {draw}]", outputs="x")
    assert drawn(whole) == [], "it has seeded the generator first"
    first = local.run(f"{seed}\nx = {draw}", outputs="x")
    local.data.update(first.finished.data)
    second = local.run(f"x = {draw}", outputs="x", artifacts_of={name: changed(first)[name]})
    assert [first.values["x"], second.values["x"]] == whole.values["x"]
    assert drawn(second) == [name]
    assert changed(second)[name] == changed(whole)[name]


@pytest.mark.parametrize("name", DRAWS)
def test_a_generator_that_set_up_has_seeded_goes_on(local: Desk, name: str) -> None:
    seed, draw = DRAWS[name]
    setup = (Source(seed, 1),)
    whole = local.run(f"{seed}\nx = [{draw}, {draw}]", outputs="x")
    first = local.run(f"x = {draw}", outputs="x", setup=setup)
    local.data.update(first.finished.data)
    given = {name: changed(first)[name]}
    second = local.run(f"x = {draw}", outputs="x", setup=setup, artifacts_of=given)
    assert [first.values["x"], second.values["x"]] == whole.values["x"]


@pytest.mark.parametrize("name", DRAWS)
def test_each_split_has_a_generator_of_its_own_whatever_set_up_seeds(
    local: Desk, name: str
) -> None:
    seed, draw = DRAWS[name]
    item = local.run("x = 1", outputs="x").finished
    local.data.update(item.data)
    split = {"setup": (Source(seed, 1),), "target": "i", "item": item.outputs["x"]}
    drawn_by = [local.run(f"x = {draw}", outputs="x", seed=n, **split) for n in (1, 2, 1)]
    one, other, again = (outcome.values["x"] for outcome in drawn_by)
    assert one == again != other
    assert changed(drawn_by[0]) == {}


@pytest.mark.parametrize("name", DRAWS)
def test_nobody_goes_on_from_a_generator_that_nobody_seeded(local: Desk, name: str) -> None:
    outcome = local.run(DRAWS[name][1] + ";")
    assert drawn(outcome) == [name]
    assert changed(outcome) == {}


@pytest.mark.parametrize("name", DRAWS)
def test_a_draw_before_the_seed_is_a_draw(local: Desk, name: str) -> None:
    seed, draw = DRAWS[name]
    assert drawn(local.run(f"{draw};\n{seed}")) == [name]


def test_what_a_task_does_not_use_does_not_count(local: Desk) -> None:
    assert set(WATCHED).isdisjoint(used(local.run("import pandas, matplotlib.pyplot\nx = 1")))
    printed = local.run("import numpy as np\nprint(np.arange(2))")
    assert used(printed) == {"numpy.printoptions": ""}
    plot = local.run("import matplotlib.pyplot as plt\nplt.figure();\nplt.close()")
    assert used(plot) == {"matplotlib.rcParams": ""}, "no step has changed it"
    table = local.run("import pandas as pd\nprint(pd.Series([1]))")
    assert "pandas.options" in used(table)


@pytest.mark.parametrize(
    "body",
    [
        "import sklearn.linear_model, statsmodels.api, seaborn",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "%matplotlib inline",
        "import pandas as pd\npd.DataFrame({'a': [1]})",
        "import numpy as np\nwith np.printoptions(precision=1):\n    print(np.array(0.25))",
        "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('error')",
    ],
)
def test_to_import_and_to_use_is_no_change(local: Desk, body: str) -> None:
    assert changed(local.run(body)) == {}


def test_a_state_that_is_back_where_it_was_is_left_all_the_same(local: Desk) -> None:
    first = local.run("import os\nos.environ['NBFLOW_T'] = '1'")
    local.data.update(first.finished.data)
    second = local.run("import os\ndel os.environ['NBFLOW_T']", settings=changed(first))
    assert local.artifacts.load(changed(second)["os.environ"], second.finished.data, {}) == {}


def test_a_count_goes_on_and_only_splits_start_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = types.ModuleType("param.parameterized")
    module.object_count = 3
    monkeypatch.setitem(sys.modules, module.__name__, module)
    counter = generators.TABLE["param.count"]
    whole = generators.Watched(counter, 99, is_split=False)
    whole.begin(None)
    assert not whole.left
    module.object_count += 2
    assert (whole.left, whole.drawn, whole.state()) == (True, True, 5)
    whole.restore()
    below = generators.Watched(counter, 99, is_split=False)
    below.begin(5)
    assert (module.object_count, below.left) == (5, False)
    generators.Watched(counter, 99, is_split=True).begin(None)
    assert module.object_count == 99


def test_the_table_has_all_states() -> None:
    assert CHANGES.keys() == set(SETTINGS)
    assert generators.TABLE.keys() == DRAWN
    assert DRAWS.keys() == set(GENERATORS) - {"torch.random", "faker.random"}, "not installed here"


@pytest.mark.parametrize(
    "what",
    ["StreamHandler(io.StringIO())", "handlers.BufferingHandler(9)", "FileHandler('log')"],
)
def test_a_handler_that_nobody_can_make_again_is_told(local: Desk, what: str) -> None:
    outcome = local.run(
        "import io, logging.handlers\nfrom logging import *\nfrom logging import handlers\n"
        f"getLogger('mine').addHandler({what})"
    )
    told = [hazard.message for hazard in outcome.finished.hazards]
    assert ["`mine`" in message for message in told] == [True] * (what != "FileHandler('log')")
