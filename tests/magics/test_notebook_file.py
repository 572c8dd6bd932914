"""The notebook's file beside the kernel: its order, its marks, what was saved since."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from tests import notebooks, plain_kernel
from tests.laws.killing import COMMAND
from tests.magics.kernels import Kernel, kernel

pytestmark = pytest.mark.slow


def save(folder: Path, cells: list[tuple[str, str]], age: float = 0.0) -> None:
    """Write the notebook's file, as if it had been saved so many seconds ago."""

    document = nbformat.v4.new_notebook()
    for cell_id, source in cells:
        cell = nbformat.v4.new_code_cell(source)
        cell.id = cell_id
        document.cells.append(cell)
    path = folder / "train.ipynb"
    nbformat.write(document, path)
    moment = time.time() - age
    os.utime(path, (moment, moment))


def run_saved(running: Kernel, cells: list[tuple[str, str]]) -> list[str]:
    shown = [running.run(source, cell_id) for cell_id, source in cells]
    assert all(each.status == "ok" for each in shown), [each.text for each in shown]
    return [each.status for each in shown]


CELLS = [
    ("load-ext", "%load_ext nbflow"),
    ("helper", "def grow(x):\n    return x + 1"),
    ("parameters", "%%parameters\nn: int = 3"),
    ("load", "%%step load\ndata = list(range(n))\nprint('loading')"),
    ("train", "%%step train\nmodel = grow(sum(data))\nprint('training')"),
]


def test_a_step_runs_though_nothing_above_it_was_executed(tmp_path: Path) -> None:
    save(tmp_path, CELLS)
    with kernel(tmp_path, "train.ipynb") as running:
        shown = running.run(CELLS[-1][1], "train")
        assert shown.status == "ok", shown.text
        assert "needs `load`" in shown.headline
        assert running.run("model, data", "look").rest == ["(4, [0, 1, 2])"]


def test_the_order_of_execution_does_not_change_the_meaning(tmp_path: Path) -> None:
    cells = [
        *CELLS[:1],
        ("one", "%%step one\nvalue = 1"),
        ("first", "%%step first\nfirst = value + 10"),
        ("two", "%%step two\nvalue = 2"),
        ("second", "%%step second\nsecond = value + 10"),
    ]
    save(tmp_path, cells)
    with kernel(tmp_path, "train.ipynb") as running:
        sources = dict(cells)
        for cell_id in ("two", "second", "first", "one", "first", "second"):
            assert running.run(sources[cell_id], cell_id).status == "ok"
        assert running.run("first, second", "look").rest == ["(11, 12)"]


def test_after_a_restart_all_answers_from_the_cache_with_equal_outputs(tmp_path: Path) -> None:
    save(tmp_path, CELLS)
    with kernel(tmp_path, "train.ipynb") as running:
        before = [running.run(source, cell_id) for cell_id, source in CELLS]
    with kernel(tmp_path, "train.ipynb") as running:
        after = [running.run(source, cell_id) for cell_id, source in CELLS]
        assert [shown.rest for shown in after] == [shown.rest for shown in before]
        assert all("cached" in shown.headline for shown in after[-2:])
        assert running.run("model, data", "look").rest == ["(4, [0, 1, 2])"]


def test_a_helper_edited_and_saved_is_used_and_that_is_said(tmp_path: Path) -> None:
    save(tmp_path, CELLS, age=5)
    with kernel(tmp_path, "train.ipynb") as running:
        assert set(run_saved(running, CELLS)) == {"ok"}
        edited = dict(CELLS) | {"helper": "def grow(x):\n    return x + 100"}
        save(tmp_path, list(edited.items()), age=-5)
        shown = running.run(CELLS[-1][1], "train")
        assert "`grow` was edited in cell [2] after it was executed here" in shown.headline
        assert "`grow` changed" in shown.headline
        assert running.run("model", "look").rest == ["103"]
        # Executing the cell settles it.
        os.utime(tmp_path / "train.ipynb", (1, 1))
        running.run(edited["helper"], "helper")
        assert "was edited" not in running.run(CELLS[-1][1], "train").headline


def test_a_cell_that_was_deleted_from_the_file_is_gone(tmp_path: Path) -> None:
    save(tmp_path, CELLS, age=5)
    with kernel(tmp_path, "train.ipynb") as running:
        assert set(run_saved(running, CELLS)) == {"ok"}
        assert "2 of 2 steps" in running.run("%flow", "flow").text
        save(tmp_path, CELLS[:-1], age=-5)
        assert "1 of 1 step fresh" in running.run("%flow", "flow").text


def test_a_tag_in_the_file_counts_for_a_front_end_that_sends_none(tmp_path: Path) -> None:
    path = tmp_path / "train.ipynb"
    tagged = notebooks.step("tagged", "a = 1\nprint('tagged')")
    notebooks.write(notebooks.notebook("%load_ext nbflow", tagged), path)
    with kernel(tmp_path, "train.ipynb") as running:
        shown = running.run("a = 1\nprint('tagged')")
        assert shown.headline.startswith("✔ tagged:")
        assert shown.rest == ["tagged\n"]


