"""Each rule of the conversion on a small notebook: what each cell becomes, and why not a step."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from nbflow import cells
from nbflow.conversion import Conversion, Piece, convert
from tests.notebooks import code, notebook, step


def converted(*nodes: NotebookNode | str) -> Conversion:
    read = cells.parse(notebook(*nodes), Path("/nowhere/test.ipynb"))
    return convert(read, lambda _: None)


def told(conversion: Conversion) -> list[str]:
    """Role, name and clause of the pieces that were looked at."""
    return [short(piece) for piece in conversion.pieces if piece.became != "kept"]


def short(piece: Piece) -> str:
    words = (piece.became, piece.name, piece.clause, *(f"after {name}" for name in piece.after))
    return " ".join(word for word in words if word)


NP = "import numpy as np"
FIT = "def fit(x):\n    return [x]"
XS = "xs = list(map(int, '123'))"


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param(("import os\n\ndef f():\n    pass",), ["ordinary"], id="definitions"),
        pytest.param(("# nothing",), ["ordinary"], id="comments"),
        pytest.param(("x = 1; print x",), ["ordinary"], id="no Python"),
        pytest.param(("rate = 0.1\nnames = ['a']",), ["parameters"], id="constants at the top"),
        pytest.param((NP, "rate: float = 0.1"), ["ordinary", "parameters"], id="below imports"),
        pytest.param(("a = 1", "b = 2"), ["parameters", "ordinary"], id="the first of them only"),
        pytest.param((XS, "a = 1"), ["step xs", "ordinary"], id="not below a step"),
        pytest.param((NP + "\na = 1",), ["ordinary"], id="not among imports"),
        pytest.param(
            (code("a = 1", "parameters"), "b = 2"), ["ordinary"], id="papermill's tag is kept"
        ),
        pytest.param(("%matplotlib inline\nimport os",), ["ordinary"], id="a magic configures"),
        pytest.param(("!pip install x", "%pip install y"), ["ordinary"] * 2, id="installations"),
        pytest.param(
            ("import pandas as pd\npd.set_option('a.b', 3)",), ["setup"], id="configuration"
        ),
        pytest.param(
            (XS, "import os\nos.environ['A'] = '1'"),
            ["step xs", "step cell_2"],
            id="configuration below a step is one",
        ),
        pytest.param((NP + "\nnp.random.seed(0)",), ["step seed"], id="a seed is drawn on"),
        pytest.param(("%%html\n<b>",), ["ordinary"], id="a cell that shows text"),
        pytest.param(
            (XS, "xs", "len(xs)", "xs[0]", "display(xs)", "xs.shape"),
            ["step xs", *["ordinary"] * 5],
            id="looks",
        ),
        pytest.param(
            (XS, "xs.pop()", "fit(xs)"), ["step xs", "step pop", "ordinary"], id="no looks"
        ),
        pytest.param((XS, "print('xs are', xs)"), ["step xs", "step report"], id="a report"),
        pytest.param((step("a", "x = fit"), XS), ["step xs"], id="marked already"),
        pytest.param(
            ("a = b", "c = a", XS), ["ordinary", "ordinary", "step xs"], id="unknown, and below it"
        ),
        pytest.param(
            ("%%time\nxs = list('ab')",), ["step xs"], id="a magic around a step is part of it"
        ),
        pytest.param((XS, "xs = xs + [1]"), ["step xs", "step xs_2"], id="names are unique"),
        pytest.param(
            (new_markdown_cell("## 2. Growing the list"), XS, "xs = xs + [1]"),
            ["step xs", "step growing_list"],
            id="a heading gives a name",
        ),
        pytest.param(("m = 3\ny = max(m, 2)",), ["step y"], id="no name after a constant"),
        pytest.param(
            (NP, "t = {}\nt['n'] = 1;\nt", "t['Is train'] = np.random.rand(3)"),
            ["ordinary", "step t", "step is_train"],
            id="an entry gives a name, a module none",
        ),
        pytest.param(
            (XS, "xs.pop()\nxs", "for i in range(2):\n    xs = xs + [i]\n    print(xs)"),
            ["step xs", "step pop", "step report"],
            id="nor does a counter",
        ),
        pytest.param((XS, "int(''.join(map(str, xs)))"), ["step xs", "step join"], id="nor `int`"),
        pytest.param(
            ("f = open('a.txt', 'w')", "f.write('x')", "f.close()", XS),
            ["step f", "step xs"],
            id="one open file, one step",
        ),
        pytest.param(
            (FIT, XS, new_markdown_cell("# All of it"), "fit(xs)", "fit(xs)", "fit(xs)"),
            ["ordinary", "step xs", "step fit", "step fit_xs", "step fit_2"],
            id="a title gives none",
        ),
        pytest.param(
            (XS, "# Grow the list of them.\nxs = xs + [1]", "# xs.pop()\nxs = xs + [1]"),
            ["step xs", "step grow_list_them", "step xs_2"],
            id="a comment gives a name, and a line out of use none",
        ),
        pytest.param(
            (NP, "xs = np.array([np.random.rand()])", "xs = np.array(xs + 1)"),
            ["ordinary", "step xs", "step xs_2"],
            id="what makes a value gives none",
        ),
        pytest.param(
            (XS, "id(xs), hex(id(xs))", "xs is not None", "xs == [1]"),
            ["step xs", "ordinary", "ordinary", "step cell_4"],
            id="whether two are one is a look",
        ),
        pytest.param((XS, "0.3 / 0.1 - 3", "1 < 2"), ["step xs", *["ordinary"] * 2], id="fixed"),
        pytest.param((code("1 / 0", "raises-exception"),), ["ordinary"], id="meant to fail"),
        pytest.param(("f = open('a.txt')", "t = f.read()"), ["step f", "step t"], id="read only"),
    ],
)
def test_a_cell_becomes_what_it_is_for(
    nodes: tuple[NotebookNode | str, ...], expected: list[str]
) -> None:
    assert told(converted(*nodes)) == expected


def loop(body: str, head: str = "for x in xs:", before: str = "", after: str = "") -> str:
    lines = [before, "ys = []", head, *(f"    {line}" for line in body.split("\n")), after]
    return "\n".join(line for line in lines if line)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(loop("ys.append(fit(x))"), ["foreach ys x in xs"], id="plain"),
        pytest.param(
            loop("y = fit(x)\nys.append(y)"), ["foreach ys x in xs"], id="with a name of its own"
        ),
        pytest.param(
            loop("ys.append(fit(x))", after="n = sum(ys, [])"),
            ["foreach ys x in xs", "step n"],
            id="something below",
        ),
        pytest.param(
            loop("ys.append(fit(x) + k)", before="k = list(xs)"),
            ["step k", "foreach ys x in xs"],
            id="something above",
        ),
        pytest.param(
            loop("ys.append(fit(x))", head="for i, x in enumerate(xs):"),
            ["foreach ys i, x in enumerate(xs)"],
            id="two targets",
        ),
        pytest.param(
            loop("for z in fit(x):\n    ys.append(fit(z))"),
            ["foreach ys x in xs for z in fit(x)"],
            id="nested",
        ),
        pytest.param(
            loop("ys.append(\n    fit(x)\n)  # each"),
            ["foreach ys x in xs"],
            id="over several lines",
        ),
        pytest.param(
            loop("ys.append(fit(x))\nzs.append(x)", before="zs = []"),
            ["foreach zs x in xs"],
            id="two lists",
        ),
        pytest.param(
            "ys, zs = [], list()\nfor x in xs:\n    ys.append(fit(x))\n    zs.append(x)",
            ["foreach ys x in xs"],
            id="two lists that one line makes",
        ),
    ],
)
def test_a_loop_of_independent_rounds_becomes_a_foreach(cell: str, expected: list[str]) -> None:
    assert told(converted(FIT, XS, cell))[2:] == expected


@pytest.mark.parametrize(
    ("cell", "below", "why"),
    [
        (loop("n = n + x\nys.append(fit(n))", before="n = 0"), "", "goes on with `n`"),
        (loop("if x: break\nys.append(fit(x))"), "", "it has `break`"),
        (loop("if x: continue\nys.append(fit(x))"), "", "it has `continue`"),
        (loop("ys.append(fit(x))", after="else:\n    pass"), "", "it has an `else`"),
        (loop("ys.append(fit(x))\nys.append(x)"), "", "does not append to `ys` once"),
        (loop("if x:\n    ys.append(fit(x))"), "", "does not append to `ys` once"),
        (loop("ys.append(fit(x))").replace("ys = []", "ys, zs = [], []"), "", "to `ys` once"),
        (loop("ys.append(fit(x))\nprint(len(ys))"), "", "a round reads `ys` as the others left it"),
        (loop("ys.append(fit(len(ys)))"), "", "reads `ys` as the others left it"),
        (loop("ys.append(fit(x))\nseen[x] = 1", before="seen = {}"), "", "changes `seen`"),
        (loop("ys.append(fit(x))"), "print(x)", "`x` of its last round is read below"),
        (loop("y = fit(x)\nys.append(y)", after="print(y)"), "", "`y` of its last round"),
        (loop("y = fit(x)\nys.append(y)"), "def g():\n    return y", "a function reads `y`"),
        (loop("ys.append(x + 1)"), "", "next to nothing to do"),
        (loop("y = []\nfor z in xs:\n    y.append(z)\nys.append(y)"), "", "next to nothing"),
        (loop("t = time()\nfit(x)\nys.append(time() - t)"), "", "rounds are timed"),
        (loop("t = perf_counter()\nfit(x)\nys.append(perf_counter() - t)"), "", "are timed"),
        (loop("ys.append(fit(x) + random.random())"), "", "share random numbers"),
        (loop("plt.plot(x)\nys.append(fit(x))"), "", "may share a figure (`plt`)"),
        (loop("ys.append(fit(x))\nopen('a.txt', 'w').write('x')"), "", "its rounds write files"),
        (loop("ys.append(fit(x))", head="for x in tqdm(xs):"), "", "`tqdm` shows how far"),
        ("ys = []\nfor x in xs: ys.append(fit(x))", "", "in one line"),
        ("ys = []; zs = 1\nfor x in xs:\n    ys.append(fit(x))", "", "share a line"),
        (loop("t = '''a\n  b'''\nys.append(fit(t))"), "", "goes over several lines"),
    ],
)
def test_a_loop_whose_rounds_need_each_other_stays_one(cell: str, below: str, why: str) -> None:
    imports = "import random\nfrom time import perf_counter, time\nfrom m import plt, tqdm\n" + FIT
    nodes = (imports, XS, cell, *([below] if below else []))
    piece = next(p for p in converted(*nodes).pieces if 2 in p.origins)
    assert piece.became == "step"
    assert why in piece.why


def test_a_loop_that_only_looks_like_one_is_just_a_step() -> None:
    for cell in ("ys = [0]\nfor x in xs:\n    ys.append(fit(x))", "for x in xs:\n    fit(x)"):
        piece = converted(FIT, XS, cell).pieces[2]
        assert (piece.became, piece.why) == ("step", "")


def test_a_function_that_draws_keeps_its_loop_in_one_step() -> None:
    draw = "import random\ndef fit(x):\n    return random.random()"
    piece = converted(draw, XS, loop("ys.append(fit(x))")).pieces[2]
    assert piece.became == "step"
    assert "random numbers" in piece.why


def test_a_round_binds_an_item_and_hides_what_a_loop_does_not_show() -> None:
    cell = loop("y = fit(x)\nys.append(y)  # grow\nfit(y)", before="# over all\nk = fit(1)\nfit(k)")
    before, body = converted(FIT, XS, cell).pieces[2:]
    assert before.source == "# over all\nk = fit(1)\nfit(k);"
    assert body.source == "y = fit(x)\nys = y  # grow\nfit(y);"
    assert body.outputs == ("ys",)


def test_what_is_said_of_the_loop_stays_and_what_is_said_of_the_empty_list_does_not() -> None:
    rest = "# An empty list.\nys = []\n# One by one.\nfor x in xs:\n    ys.append(fit(x))\nys[:]"
    body, after = converted(FIT, XS, "# All of them.\n\n" + rest).pieces[2:]
    assert body.source == "# All of them.\n# One by one.\nys = fit(x)"
    assert (after.became, after.why) == ("ordinary", "only looks at values")


def test_why_a_cell_stays_ordinary_is_told() -> None:
    pieces = converted("a = b", "c = a").pieces
    assert [piece.why for piece in pieces] == [
        "`b` is not defined",
        "`a` is bound in the ordinary cell [1]",
    ]


def test_a_cell_that_asks_its_reader_stays_ordinary_and_so_does_who_reads_the_answer() -> None:
    asking, reading = converted("n = int(input('How many?'))", "m = n + 1").pieces
    assert (asking.became, "asks its reader" in asking.why) == ("ordinary", True)
    assert (reading.became, reading.why) == ("ordinary", "`n` is bound in the ordinary cell [1]")


def kale(source: str, *tags: str) -> NotebookNode:
    cell = code(source)
    cell.metadata["tags"] = list(tags)
    return cell


KALE = (
    kale("import os", "imports"),
    kale("def fit(x):\n    return [x]", "functions"),
    kale("n = 3", "pipeline-parameters"),
    kale("raw = list(range(n))", "block:load-data"),
    kale("raw.append(4)", "block:"),
    kale("print(raw)", "skip"),
    kale("os.makedirs('out', exist_ok=True)", "block:prepare"),
    kale("model = fit(raw)", "block:train", "prev:load-data", "prev:prepare"),
    code("model.append(1)"),
    kale("print(len(model))", "pipeline-metrics"),
)


def test_tags_of_kale_say_what_each_cell_is() -> None:
    assert told(converted(*KALE)) == [
        "ordinary",
        "ordinary",
        "parameters",
        "step load_data",
        "ordinary",
        "step prepare",
        "step train after prepare",
        "step pipeline_metrics",
    ]


def test_newer_releases_of_kale_call_a_block_a_step_and_so_do_we() -> None:
    nodes = (
        kale("import os", "imports"),
        kale("xs = [os.sep]", "step:load-data", "limit:nvidia.com/gpu:1"),
        code("xs.append(1)"),
        kale("xs.pop()\nn = 1", "step:train", "prev:load-data"),
        kale("print(n)", "pipeline-metrics"),
    )
    assert told(converted(*nodes)) == [
        "ordinary",
        "step load_data",
        "step train",
        "step pipeline_metrics",
    ]
    # Without a tag of Kale's own they are marks.
    assert told(converted(*nodes[:2], step("train", "xs.pop()"))) == ["ordinary"]


def test_cells_of_one_block_are_one_step() -> None:
    pieces = [piece for piece in converted(*KALE).pieces if piece.name == "load_data"]
    assert [piece.origins for piece in pieces] == [(3, 4)]
    assert pieces[0].source == "raw = list(range(n))\n\nraw.append(4)"


def test_what_a_merged_cell_showed_is_still_shown() -> None:
    nodes = (kale("xs = list('ab')\nxs", "block:a"), kale("xs.pop()", "block:a"))
    (piece,) = converted(*nodes).pieces
    assert piece.source == "xs = list('ab')\ndisplay(xs)\n\nxs.pop()"
    piece = converted("f = open('a.txt', 'w')\nf.write('x')", "f.close()").pieces[0]
    assert piece.source == "f = open('a.txt', 'w')\ndisplay(f.write('x'))\n\nf.close()"


def test_converting_twice_gives_the_same() -> None:
    nodes = (FIT, XS, loop("ys.append(fit(x))"), "sum(ys, [])", "n = len(ys)")
    assert converted(*nodes) == converted(*nodes)
