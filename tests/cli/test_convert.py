"""``nbflow convert``: what is written, what is told, and what is refused before anything runs."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from nbformat import NotebookNode

from nbflow.driver.converting import Converting
from tests.cli import shapes
from tests.cli.conftest import Nbflow
from tests.cli.process import Place, reachable_by_nobody
from tests.notebooks import code, notebook, read, write

PLAIN = (
    "def fit(x):\n    return [x, x * x]",
    "n = 3",
    "xs = list(range(n))\nprint('fitting')",
    "ys = []\nfor x in xs:\n    print('x is', x)\n    ys.append(fit(x))",
    "ys[0]",
    "total = 0\nruns = []\nfor y in ys:\n    total += max(y)\n    runs.append(fit(total))\nruns",
)
MARKED = """\
    [1]  ordinary    defines what steps share
    [2]  parameters  n
    [3]  step        xs
    [4]  foreach     ys for each x in xs
    [5]  ordinary    only looks at values
    [6]  step        total · its loop stays: a round goes on with `total` of th…

! cell [6] is a step: its loop stays: a round goes on with `total` of the one
  before

2 steps and 1 foreach in 6 cells
"""


@pytest.fixture
def plain(folder: Path) -> Path:
    return write(notebook(*PLAIN), folder / "plain.ipynb")


def test_without_a_run_it_is_told_what_each_cell_became(plain: Path, nbflow: Nbflow) -> None:
    before = plain.read_bytes()
    result = nbflow("convert", "plain.ipynb", "--no-run")
    told = MARKED.replace("    [", "  [")
    assert result.exit_code == 0
    assert result.stdout == f"{told}nothing was run\nwrote plain.flow.ipynb\n"
    assert plain.read_bytes() == before
    assert [cell.source.split("\n")[0] for cell in read(Path("plain.flow.ipynb")).cells] == [
        "%load_ext nbflow",
        "def fit(x):",
        "%%parameters",
        "%%step xs",
        "%%foreach x in xs",
        "ys[0]",
        "%%step total",
    ]


@pytest.mark.slow
def test_both_are_run_and_compared(plain: Path, nbflow: Nbflow) -> None:
    result = nbflow("convert", "plain.ipynb")
    told = MARKED.replace("    [", "  ✔ [")
    ending = "run both ways, all cells show the same\nwrote plain.flow.ipynb\n"
    assert (result.exit_code, result.stdout) == (0, told + ending)
    assert sorted(path.name for path in plain.parent.iterdir()) == [
        "plain.flow.ipynb",
        "plain.ipynb",
        "small.ipynb",
    ]


@pytest.mark.slow
def test_programs_read_how_the_two_compare(plain: Path, nbflow: Nbflow) -> None:
    write(notebook("import time", "a = 1", "print(time.time_ns())", "a / 0", "a"), plain)
    result = nbflow("convert", "plain.ipynb", "--json")
    told = msgspec.json.decode(result.stdout, type=shapes.Converted)
    assert (result.exit_code, told.equal, told.output) == (1, False, "plain.flow.ipynb")
    assert told.fails == shapes.Failing(4, "ZeroDivisionError: division by zero")
    assert [(each.numbers, each.became, each.verdict) for each in told.cells] == [
        ([1], "ordinary", "equal"),
        ([2], "parameters", "equal"),
        ([3], "step", "varies"),
        ([4], "step", "equal"),
        ([5], "ordinary", "unreached"),
    ]


@pytest.mark.slow
def test_cells_that_kale_does_not_run_are_not_run(plain: Path, nbflow: Nbflow) -> None:
    cells = (
        code("1 / 0", "skip"),
        code("import random", "imports"),
        code("a = random.random()\na", "step:draw", "seen"),
        code("a", "step:look", "prev:draw"),
    )
    write(notebook(*cells), plain)
    result = nbflow("convert", "plain.ipynb")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "  ○ [1]  ordinary  is not run by Kale (`skip`)",
        "  ✔ [2]  ordinary  defines what steps share",
        "  ? [3]  step      draw",
        "  ? [4]  step      look",
        "",
        "! cells [3], [4] show something else at each run, as they are",
        "",
        "2 steps in 4 cells",
        "run both ways, all cells show the same, but for 2 cells that nobody can compare",
        "wrote plain.flow.ipynb",
    ]
    written = read(plain.with_name("plain.flow.ipynb"))
    assert [cell.metadata.get("tags") for cell in written.cells] == [
        None,
        None,
        None,
        ["seen"],
        None,
    ]


def test_where_something_differs_nothing_is_overwritten(plain: Path, nbflow: Nbflow) -> None:
    write(notebook("import os\nprint(os.getpid() == os.getppid() or __name__)", "1 / 0"), plain)
    before = plain.read_bytes()
    result = nbflow("convert", "plain.ipynb", "--in-place")
    assert result.exit_code == 1
    assert "plain.ipynb is as it was" in result.stdout
    assert "cell [2] fails in the original: ZeroDivisionError" in result.stdout
    assert plain.read_bytes() == before


def test_what_comes_to_be_there_meanwhile_stays_as_it_is(
    plain: Path, nbflow: Nbflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = plain.with_name("plain.flow.ipynb")
    document = Converting.document

    def late(converting: Converting) -> NotebookNode:
        target.write_text("mine")
        return document(converting)

    monkeypatch.setattr(Converting, "document", late)
    result = nbflow("convert", "plain.ipynb", "--no-run")
    assert result.exit_code == 2
    assert "is there already, and stays as it is" in result.stderr
    assert target.read_text() == "mine"


def test_in_place_it_is_overwritten(plain: Path, nbflow: Nbflow) -> None:
    result = nbflow("convert", "plain.ipynb", "--in-place", "--no-run", "--spelling", "comment")
    assert result.exit_code == 0
    assert read(plain).cells[2].source.startswith("#| step: xs\n")
    assert [cell.id for cell in read(plain).cells] == [f"cell-{n}" for n in range(1, 7)]


def test_what_a_cell_had_besides_its_mark_stays(plain: Path, nbflow: Nbflow) -> None:
    cell = code("xs = list('ab')", "mine", "block:load")
    cell.metadata["slideshow"] = {"slide_type": "slide"}
    write(notebook(cell), plain)
    nbflow("convert", "plain.ipynb", "--no-run", "--spelling", "tag")
    (written,) = read(Path("plain.flow.ipynb")).cells
    assert written.metadata == {
        "slideshow": {"slide_type": "slide"},
        "tags": ["mine", "step:load"],
    }


@pytest.mark.usefixtures("plain")
def test_converted_twice_it_is_the_same_file(nbflow: Nbflow) -> None:
    for name in ("a.ipynb", "b.ipynb"):
        assert nbflow("convert", "plain.ipynb", "--no-run", "-o", name).exit_code == 0
    assert Path("a.ipynb").read_bytes() == Path("b.ipynb").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plan.ipynb",), "Did you mean `plain.ipynb`?"),
        (("torn.ipynb",), "`torn.ipynb` is not a notebook"),
        (("small.ipynb",), "cell [4] of `small.ipynb` is a foreach already"),
        (("plain.ipynb", "-o", "small.ipynb"), "`small.ipynb` is there already"),
        (("plain.ipynb", "-o", "plain.ipynb"), "Say so with `--in-place`"),
        (("plain.ipynb", "-o", "out.py"), "is an .ipynb file"),
        (("plain.ipynb", "-o", "no/out.ipynb"), "Make it: `mkdir -p no`."),
        (("plain.ipynb", "-o", "out.ipynb", "--in-place"), "exclude each other"),
        (("plain.py", "--in-place"), "Leave out `--in-place`."),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    plain: Path, nbflow: Nbflow, arguments: tuple[str, ...], told: str
) -> None:
    (plain.parent / "torn.ipynb").write_text("{")
    (plain.parent / "plain.py").write_text("# %%\nx = 1\n")
    before = {path: path.read_bytes() for path in plain.parent.iterdir()}
    result = nbflow("convert", *arguments)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert {path: path.read_bytes() for path in plain.parent.iterdir()} == before


def test_a_text_notebook_becomes_an_ipynb(nbflow: Nbflow) -> None:
    Path("text.py").write_text("# %%\nimport os\n\n# %%\nxs = list('ab')\n")
    assert nbflow("convert", "text.py", "--no-run").exit_code == 0
    assert read(Path("text.flow.ipynb")).cells[-1].source == "%%step xs\nxs = list('ab')"


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path) -> None:
    place = Place(tmp_path)
    if os.geteuid() or not reachable_by_nobody(place):
        pytest.skip("needs another user")
    write(notebook("xs = list('ab')"), tmp_path / "plain.ipynb")
    tmp_path.chmod(0o755)
    ended = place.as_nobody("convert", "plain.ipynb")
    assert ended.code == 2
    assert "no permission" in ended.errors