def test_a_notebook_renamed_or_broken_meanwhile_keeps_what_is_known(tmp_path: Path) -> None:
    save(tmp_path, CELLS)
    with kernel(tmp_path, "train.ipynb") as running:
        assert set(run_saved(running, CELLS)) == {"ok"}
        (tmp_path / "train.ipynb").write_text('{"cells": [')
        assert "cached" in running.run(CELLS[-1][1], "train").headline
        (tmp_path / "train.ipynb").unlink()
        assert "cached" in running.run(CELLS[-1][1], "train").headline


def test_cells_replaced_on_the_screen_and_not_saved_are_not_taken_without_a_word(
    tmp_path: Path,
) -> None:
    save(tmp_path, CELLS)
    with kernel(tmp_path, "train.ipynb") as running:
        shown = running.run("%%step other\nother = sum(data)", "new")
        told = "`load`: as in the notebook's file, which lacks cells of the screen."
        assert told in shown.headline
        assert "`other` needs `load`" in shown.headline
        twice = running.run("%%step load\ndata = [1]", "new-load")
        assert twice.status == "error"
        assert "`load` is already defined in cell [4]" in twice.text
        assert "Save the notebook, and execute this cell again." in twice.text
        save(tmp_path, [*CELLS, ("new", "%%step other\nother = sum(data)")], age=-5)
        assert (
            "as in the notebook's file"
            not in running.run("%%step other\nother = sum(data)", "new").headline
        )


def test_two_notebooks_share_one_store(tmp_path: Path) -> None:
    save(tmp_path, CELLS)
    (tmp_path / "copy.ipynb").write_bytes((tmp_path / "train.ipynb").read_bytes())
    with kernel(tmp_path, "train.ipynb") as one, kernel(tmp_path, "copy.ipynb") as other:
        assert set(run_saved(one, CELLS)) == {"ok"}
        shown = [other.run(source, cell_id) for cell_id, source in CELLS]
        assert all("cached" in each.headline for each in shown[-2:])
        assert [each.rest for each in shown[-2:]] == [["loading\n"], ["training\n"]]


def test_the_command_line_and_the_kernel_share_what_they_have_computed(tmp_path: Path) -> None:
    cells = [
        *CELLS[:2],
        ("plot", "%%step plot\nimport os\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
                 "plt.show()\nhome = os.environ['HOME']"),
        *CELLS[2:],
    ]  # fmt: skip
    save(tmp_path, cells)
    ran = subprocess.run(
        [sys.executable, "-c", COMMAND, "run", "train.ipynb", "-o", "out.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    with kernel(tmp_path, "train.ipynb") as running:
        shown = {cell_id: running.run(source, cell_id) for cell_id, source in cells}
    for name in ("plot", "load", "train"):
        assert "cached" in shown[name].headline
    assert [o["output_type"] for o in shown["plot"].outputs] == ["display_data", "display_data"]
    assert "image/png" in shown["plot"].outputs[1]["data"]
    executed = nbformat.read(tmp_path / "out.ipynb", 4)
    assert executed.cells[2].outputs[0].data["image/png"]


def test_an_executed_notebook_answers_flow_as_on_the_screen(tmp_path: Path) -> None:
    save(tmp_path, [*CELLS, ("flow", "%flow")])
    subprocess.run(
        [sys.executable, "-c", COMMAND, "run", "train.ipynb", "-o", "out.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    executed = nbformat.read(tmp_path / "out.ipynb", 4)
    assert "2 of 2 steps fresh" in executed.cells[-1].outputs[0].data["text/plain"]


def test_nbclient_runs_such_a_notebook_twice_with_the_same_outputs(tmp_path: Path) -> None:
    save(tmp_path, CELLS)
    documents = []
    for _ in range(2):
        document = nbformat.read(tmp_path / "train.ipynb", 4)
        plain_kernel.client(document, tmp_path).execute()
        documents.append(document)
    first, second = (
        [
            [o for o in cell.outputs if o.get("metadata", {}).get("nbflow") != "headline"]
            for cell in document.cells
        ]
        for document in documents
    )
    assert first == second
    assert first[3] == [{"output_type": "stream", "name": "stdout", "text": "loading\n"}]
    assert "cached" in documents[1].cells[3].outputs[0].data["text/plain"]


def test_a_name_of_a_cell_that_is_not_saved_yet_tells_to_save(tmp_path: Path) -> None:
    save(tmp_path, [])
    with kernel(tmp_path, "train.ipynb") as running:
        cells = [("use", "%%step use\nvalue = grow(1)"), ("helper", "def grow(x):\n    return x")]
        shown = [running.run(source, cell_id) for cell_id, source in [*cells, cells[0]]]
        for refused in (shown[0], shown[2]):
            assert refused.status == "error"
            assert "Save the notebook, and execute this cell again." in refused.text
        save(tmp_path, cells[::-1])
        assert running.run(cells[0][1], "use").status == "ok"
        # Where the file holds all of them, it would not help.
        save(tmp_path, cells[:1])
        assert "Save" not in running.run(cells[0][1], "use").text
