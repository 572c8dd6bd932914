"""A plain notebook and the flow it becomes, both really run, give the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode

from nbflow.driver.converting import Compared, Converting
from nbflow.driver.shown import Shown, difference, shown
from nbflow.views import conversion as view
from tests import notebooks
from tests.laws.run_both import as_flow, plainly
from tests.notebooks import code, notebook, write

BINDER = Path(__file__).parents[2] / "binder"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (Shown("a\n"), Shown("a\n"), ""),
        (Shown("a\nb\n"), Shown("a\nc\n"), "prints `c` where it gave `b`"),
        (Shown("a\nb\n"), Shown("a\n"), "prints nothing where it gave `b`"),
        (Shown(values=({},)), Shown(), "shows no values where it showed 1 value"),
        (
            Shown(values=({"text/plain": "1"},)),
            Shown(values=({"text/plain": "2"},)),
            "shows `2` where it gave `1`",
        ),
        (
            Shown(values=({"text/plain": "f", "image/png": "x"},)),
            Shown(values=({"text/plain": "f", "image/png": "y"},)),
            "shows another picture",
        ),
        (Shown(), Shown(error="E: no"), "fails: `E: no`"),
        (Shown(error="E: no"), Shown(), "gives no error where it gave `E: no`"),
    ],
)
def test_the_first_difference_is_named(before: Shown, after: Shown, told: str) -> None:
    assert difference(before, after) == told


def test_addresses_and_the_way_streams_mix_are_no_difference() -> None:
    def stream(name: str, text: str) -> dict[str, str]:
        return {"output_type": "stream", "name": name, "text": text}

    one = shown([stream("stdout", "<f at 0x7fab12345678>\n"), stream("stderr", "e")])
    other = shown([stream("stderr", "e"), stream("stdout", "<f at 0x7fab87654321>\n")])
    assert difference(one, other) == ""


def test_what_the_compiler_warns_of_is_no_difference() -> None:
    text = (
        '<>:2: SyntaxWarning: "is" with a literal\n/tmp/a.py:2: SyntaxWarning: no\n  x is 1\nlast\n'
    )
    one = shown([{"output_type": "stream", "name": "stderr", "text": text}])
    assert one.stderr == "last\n"


def test_a_warning_may_come_from_another_line_and_file() -> None:
    texts = ("/tmp/a.py:1: UserWarning: old\n", "/tmp/b.py:2: UserWarning: old\n")
    one, other = (
        shown([{"output_type": "stream", "name": "stderr", "text": text}]) for text in texts
    )
    assert difference(one, other) == ""
    assert one.stderr == "UserWarning: old\n"


def compare(document: NotebookNode, folder: Path) -> tuple[Converting, Compared]:
    subject = Converting(write(document, folder / "plain.ipynb"), "tag")
    return subject, subject.compare(lambda _: None)


def became(subject: Converting) -> list[str]:
    return [piece.became for piece in subject.conversion.pieces]


@pytest.mark.slow
def test_a_foreach_that_shows_something_else_becomes_a_loop_again(tmp_path: Path) -> None:
    cell = "import os\nps = []\nfor x in range(2):\n    ps.append(where(x))\nlen(set(ps))"
    where = "import os\ndef where(x):\n    return os.getpid()"
    subject, compared = compare(notebook(where, cell), tmp_path)
    assert became(subject) == ["ordinary", "step"]
    assert "its loop stays: as a foreach it shows `2`" in subject.conversion.pieces[1].why
    assert compared.is_equal


@pytest.mark.slow
def test_a_look_at_what_stays_in_a_step_becomes_one(tmp_path: Path) -> None:
    nodes = ("import sqlite3\nconn = sqlite3.connect(':memory:')\nconn.total_changes", "type(conn)")
    subject, compared = compare(notebook(*nodes), tmp_path)
    assert became(subject) == ["step", "step"]
    assert compared.is_equal


@pytest.mark.slow
def test_every_look_at_what_stays_in_a_step_becomes_one(tmp_path: Path) -> None:
    make = "import sqlite3\nconn = sqlite3.connect(':memory:')\nconn.total_changes"
    subject, compared = compare(notebook(make, *["type(conn)"] * 4), tmp_path)
    assert became(subject) == ["step"] * 5
    assert compared.is_equal


@pytest.mark.slow
def test_what_depends_on_chance_is_not_taken_for_a_difference(tmp_path: Path) -> None:
    nodes = ("import random\nx = random.random()\nx", "x > 2", "n = x + 1\nn", "print('fixed')")
    _, compared = compare(notebook(*nodes), tmp_path)
    verdicts = [outcome.verdict for outcome in compared.outcomes.values()]
    assert verdicts == ["varies", "equal", "varies", "equal"]
    assert compared.is_equal


@pytest.mark.slow
def test_a_cell_that_differs_is_named_with_what_differs(tmp_path: Path) -> None:
    # It sees that another process runs it, and no law of ours says that it must not.
    nodes = (
        "import os\nfirst = os.getpid()\nprint('first')",
        "print('same' if first == os.getpid() else 'other')",
    )
    subject, compared = compare(notebook(*nodes), tmp_path)
    assert [outcome.verdict for outcome in compared.outcomes.values()] == ["equal", "differs"]
    assert compared.outcomes[1].told == "prints `other` where it gave `same`"
    page = view.conversion(subject, compared).plain()
    assert "✘ cell [2] prints `other` where it gave `same`\n  Look at this cell" in page
    assert "in 2 cells\nrun both ways, 1 cell shows something else" in page
    assert not compared.is_equal


@pytest.mark.slow
def test_what_the_flow_is_warned_of_says_why_a_cell_differs(tmp_path: Path) -> None:
    nodes = ("first = id(xs := list('ab'))", "print(first == id(xs))")
    subject, compared = compare(notebook(*nodes), tmp_path)
    assert [outcome.verdict for outcome in compared.outcomes.values()] == ["equal", "differs"]
    page = " ".join(view.conversion(subject, compared).plain().split())
    assert "of step `xs` is an address in the process of that step" in page


@pytest.mark.slow
def test_a_notebook_that_fails_is_compared_up_to_there(tmp_path: Path) -> None:
    _, compared = compare(notebook("print(1)", "missing", "print(2)"), tmp_path)
    assert [outcome.verdict for outcome in compared.outcomes.values()] == [
        *("equal", "equal", "unreached"),
    ]
    assert compared.fails == (1, "NameError: name 'missing' is not defined")
    assert not compared.is_equal


@pytest.mark.slow
def test_an_import_that_fails_is_no_difference(tmp_path: Path) -> None:
    nodes = notebook("xs = list('ab')", "import no_such_module", "xs.pop()")
    _, compared = compare(nodes, tmp_path)
    assert [outcome.verdict for outcome in compared.outcomes.values()] == [
        *("equal", "unreached", "unreached"),
    ]
    assert compared.fails == (1, "ModuleNotFoundError: No module named 'no_such_module'")


@pytest.mark.slow
def test_a_cell_that_is_meant_to_fail_does_not_end_it(tmp_path: Path) -> None:
    cell = code("1 / 0", "raises-exception")
    _, compared = compare(notebook("xs = list('ab')", cell, "print(xs)"), tmp_path)
    assert compared.is_equal
    assert [outcome.verdict for outcome in compared.outcomes.values()] == ["equal"] * 3


@pytest.mark.slow
def test_what_kale_calls_blocks_gives_the_same(tmp_path: Path) -> None:
    def kale(source: str, *tags: str) -> NotebookNode:
        return code(source, *tags)

    nodes = (
        kale("n = 3", "pipeline-parameters"),
        kale("xs = list(range(n))\nxs", "block:load"),
        kale("xs.append(9)\nprint(xs)", "block:load"),
        kale("total = sum(xs)", "block:total", "prev:load"),
        kale("print(total)", "pipeline-metrics"),
    )
    subject, compared = compare(notebook(*nodes), tmp_path)
    assert became(subject) == ["parameters", "step", "step", "step"]
    assert compared.is_equal


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["primes", "tables", "digits"])
def test_a_notebook_of_the_binder_without_its_marks_gives_the_same(
    name: str, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(BINDER, tmp_path / "binder"))
    document = small(notebooks.plain(notebooks.read(folder / f"{name}.ipynb")))
    for cell in document.cells:
        cell.metadata.pop("tags", None)
        cell.metadata.pop("nbflow", None)
    subject, compared = compare(document, folder)
    assert compared.is_equal, compared
    assert {"step", "parameters"} <= set(became(subject))
    (tmp_path / "plain").mkdir()
    shutil.copytree(folder, tmp_path / "plain", dirs_exist_ok=True)
    expected = plainly(document, tmp_path / "plain").values
    found = as_flow(subject.document(with_extension=False), folder)
    shared = expected.keys() & found.values.keys()
    assert len(shared) >= 4
    assert {n: found.values[n] for n in shared} == {n: expected[n] for n in shared}


def small(document: NotebookNode) -> NotebookNode:
    """The same with less to compute."""
    for cell in document.cells:
        for old, new in (("n: int = 200_000", "n: int = 2_000"), ("int = 40", "int = 4")):
            cell.source = cell.source.replace(old, new)
    return document
