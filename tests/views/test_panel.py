"""What the panel is told, and that both sides of it know the same messages."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

import nbflow
from nbflow import cells
from nbflow.driver import NotebookFlow
from nbflow.records.task import Status, TaskRun
from nbflow.views.drawing import Standing
from nbflow.views.edited import Edited
from nbflow.views.logs import sections, stamp
from nbflow.views.panel import details, drawn, told
from tests.flows import flow_of
from tests.notebooks import notebook, write

LAB = Path(__file__).parent.parent.parent / "labextension"
MESSAGES = LAB / "src" / "tests" / "messages.json"


def flow(tmp_path: Path, *sources: str | NotebookNode) -> dict[str, Any]:
    """A flow as the panel is told it, without what differs from machine to machine."""
    with NotebookFlow(cells.parse(notebook(*sources), tmp_path / "train.ipynb")) as read:
        whole = told(read, drawn(read, read.plan(), read.notebook.cells))
        return {**whole, "path": "train.ipynb", "now": 1000.0}


def running(tmp_path: Path) -> dict[str, Any]:
    """A flow one of whose steps was edited while it ran, and another one deleted."""
    began = flow_of("%%step load\ndata = [1]", "%%step train\nmodel = data", "%%step gone\nx = 1")
    sources = ("%%step load\ndata = [2]", "%%step train\nmodel = data")
    standing = Standing(began)
    stands: dict[str, Status] = {"load": "running", "train": "queued", "gone": "running"}
    for at, (name, status) in enumerate(stands.items(), 1):
        standing.changed(TaskRun(name, f"cell-{at}", name, None, status, 0.0, started=990.0))
    with NotebookFlow(cells.parse(notebook(*sources), tmp_path / "train.ipynb")) as read:
        shown = drawn(read, read.plan(), read.notebook.cells)
        edited = Edited(began, read.flow)
        shown.update(filter(None, map(edited.card, standing.nodes())))
        whole = told(read, shown, running=True, more=edited.problems(standing.nodes()))
        return {**whole, "path": "train.ipynb", "now": 1000.0}


def messages(tmp_path: Path) -> list[dict[str, Any]]:
    first = flow(tmp_path, "%%step load\ndata = [1]", "%%step train\nmodel = data")
    broken = flow(tmp_path, "%%step load\ndata = [1]", "%%step train\nmodel = dat")
    fold = new_markdown_cell("# Data", metadata={"jp-MarkdownHeadingCollapsed": True}, id="head")
    end = new_markdown_cell("# Model", id="end")
    sources = ("%%step load\ndata = [1]", "%%step clean\nrows = data")
    folded = flow(tmp_path, fold, *sources, end, "%%step train\nmodel = rows")
    busy = {**first["states"]["0"], "look": "running", "word": "running", "story": ""}
    busy |= {"detail": "", "began": 990.0, "expected": "about 40 s"}
    told = sections([("parts[3]", [{"output_type": "stream", "name": "stdout", "text": "hi\n"}])])
    return [
        {"kind": "flow", "rev": 1, "flow": first},
        {"kind": "states", "rev": 2, "states": {"0": busy}, "running": True},
        {"kind": "flow", "rev": 3, "flow": broken},
        {"kind": "answer", "rev": 4, "id": "1", "answer": {"status": "completed"}},
        {"kind": "answer", "rev": 5, "id": "2", "answer": {"stamp": stamp(told), "logs": told}},
        {"kind": "flow", "rev": 6, "flow": folded},
        {"kind": "flow", "rev": 7, "flow": running(tmp_path)},
        {"kind": "hello"},
    ]


def test_the_page_is_tested_with_what_python_says(tmp_path: Path) -> None:
    now = json.dumps(messages(tmp_path), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
        MESSAGES.write_text(now, "utf-8")
    assert MESSAGES.read_text("utf-8") == now, "NBFLOW_SNAPSHOTS=write writes it anew"


def test_the_same_cards_lead_across_and_down(tmp_path: Path) -> None:
    told = flow(tmp_path, "%%step load\ndata = [1]", "%%step train\nmodel = data")
    across, down = told["drawing"], told["down"]
    assert [card["name"] for card in across["cards"]] == [card["name"] for card in down["cards"]]
    assert across["width"] > down["width"]
    load, train = down["cards"]
    assert load["x"] == train["x"]
    assert load["y"] + across["card"] < train["y"]


def test_outputs_are_shown_with_what_was_displayed_and_without_what_was_printed(
    tmp_path: Path,
) -> None:
    cells = ["%%step one\none = 1\nprint('printed')\none", "%%foreach x in range(20)\ny = x\ny"]
    path = write(notebook(*cells), tmp_path / "nb.ipynb")
    with nbflow.load(path) as loaded:
        loaded.run(executor="inline")
        one, y = (details(loaded, cell)["displayed"] for cell in loaded.flow.steps)
    assert [output["data"]["text/plain"] for told in one for output in told["outputs"]] == ["1"]
    assert [told["heading"] for told in y] == [f"y[{index}]" for index in range(12, 20)]


def test_what_is_wrong_with_a_step_stands_on_its_card_with_the_remedy(tmp_path: Path) -> None:
    told = flow(tmp_path, "%%step load\ndata = [1]", "%%step train\nmodel = dat")
    good, wrong = told["states"].values()
    assert wrong["detail"] == wrong["story"] == "`dat` is not defined"
    assert wrong["reasons"] == ["`dat` is not defined", "Did you mean `data`?"]
    assert good["reasons"] == [["first run"]]


def test_the_history_of_a_step_begins_with_the_last_and_shows_what_had_changed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "nb.ipynb"
    for value in (1, 2):
        write(notebook(f"%%step one\none = {value}", "%%step two\ntwo = 2"), path)
        for _ in range(3):  # again, of what it has: no result of its own
            with nbflow.load(path) as again:
                again.run(executor="inline")
    with nbflow.load(path) as loaded:
        told = [details(loaded, cell)["history"]["text/plain"] for cell in loaded.flow.steps]
    one, two = told
    assert one.count("completed") == 2
    assert one.index("-one = 1") < one.index("+one = 2") < one.index("first run")
    assert two.count("completed") == 1
    assert "cached" not in one + two
    assert re.search(r"\d+ \w+ \d\d:\d\d$", two.splitlines()[0])


def test_a_card_says_how_long_its_step_took_before(tmp_path: Path) -> None:
    with nbflow.load(write(notebook("%%step one\none = 1"), tmp_path / "train.ipynb")) as loaded:
        loaded.run(executor="inline")
    (state,) = flow(tmp_path, "%%step one\none = 2")["states"].values()
    assert (state["word"], state["expected"]) == ("stale", ["under 1 s"])


def test_the_splits_of_a_foreach_are_a_row_each(tmp_path: Path) -> None:
    path = write(notebook("%%foreach x in range(20)\ny = 10 * x"), tmp_path / "nb.ipynb")
    with nbflow.load(path) as loaded:
        loaded.run(executor="inline")
        (cell,) = loaded.flow.steps
        lines = details(loaded, cell)["outputs"]["text/plain"].splitlines()
    assert "20 splits" in lines[0]
    assert [line.split()[1] for line in lines[1:]] == [f"y[{index}]" for index in range(20)]


@pytest.mark.slow
def test_the_page_understands_it() -> None:
    compiled = LAB / "lib" / "tests"
    if not compiled.exists():
        assert not os.environ.get("CI"), "the panel is not built: make panel"
        pytest.skip("the panel is not built: make panel")
    node, _ = runpy.run_path(str(LAB / "build.py"))["tools"]()
    tests = sorted(map(str, compiled.glob("*.test.js")))
    result = subprocess.run([node, "--test", *tests], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
