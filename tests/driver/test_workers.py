"""When workers of an earlier run are ended, so that the next has new ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import nbflow
from nbflow import cells
from nbflow.driver.workers import preload
from nbflow.run.worker.observing import places
from tests.notebooks import code, notebook, step, write


def test_an_installed_package_is_imported_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site := tmp_path / "site").mkdir()
    monkeypatch.setattr(places, "libraries", lambda: (places.below(str(site)),))
    path = write(
        notebook("%%step pid --no-cache\nimport os\npid = os.getppid()"), tmp_path / "a.ipynb"
    )
    with nbflow.load(path) as flow:
        first = flow.run()["pid"].pid
        assert flow.run()["pid"].pid == first
        os.utime(site, ns=(1, 1))
        assert flow.run()["pid"].pid != first


def test_workers_begin_with_all_that_a_flow_imports_by_its_magics_too(tmp_path: Path) -> None:
    cells = step("a", "%matplotlib inline\nfrom xml.dom import minidom"), step("b", "x = 1")
    with nbflow.load(write(notebook(*cells), tmp_path / "a.ipynb")) as flow:
        assert {"xml.dom", "matplotlib.pyplot"} <= {*preload(flow.flow)}


def test_what_a_library_reads_beside_the_notebook_when_it_is_imported_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder := tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    cells = (
        code("import matplotlib.pyplot as plt"),
        step("width", "width = plt.rcParams['lines.linewidth']"),
        step("other", "other = 1"),
    )
    with nbflow.load(write(notebook(*cells), folder / "a.ipynb")) as flow:
        assert flow.run()["width"].width == 1.5
        for width in (5, 7):
            (folder / "matplotlibrc").write_text(f"lines.linewidth: {width}\n")
            run = flow.run()
            assert run["width"].width == width
            assert [task.status for task in run.tasks] == ["completed", "cached"]
        (folder / "matplotlibrc").unlink()
        assert {task.status for task in flow.run().tasks} == {"cached"}


def test_a_flow_that_imports_more_keeps_its_workers(tmp_path: Path) -> None:
    pid = "%%step pid --no-cache\nimport os\npid = os.getppid()"
    # The worker that has been forked already does without: the one after it has the module.
    looks = "%%step look --no-cache\nimport sys\nhas = pid and 'colorsys' in sys.modules"
    path = write(notebook(pid, looks), tmp_path / "a.ipynb")
    with nbflow.load(path) as flow:
        run = flow.run(workers=1)
        assert run["look"].has is False
        flow.update(cells.read(write(notebook(pid, looks, "import colorsys"), path)))
        again = flow.run(workers=1)
        assert again["pid"].pid == run["pid"].pid
        assert again["look"].has is True
