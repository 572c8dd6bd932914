"""What values look like is shown by a worker, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbflow
from tests.notebooks import notebook, write

CELLS = (
    "import pandas as pd",
    "class Loud:\n    def __repr__(self):\n        return 'loud!'",
    "class Broken:\n    def __repr__(self):\n        raise ValueError('not now')",
    "%%step one\ntable = pd.DataFrame({'a': [1, 2]})\nmine = Loud()\nhis = Broken()\n"
    "file = open('one.txt', 'w')",
    "%%foreach n in range(5)\ndouble = 2 * n",
    "%%step three\nlast = sum(double)",
)


def texts(values: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    return {name: shown[0]["data"]["text/plain"] for name, shown in values.items()}


def test_values_are_shown_as_by_a_cell_that_says_their_names(tmp_path: Path) -> None:
    path = write(notebook(*CELLS), tmp_path / "small.ipynb")
    with nbflow.load(path) as flow:
        assert flow.previews("one") == {}
        flow.run(executor="inline")
        before = len(flow.runs())
        (one,) = flow.previews("one").values()
        # What shows nothing, or belongs to its process, is left out.
        assert texts({"mine": one["mine"]}) == {"mine": "loud!"}
        assert one.keys() == {"table", "mine"}
        assert "<table" in one["table"][0]["data"]["text/html"]
        splits = flow.previews("double", most=3)
        assert {task: texts(values) for task, values in splits.items()} == {
            "double[0]": {"double": "0"},
            "double[1]": {"double": "2"},
            "double[2]": {"double": "4"},
        }
        assert len(flow.runs()) == before


def test_what_is_stale_is_not_shown(tmp_path: Path) -> None:
    path = write(notebook(*CELLS), tmp_path / "small.ipynb")
    with nbflow.load(path) as flow:
        flow.run(executor="inline")
    write(notebook(*CELLS[:-1], "%%step three\nlast = max(double)"), path)
    with nbflow.load(path) as flow:
        assert flow.previews("three") == {}
