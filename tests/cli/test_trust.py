"""``nbflow verify`` and ``accept``: what differs is named to the element, and shown everywhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from nbflow.records.reason import Reason
from nbflow.store.store import Store
from nbflow.store.verifications import TaskOutcome
from tests.cli.conftest import Nbflow
from tests.notebooks import code, foreach, notebook, parameters, step, write

pytestmark = pytest.mark.slow

IMPORTS = "import os\nfrom pathlib import Path"
#: Gives another number each time it is done, in a way that nothing observes.
UNSTEADY = "n = int.from_bytes(os.urandom(8)) | 1"

#: What a cell makes of the number, and where it differs the next time.
VALUES = {
    "a scalar": ("x = n", "x"),
    "an array": ("import numpy as np\nx = np.zeros((3, 4))\nx[1, 2] = n", r"x\[1, 2\]"),
    "a frame": (
        "import pandas as pd\nx = pd.DataFrame({'a': [1, 2], 'b': [0, n >> 2]})",
        r'x\["b"\], row 1',
    ),
    "polars": (
        "import polars as pl\nx = pl.DataFrame({'a': [1, 2], 'b': ['', str(n)]})",
        r'x\["b"\], row 1',
    ),
    "a dict in a list": ("x = [1, {'k': [n]}]", r'x\[1\]\["k"\]\[0\]'),
    "text": ("x = f'one\\n{n}\\n'", "x, line 2"),
    "bytes": ("x = bytes([1]) + n.to_bytes(8)", r"x\[[1-8]\]"),
    "an object": (
        "class P:\n    __eq__ = None\n    def __init__(self, v): self.v = v\nx = P((0, n))",
        r"x\.v\[1\]",
    ),
}


def put(folder: Path, *cells: NotebookNode | str) -> None:
    write(notebook(*cells), folder / "flow.ipynb")


def told(nbflow: Nbflow, *arguments: str, code: int = 0) -> Any:
    result = nbflow(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def unsteady(folder: Path, body: str = "x = n") -> None:
    put(
        folder,
        code(IMPORTS, cell_id="imports"),
        step("steady", "s = 1", cell_id="steady"),
        step("odd", f"{UNSTEADY}\n{body}\ndel n", cell_id="odd"),
        step("below", "b = [x]", cell_id="below"),
    )


# --- verify ---


def test_steps_that_give_the_same_pass_and_are_not_asked_twice(nbflow: Nbflow) -> None:
    nbflow("run", "small.ipynb")
    found = told(nbflow, "verify", "small.ipynb")
    assert found["passed"]
    assert [(s["step"], s["outcome"], s["tasks"]) for s in found["steps"]] == [
        ("load", "same", 1),
        ("y", "same", 3),
        ("total", "same", 1),
    ]
    again = told(nbflow, "verify", "small.ipynb")
    assert {step["outcome"] for step in again["steps"]} == {"skipped"}
    every = told(nbflow, "verify", "small.ipynb", "--all")
    assert {step["outcome"] for step in every["steps"]} == {"same"}
    one = told(nbflow, "verify", "small.ipynb", "y")
    assert [step["step"] for step in one["steps"]] == ["y"]
    plan = told(nbflow, "plan", "small.ipynb")
    assert {(step["verdict"], len(step["reasons"])) for step in plan["steps"]} == {("reuse", 0)}


@pytest.mark.parametrize("value", VALUES)
def test_what_differs_is_named_with_the_first_element(
    folder: Path, nbflow: Nbflow, value: str
) -> None:
    body, element = VALUES[value]
    unsteady(folder, body)
    assert nbflow("run", "flow.ipynb").exit_code == 0
    found = told(nbflow, "verify", "flow.ipynb", code=1)
    assert [step["outcome"] for step in found["steps"]] == ["same", "different", "same"]
    (difference,) = found["steps"][1]["differences"]
    assert re.fullmatch(element, difference["subject"])
    assert difference["before"] != difference["after"]
    lines = nbflow("verify", "flow.ipynb", "odd").stdout.splitlines()
    assert re.search(element, "\n".join(lines))
    assert all(len(line) <= 80 for line in lines), lines


def states(nbflow: Nbflow) -> list[str]:
    return [step["status"] for step in told(nbflow, "status", "flow.ipynb")["steps"]]


def test_a_step_that_differs_is_marked_everywhere_it_is_shown(folder: Path, nbflow: Nbflow) -> None:
    unsteady(folder)
    nbflow("run", "flow.ipynb")
    digests = told(nbflow, "run", "flow.ipynb")["tasks"][1]["outputs"]
    nbflow("verify", "flow.ipynb")
    # What is cached stays, and what reads it too.
    assert states(nbflow) == ["fresh", "not-reproducible", "fresh"]
    ran = told(nbflow, "run", "flow.ipynb")["tasks"][1]
    assert (ran["status"], ran["outputs"]) == ("cached", digests)
    assert ran["reasons"][0]["kind"] == "not-reproducible"
    for command in (("status",), ("plan",), ("why", "odd"), ("graph", "--dot", "-"), ("run",)):
        shown = nbflow(command[0], "flow.ipynb", *command[1:]).stdout
        assert "not reproducible" in shown, shown
        if command[0] != "graph":
            assert all(len(line) <= 80 for line in shown.splitlines()), shown
    # Stale below an edit above, it is in doubt still.
    (planned,) = [s for s in told(nbflow, "plan", "flow.ipynb")["steps"] if s["step"] == "odd"]
    assert planned["verdict"] == "reuse"
    unsteady(folder, "x = 5")
    assert states(nbflow) == ["fresh", "stale", "unknown"]
    nbflow("run", "flow.ipynb")
    assert states(nbflow) == ["fresh", "fresh", "fresh"]
    assert told(nbflow, "verify", "flow.ipynb", "odd")["passed"]
    unsteady(folder)
    assert states(nbflow) == ["fresh", "not-reproducible", "fresh"]


def test_the_mark_goes_once_a_verify_passes(folder: Path, nbflow: Nbflow) -> None:
    put(folder, step("odd", "x = 1", cell_id="odd"))
    nbflow("run", "flow.ipynb")
    store = Store.open(folder / ".nbflow")
    record = store.latest("odd", None, "flow")
    assert record is not None
    doubt = Reason("not-reproducible", "x", "1", "2")
    store.verifications.keep("flow", [TaskOutcome("odd", record, doubt)])
    assert states(nbflow) == ["not-reproducible"]
    assert told(nbflow, "verify", "flow.ipynb")["passed"]
    assert states(nbflow) == ["fresh"]


def test_a_rerun_that_comes_out_differently_marks_the_step_for_free(
    folder: Path, nbflow: Nbflow
) -> None:
    unsteady(folder)
    nbflow("run", "flow.ipynb")
    again = told(nbflow, "run", "flow.ipynb", "--no-cache")
    kinds = {task["task"]: [r["kind"] for r in task["reasons"]] for task in again["tasks"]}
    assert kinds == {
        "steady": ["forced"],
        "odd": ["not-reproducible", "forced", "hazard"],
        "below": ["forced"],
    }
    assert states(nbflow) == ["fresh", "not-reproducible", "fresh"]


def test_a_step_that_raises_when_it_runs_again_is_told(folder: Path, nbflow: Nbflow) -> None:
    body = "if os.urandom(1)[0] < 128:\n    1 / 0\nx = 1"
    put(folder, code(IMPORTS), step("a", body, cell_id="a"))
    for _ in range(60):  # half of the times
        if nbflow("run", "flow.ipynb").exit_code == 0:
            break
    for _ in range(60):
        result = nbflow("verify", "flow.ipynb", "a", "--json")
        if result.exit_code == 1:
            break
    (found,) = json.loads(result.stdout)["steps"]
    assert found["outcome"] == "failed"
    assert found["differences"][0]["after"] == "ZeroDivisionError: division by zero"
    assert states(nbflow) == ["not-reproducible"]


def test_files_are_as_they_were_after_a_verify(folder: Path, nbflow: Nbflow) -> None:
    put(
        folder,
        code(IMPORTS),
        step("a", f"{UNSTEADY}\nPath('f.txt').write_text(str(n))\ndel n\na = 1", cell_id="a"),
        step("b", "b = Path('f.txt').read_text()", cell_id="b"),
        step("c", "with open('f.txt', 'a') as file: file.write('more')\nc = 1", cell_id="c"),
    )
    nbflow("run", "flow.ipynb")
    before = (folder / "f.txt").read_text()
    found = told(nbflow, "verify", "flow.ipynb", code=1)
    assert [step["outcome"] for step in found["steps"]] == ["different", "same", "same"]
    assert found["steps"][0]["differences"][0]["subject"].startswith("f.txt")
    assert (folder / "f.txt").read_text() == before
    planned = told(nbflow, "plan", "flow.ipynb")["steps"]
    assert {step["verdict"] for step in planned} == {"reuse"}


# --- accept ---


def renamed(folder: Path, body: str, *, helper: str = "1") -> None:
    put(
        folder,
        parameters("k: int = 1", cell_id="p"),
        code(f"def f(x):\n    return x + {helper}", cell_id="helper"),
        step("a", body, cell_id="a"),
        foreach("i in range(2)", "sq = f(i)", cell_id="sq"),
        step("b", "b = (a, sq)", cell_id="b"),
    )


def test_an_accepted_result_is_current_and_shown_as_such(folder: Path, nbflow: Nbflow) -> None:
    renamed(folder, "t = 2\na = f(t)\ndel t")
    nbflow("run", "flow.ipynb")
    renamed(folder, "u = 2\na = f(u)\ndel u")
    assert states(nbflow)[0] == "stale"
    assert told(nbflow, "accept", "flow.ipynb", "a", "-m", "only renamed") == {
        "step": "a",
        "accepted": "only renamed",
        "results": 1,
    }
    assert states(nbflow) == ["fresh"] * 3
    ended = told(nbflow, "run", "flow.ipynb")
    assert {task["status"] for task in ended["tasks"]} == {"cached"}
    shown = [
        nbflow("why", "flow.ipynb", "a").stdout,
        nbflow("status", "flow.ipynb").stdout,
        nbflow("plan", "flow.ipynb").stdout,
        nbflow("show", f"{ended['run']}/a").stdout,
        nbflow("run", "flow.ipynb").stdout,
    ]
    assert all("accepted: only renamed" in text for text in shown), shown
    # Computed again, it is as good as any.
    nbflow("clear", "flow.ipynb", "a")
    nbflow("run", "flow.ipynb")
    assert "accepted" not in nbflow("status", "flow.ipynb").stdout


def test_who_compares_with_accepted_results_is_told(folder: Path, nbflow: Nbflow) -> None:
    put(folder, step("a", "a = [1]", cell_id="a"), step("b", "b = a * 2", cell_id="b"))
    nbflow("run", "flow.ipynb")
    put(folder, step("a", "a = [2]", cell_id="a"), step("b", "b = a * 2", cell_id="b"))
    nbflow("accept", "flow.ipynb", "a", "-m", "no harm")
    nbflow("run", "flow.ipynb")
    compared = " ".join(nbflow("compare", "last~1", "last").stdout.split())
    assert "B took results that were accepted: `a` (no harm)." in compared
    assert "`nbflow run flow.ipynb --no-cache` computes all anew." in compared
    assert nbflow("export", "flow.ipynb", "--to", "script", "-o", "out").exit_code == 0
    readme = (folder / "out" / "README.md").read_text()
    assert "The results of `a` (no harm) had been accepted" in readme
    checked = subprocess.run(
        [sys.executable, "flow.py", "--check"], cwd=folder / "out", capture_output=True, text=True
    )
    assert checked.returncode == 1
    assert "accepted   a (no harm): what is compared with is of before" in checked.stdout
    verified = nbflow("verify", "flow.ipynb").stdout.splitlines()
    assert "accepted: no harm" in verified[0]


def test_all_splits_are_accepted_and_a_file_too(folder: Path, nbflow: Nbflow) -> None:
    renamed(folder, "a = 1")
    nbflow("run", "flow.ipynb")
    renamed(folder, "a = 1", helper="(0 + 1)")
    assert states(nbflow) == ["fresh", "stale", "unknown"]
    assert told(nbflow, "accept", "flow.ipynb", "sq", "-m", "the same sum")["results"] == 2
    assert states(nbflow) == ["fresh"] * 3
    (folder / "f.txt").write_text("one")
    put(folder, code(IMPORTS), step("a", "a = len(Path('f.txt').read_text())", cell_id="a"))
    nbflow("run", "flow.ipynb")
    (folder / "f.txt").write_text("one\n")
    assert states(nbflow) == ["stale"]
    told(nbflow, "accept", "flow.ipynb", "a", "-m", "a line's end")
    assert states(nbflow) == ["fresh"]
    (folder / "f.txt").write_text("two")
    assert states(nbflow) == ["stale"]


# --- what cannot be done ---


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("verify", "none.ipynb"), "none.ipynb"),
        (("verify", "flow.ipynb", "oddd"), "Did you mean `odd`?"),
        (("verify", "flow.ipynb", "fresh_one"), "has no current result to compare with"),
        (("verify", "flow.ipynb", "uncached"), "it is marked to run every time"),
        (("verify", "small.ipynb", "--store", "nowhere"), "has not run yet"),
        (("accept", "flow.ipynb", "odd"), "--message"),
        (("accept", "flow.ipynb", "odd", "-m", " "), "nothing says why"),
        (("accept", "flow.ipynb", "odd", "-m", "x"), "is fresh: there is nothing to accept"),
        (("accept", "flow.ipynb", "fresh_one", "-m", "x"), "does not have a result yet"),
        (("accept", "flow.ipynb", "uncached", "-m", "x"), "marked to run every time"),
        (("accept", "flow.ipynb", "other", "-m", "x"), "it has no `z`"),
        (("accept", "flow.ipynb", "below", "-m", "x"), "which is stale"),
    ],
)
def test_what_cannot_be_verified_or_accepted_is_named(
    folder: Path, nbflow: Nbflow, arguments: tuple[str, ...], message: str
) -> None:
    odd, uncached = step("odd", "o = 1", cell_id="odd"), code("%%step uncached --no-cache\nu = 1")
    put(folder, odd, uncached, step("other", "y = 1", cell_id="y"), step("below", "w = y"))
    nbflow("run", "flow.ipynb")
    put(
        folder,
        odd,
        uncached,
        step("other", "y = z = 1", cell_id="y"),
        step("below", "w = y"),
        step("fresh_one", "v = 1"),
    )
    result = nbflow(*arguments)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.stderr.split()), result.stderr
