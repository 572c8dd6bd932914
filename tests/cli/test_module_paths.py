"""Where modules are found that do not lie beside the notebook: another place, another result."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.process import ROOT, Place
from tests.notebooks import step

pytestmark = pytest.mark.slow


def test_a_module_is_another_once_another_folder_of_the_path_has_it(tmp_path: Path) -> None:
    place = Place(tmp_path / "work")
    place.folder.mkdir()
    place.write(step("a", "import away\nprint(away.V)"), step("b", "y = 5"))
    for folder, value in (("one", 1), ("two", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "away.py").write_text(f"V = {value}\n")

    def ran(folder: str) -> list[str]:
        path = os.pathsep.join((str(ROOT), str(tmp_path / folder)))
        ended = place.command("run", place.notebook.name, "--json", PYTHONPATH=path)
        assert ended.code == 0, ended.err
        return [task["step"] for task in ended.told["tasks"] if task["status"] == "completed"]

    assert sorted(ran("one")) == ["a", "b"]
    assert ran("one") == []
    assert ran("two") == ["a"]
    assert ran("one") == []
