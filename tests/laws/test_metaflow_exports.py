"""What is exported to Metaflow gives the digests of the run, under the real Metaflow."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from nbformat import NotebookNode

import nbflow
from tests import notebooks
from tests.environment import environment
from tests.laws import random_cells
from tests.laws.cases.case import Case, case
from tests.laws.exporting import Ran, python, run
from tests.notebooks import code, foreach, parameters, step

BINDER = Path(__file__).parent.parent.parent / "binder"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("environments")]

FLOWS = (
    case(
        "branches, branches in them, and joins",
        "a = 1",
        "b = a + 1",
        "c = a + 2",
        "d = b * 2",
        "e = b * 3",
        "f = d + e + c",
    ),
    case(
        "a graph that is not made of series and sides",
        "a = [1]",
        "b = 2",
        "c = [*a, 3]",
        "d = b + 4",
        "e = a + [b]",
        "x = len(c) + d + sum(e)",
    ),
    case(
        "a grid, a foreach over a foreach, and a join within a branch",
        parameters("sizes: list[int] = [1, 2, 3]\nscale: float = 0.5\nwords = {'a': [1]}"),
        foreach("n in sizes for m in range(n) if m != 1", "cell = n * scale + m\nname = f'{n}{m}'"),
        foreach("c in cell", "square = c * c"),
        "other = words['a'] + sizes",
        "total = sum(square), name, other",
    ),
    case(
        "names are bound anew, and changed in place",
        "items = [1]",
        "first = len(items)",
        "items.append(2)",
        "items += [first]",
        "first = first + sum(items)",
        "table = {'a': list(items)}",
        "table['b'] = first",
        "end = sorted(table), list(items)",
    ),
    case(
        "branches that begin side by side within a branch",
        "a = 1",
        "b = 2",
        "c = a + b",
        "d = a - b",
        "e = 5",
    ),
    case(
        "a step that may leave a name as it was",
        parameters("p: int = 2"),
        "a = 1",
        "if p % 2:\n    a = p",
        "b = 3",
    ),
    case(
        "classes, constants, functions that read data",
        code(
            """
                LIMIT = 3

                class Box:
                    def __init__(self, size):
                        self.size = size

                def fits(box):
                    return box.size < LIMIT + more
                """
        ),
        "more = 1",
        foreach("size in range(6)", "box = Box(size)"),
        "small = [each.size for each in box if fits(each)]",
    ),
    case(
        "parameters that are called as something of Metaflow's",
        parameters("name: str = 'q'\nindex: int = 3"),
        "a = name * index",
        foreach("i in range(index)", "b = name + str(i)"),
    ),
    case(
        "a frame that two branches look at, and so pickle each for itself",
        code("import pandas as pd"),
        "df = pd.DataFrame({'g': list('abcab'), 'v': [1.5, 2, 3, 4, None]})",
        "df['w'] = df['v'] ** 2\ndf = df.dropna()",
        "total = df.groupby('g', as_index=False).agg(total=('w', 'sum'))",
        foreach("g, part in df.groupby('g')", "mean = part['v'].mean()\nname = g, len(df)"),
        "x = dict(zip(name, mean)), total, len(df)",
    ),
    case(
        "names that no step of Metaflow may have",
        code("def main(x):\n    return x + 1"),
        "größe = 1",
        "Größe = main(größe)",
        "名 = Größe",
        foreach("X in range(2)", "Fit = X + 名"),
        "fit = sum(Fit)",
    ),
    case(
        "steps that are called as methods of Metaflow's",
        step("start", "a = 1"),
        step("index", "b = a + 1"),
        step("end", "c = b + 1"),
        foreach("i in range(c)", "sq = i * i"),
        step("split_sq", "d = sum(sq)"),
        step("join_sq", "e = d + len(sq)"),
    ),
)

REFUSED = {
    "random.state": case(
        "seeds", code("import random"), "random.seed(1)\na = 1", "b = random.random() + a"
    ),
    "no name of its own": case("functions", "squares = [lambda v: v * v]", "x = squares[0](2)"),
    "share objects": case("sharing", "a = []\nb = a", "b.append(1)", "x = len(a)"),
    "no items": case("nothing", "xs = []", foreach("x in xs", "y = x"), "n = len(y)"),
    "stays in its process": case("generators", "it = iter((i for i in [1, 2]))", "x = next(it)"),
    "option of Metaflow's": case("options", parameters("tag = 'a'"), "x = tag"),
    "no parameters of": case("types", parameters("p = (1, 2)"), "x = p"),
    "keeps to itself": case("private", parameters("_p = 1"), "x = _p"),
    "module itself calls something": case(
        "words", code("def step(x):\n    return x"), "a = step(1)"
    ),
    "a pickle calls its `append` once more": case(
        "containers that take in what they hold in a way of their own",
        code("class Twice(list):\n    def append(self, value):\n        super().append(2 * value)"),
        "a = Twice()\na.append(1)",
        "x = list(a)",
    ),
    "a pickle makes another value of it": case(
        "sums that sympy shall not simplify",
        code("import sympy"),
        "x = sympy.Symbol('x')\na = sympy.Add(x, x, evaluate=False)",
        "b = str(a)",
    ),
    "a set in `xs` of step `step_1` comes out of a pickle in another order": case(
        "sets that a pickle fills anew",
        "xs = set()\nfor n in (521, 14, 9, 137, 8, 1000, 64, 265):\n    xs.add(n)",
        "x = [*xs]",
    ),
    "a float in Metaflow": case("floats", parameters("p: float | None = 1"), "x = p"),
}


@pytest.mark.parametrize("case", FLOWS, ids=lambda case: case.name)
def test_a_flow_gives_what_it_gave(case: Case, tmp_path: Path, interpreter: str) -> None:
    ran = run(notebooks.notebook(*case.cells), tmp_path)
    folder = ran.export("metaflow")
    assert isinstance(folder, Path), folder
    told = python(folder, "flow.py", "run", "--check", "true", interpreter=interpreter)
    assert f"{len(ran.values)} of {len(ran.values)} values are those of the notebook." in told


@pytest.mark.parametrize("path", sorted(BINDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_examples_give_what_they_gave(path: Path, tmp_path: Path, interpreter: str) -> None:
    shutil.copytree(BINDER, tmp_path, dirs_exist_ok=True)
    folder = run(notebooks.read(path), tmp_path).export("metaflow")
    assert isinstance(folder, Path)
    told = python(folder, "flow.py", "run", "--check", "true", interpreter=interpreter)
    assert "values are those of the notebook." in told


# What fails is not made smaller: each try takes as long as all tests of a file elsewhere.
# By chance most of them fail in a plain kernel, too, which is no reason to stop.
@settings(
    max_examples=5,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(random_cells.documents())
def test_a_random_flow_gives_what_it_gave_or_is_refused(
    interpreter: str, document: NotebookNode
) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = notebooks.write(document, Path(name) / "notebook.ipynb")
        with nbflow.load(path) as flow:
            assume(not any(problem.severity == "error" for problem in flow.problems))
            assume(flow.run(workers=2).status == "completed")
        (path.parent / "f.txt").unlink(missing_ok=True)
        folder = Ran(path, {}).export("metaflow")
        if isinstance(folder, Path):
            told = python(folder, "flow.py", "run", "--check", "true", interpreter=interpreter)
            assert "values are those of the notebook." in told
        else:
            assert all(each.remedy and each.number for each in folder)


@pytest.mark.parametrize("word", REFUSED)
def test_what_metaflow_cannot_carry_is_refused_with_the_cell(word: str, tmp_path: Path) -> None:
    ran = run(notebooks.notebook(*REFUSED[word].cells), tmp_path)
    problems = ran.export("metaflow")
    assert not isinstance(problems, Path)
    assert any(word in each.message for each in problems), problems
    assert all(each.remedy and each.number for each in problems)


def test_both_run_in_a_fresh_environment_of_their_requirements(tmp_path: Path) -> None:
    shutil.copytree(BINDER, tmp_path, dirs_exist_ok=True)
    ran = run(notebooks.read(BINDER / "tables.ipynb"), tmp_path)
    script, metaflow = ran.export("script"), ran.export("metaflow")
    assert isinstance(script, Path)
    assert isinstance(metaflow, Path)
    wanted = [(each / "requirements.txt").read_text() for each in (script, metaflow)]
    assert wanted[1] == f"{wanted[0]}metaflow\n"
    fresh = environment(tmp_path / "fresh", "-r", str(metaflow / "requirements.txt"))
    python(tmp_path, "-c", "import nbflow", code=1, interpreter=fresh)
    told = python(script, "flow.py", "--check", interpreter=fresh)
    assert "9 of 9 values are those of the notebook." in told
    told = python(metaflow, "flow.py", "run", "--check", "true", interpreter=fresh)
    assert "9 of 9 values are those of the notebook." in told
