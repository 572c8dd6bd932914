"""When workers of an earlier run are ended, so that the next has new ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import nbflow
from nbflow.driver.workers import preload
from nbflow.run.worker import places
from tests.notebooks import notebook, step, write


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
