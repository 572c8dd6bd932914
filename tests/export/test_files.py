"""What is exported of a notebook that has a bit of everything, to the letter.

``NBFLOW_SNAPSHOTS=write`` writes the expected files anew, to be read before they are committed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from tests.export.conftest import Flow
from tests.laws.exporting import python, run
from tests.notebooks import code, foreach, notebook, parameters, setup, step

pytestmark = pytest.mark.slow

SNAPSHOTS = Path(__file__).parent / "snapshots"


def markdown(source: str) -> NotebookNode:
    cell: NotebookNode = new_markdown_cell(source)
    return cell


CELLS = (
    markdown("# Words and numbers\n\nHow long are they?\n\nA second paragraph."),
    code("import os\nimport random\nfrom collections import Counter, deque\nimport json as js"),
    code('''
        # What is too short to count.
        SHORTEST = 2  # letters


        # Words are told apart by blanks.
        def words_of(text):
            """The words of a text."""
            return [word for word in text.split() if len(word) >= SHORTEST]


        class Unused:
            pass


        def weighed(count):
            return count * weight
        '''),
    setup("# For all steps.\nos.environ['NBFLOW_EXPORT'] = 'yes'"),
    parameters(
        """
            texts: list[str] = ["one two", "three four five", ""]
            factor: float = 1.5  # how much 100 % are
            quiet = False
            """
    ),
    markdown("## Reading\n\nEach text becomes a list of words; `\\n` is a blank, too."),
    step(
        "load",
        """
            %matplotlib inline
            import re

            def tidied(text):
                # one blank is enough
                return re.sub(r"\\s+", " ", text)

            # The texts as they come.
            found: list[str] = [tidied(text) for text in texts]
            note = '''a text
              of two lines'''
            found
            """,
    ),
    foreach(
        "place, text in enumerate(found)", "words = words_of(text)\nlength = len(text) + place"
    ),
    step("weight", "weight: int = len(found)"),
    step(
        "count",
        """
            counted = Counter(word for split in words for word in split)
            total = weighed(sum(length));
            """,
    ),
    step(
        "more",
        """
            if factor > 1:
                total = total * factor
            else:
                small = True
            display(total)
            found.append(note)
            """,
    ),
)


@pytest.mark.parametrize("form", ["script", "metaflow", "notebook"])
def test_the_files_are_as_expected(ran: Flow, tmp_path: Path, form: str) -> None:
    flow = ran(*CELLS)
    for name in ("one", "two"):
        flow.export(form, tmp_path / name)
    ours = {"script": ["flow.py", "README.md", "graph.svg"], "metaflow": ["flow.py", "README.md"]}
    for name in ours.get(form, ["small.ipynb"]):
        text = (tmp_path / "one" / name).read_text("utf-8")
        # Not as Python, which would be held to this house's rules.
        expected = SNAPSHOTS / form / Path(name).with_suffix(".txt")
        if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
            expected.parent.mkdir(parents=True, exist_ok=True)
            expected.write_text(text, "utf-8")
        assert expected.read_text("utf-8") == text, "NBFLOW_SNAPSHOTS=write writes it anew"
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            other = tmp_path / "two" / path.relative_to(tmp_path / "one")
            assert path.read_bytes() == other.read_bytes(), "an export is the same every time"
    if form != "notebook":
        for command in (["check"], ["format", "--check"]):
            ruff = ["-m", "ruff", *command, "--no-cache", "--isolated"]
            python(tmp_path / "one", *ruff, ".")


def test_the_exported_script_runs_and_gives_the_same(ran: Flow, tmp_path: Path) -> None:
    ran(*CELLS).export("script", tmp_path / "out")
    out = tmp_path / "out"
    python(out, "flow.py", "--check")
    python(out, "flow.py", "--check", "--factor", "3", code=2)
    python(out, "flow.py", "--factor", "x", code=2)
    assert python(out, "flow.py", "--texts", "a bc", "--quiet") == "['a bc']\n6.0\n"


def test_given_parameters_become_the_defaults(ran: Flow, tmp_path: Path) -> None:
    flow = ran(parameters("n: int = 1"), step("a", "a = n"), n=5)
    flow.export("script", tmp_path / "script", n=5)
    assert "default=5" in (tmp_path / "script" / "flow.py").read_text()
    flow.export("notebook", tmp_path / "notebook", n=5)
    document = nbformat.read(tmp_path / "notebook" / "small.ipynb", as_version=4)
    assert [cell.source for cell in document.cells] == [
        "n: int = 1",
        "# Parameters\nn = 5",
        "a = n",
    ]


def test_each_figure_is_saved_where_the_notebook_shows_it(tmp_path: Path) -> None:
    cells = (
        code(
            "import matplotlib.pyplot as plt\n"
            "def line(ys):\n    plt.plot(ys)\n    plt.show()\n    return len(plt.get_fignums())"
        ),
        step(
            "a", "%matplotlib inline\nplt.plot([1])\nplt.show()\nplt.plot([2])\nplt.show()\na = 1"
        ),
        step("b", "b = [line([n]) for n in range(3)]\nplt.plot(b)"),
        foreach("n in range(2)", "c = line([n])"),
    )
    out = run(notebook(*cells), tmp_path).export("script")
    assert isinstance(out, Path)
    assert "values are those of the notebook" in python(out, "flow.py", "--check")
    assert sorted(path.name for path in out.glob("*.png")) == [
        *("a-1.png", "a-2.png", "b-1.png", "line-1.png", "line-2.png", "line-3.png"),
    ]


def test_what_is_displayed_is_printed_as_its_text(ran: Flow, tmp_path: Path) -> None:
    cells = (
        "from IPython.display import HTML, Markdown, display",
        step("a", "a = 'é'\ndisplay(Markdown(f'**{a}**'), a); display(HTML('<b>b</b>'))"),
        step("b", "b = 2\nif b:\n    display(Markdown(\n        f'# {b}'\n    ))\ndisplay(a)"),
        step("c", "c = b + 1\nMarkdown(f'{c} in all')"),
    )
    ran(*cells).export("script", tmp_path / "out")
    told = python(tmp_path / "out", "flow.py")
    assert told == "**é**\né\n<b>b</b>\n# 2\né\n3 in all\n"
    assert "IPython" not in (tmp_path / "out" / "flow.py").read_text("utf-8")


def test_why_a_value_is_not_compared_is_told(ran: Flow, tmp_path: Path) -> None:
    plt = code("import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt")
    ran(plt, step("figure", "figure = plt.figure()")).export("script", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "digests.json").read_text())["uncompared"]
    assert told == {"figure": "a figure has no content that is the same each time"}
