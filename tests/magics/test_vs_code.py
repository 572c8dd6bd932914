"""What VS Code sends: addresses for ids, the notebook's place by a variable, tags now and then."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tests import notebooks
from tests.magics.kernels import Kernel, Shown, kernel

pytestmark = pytest.mark.slow

CELLS = (
    notebooks.code("%load_ext nbflow", cell_id="ext"),
    notebooks.code("def grow(x):\n    return x + 1", cell_id="helper"),
    notebooks.code("%%step load\ndata = [1, 2]\nprint('loading')", cell_id="load"),
    notebooks.code("more = 10", cell_id="more"),
    notebooks.code("%%step train\nmodel = grow(sum(data))\nprint('training')", cell_id="train"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    path = tmp_path / "flows" / "train.ipynb"
    save(path)
    return path


def save(path: Path, *cells: NotebookNode) -> None:
    notebooks.write(notebooks.notebook(*(cells or CELLS)), path)
    os.utime(path, (time.time() - 5,) * 2)


@pytest.fixture
def running(path: Path) -> Iterator[Kernel]:
    with opened(path) as one:
        yield one


def opened(path: Path) -> AbstractContextManager[Kernel]:
    """A kernel in the folder above, which VS Code tells of the notebook once it is there."""
    return kernel(path.parent.parent, before=f"__vsc_ipynb_file__ = {str(path)!r}")


def run(
    running: Kernel, source: str, handle: int, metadata: Mapping[str, object] | None = None
) -> Shown:
    """Execute the cell that VS Code calls by a number of its own."""
    address = f"vscode-notebook-cell:/flows/train.ipynb#W{handle}sZmlsZQ%3D%3D"
    return running.run(source, address, metadata)


def run_all(running: Kernel, first: int = 0) -> list[Shown]:
    return [run(running, cell.source, first + place) for place, cell in enumerate(CELLS)]


def test_addresses_mean_the_cells_of_the_file(path: Path, running: Kernel) -> None:
    shown = run_all(running)
    assert [each.status for each in shown] == ["ok"] * len(CELLS), [each.text for each in shown]
    assert "in data · out model" in shown[4].headline
    assert running.run("%flow", None).text.count("fresh") == 3
    assert (path.parent / ".nbflow").exists()
    assert not (path.parent.parent / ".nbflow").exists()


def test_an_edited_cell_keeps_its_address_and_its_place(running: Kernel) -> None:
    run_all(running)
    edited = "%%step load\ndata = [1, 2, 3]"
    assert run(running, edited, 2).status == "ok"
    shown = run(running, CELLS[4].source, 4)
    assert "input `data` changed: list[2] → list[3]" in shown.headline
    renamed = run(running, edited.replace("load", "read"), 2)
    assert "read: out data" in renamed.headline
    assert "cached" in renamed.headline
    assert running.run("%flow", None).text.count("fresh") == 3


def test_after_it_was_opened_anew_other_addresses_mean_the_same_cells(path: Path) -> None:
    with opened(path) as running:
        run_all(running)
    with opened(path) as running:
        shown = run_all(running, first=40)
        assert ["cached" in each.headline for each in (shown[2], shown[4])] == [True, True]


def test_an_ordinary_cell_executed_first_makes_nothing_else_of_a_step(running: Kernel) -> None:
    run(running, CELLS[0].source, 0)
    shown = run(running, CELLS[4].source, 4)
    assert "`train` needs `load` (new)" in shown.headline
    assert running.run("model", None).rest == ["4"]


def test_a_cell_that_is_not_saved_is_said_to_count_as_the_last(path: Path, running: Kernel) -> None:
    run_all(running)
    again = notebooks.code("%%step again\ndata = [5]", cell_id="again")
    assert run(running, again.source, 9).status == "ok"
    told = "`again`: not in the notebook's file, and so taken to stand below `train`."
    assert told in run(running, CELLS[4].source, 4).headline
    save(path, *CELLS[:4], again, CELLS[4])
    os.utime(path)
    shown = run(running, CELLS[4].source, 4)
    assert told not in shown.headline
    assert "input `data` changed: list[2] → list[1]" in shown.headline


def test_a_folder_of_another_machine_is_not_made_here(path: Path) -> None:
    elsewhere = path.parent / "elsewhere" / "train.ipynb"
    with kernel(path.parent, before=f"__vsc_ipynb_file__ = {str(elsewhere)!r}") as running:
        assert running.run(CELLS[2].source, None).status == "ok"
    assert not elsewhere.parent.exists()
    assert (path.parent / ".nbflow").exists()


def test_what_failed_is_underlined_for_its_page_shows_no_grounds(running: Kernel) -> None:
    run(running, "%load_ext nbflow", 1)
    failed = run(running, "%%step bad\ndef cut(x):\n    return 1 / x\ncut(0) + 1", 2)
    (error,) = (each for each in failed.outputs if each["output_type"] == "error")
    shown = "\n".join(error["traceback"])
    assert "\x1b[1;4mcut" in shown
    assert "\x1b[30;43m" not in shown


@pytest.mark.parametrize("sends", [True, False])
def test_a_tag_counts_whether_it_is_sent_or_only_saved(
    path: Path, running: Kernel, sends: bool
) -> None:
    run_all(running)
    tagged = notebooks.code("more = 10", cell_id="more")
    tagged.metadata["tags"] = ["step:more"]
    if not sends:
        save(path, *CELLS[:3], tagged, *CELLS[4:])
        os.utime(path)
    shown = run(running, "more = 10", 3, {"tags": ["step:more"]} if sends else None)
    assert shown.headline.startswith("✔ more: out more (10)")


def test_an_extension_that_a_profile_loads_learns_of_the_notebook_later(path: Path) -> None:
    with kernel(path.parent.parent) as running:  # the extension is loaded, and nothing told yet
        running.hidden(f"__vsc_ipynb_file__ = {str(path)!r}")
        shown = run(running, CELLS[4].source, 4)
        assert "`train` needs `load` (new)" in shown.headline
        assert (path.parent / ".nbflow").exists()
