"""What is exported gives what the run gave, or nbflow says which cell cannot be, and why."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

import nbflow
from tests import notebooks
from tests.laws.cases import CASES, Case
from tests.laws.exporting import (
    AWAITED,
    CLOSURES,
    DRAWING_SPLITS,
    ENVIRONMENT,
    FILES_LEFT,
    MAIN,
    PARAMETERS,
    SEEDED,
    SETS_OF_TEXTS,
    differing,
    of_notebook,
    python,
    run,
)

BINDER = Path(__file__).parent.parent.parent / "binder"

pytestmark = pytest.mark.slow


#: What a kernel settles for itself is not so in a script, whose ``--check`` says it.
OF_A_KERNEL = {
    "a star import of what a kernel has settled",
    "what tells other programs how a notebook shows their output",
}
#: What Metaflow's pickles do not keep, where whoever reads it fails or `--check` says it: how
#: numbers lie in memory, how much of it a frame takes, and which NaNs and axes are one object.
BY_A_PICKLE = {
    "arrays lie in memory as they did: sums and products are the same to the last bit",
    "what a frame counts as its memory when gaps were dropped",
    "a NaN is found where it was put",
    "NaNs that are one stay one, and others others",
    "a NaN in a column of objects",
    "axes as keys",
}
#: Those of law 1, and some of what only exports are concerned with.
ALL = (
    *CASES,
    *(AWAITED, ENVIRONMENT, FILES_LEFT, MAIN, SETS_OF_TEXTS, PARAMETERS, SEEDED, CLOSURES),
    DRAWING_SPLITS,
)
#: Metaflow takes seconds for each of them: of all that have run under it each third does so here.
UNDER_METAFLOW = {case.name for case in ALL[::3]}


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
@pytest.mark.timeout(600)
def test_a_case_exported_gives_the_same_or_is_refused_with_a_reason(
    case: Case, tmp_path: Path, interpreter: str
) -> None:
    ran = run(notebooks.notebook(*case.cells), tmp_path)
    notebook = ran.export("notebook")
    if isinstance(notebook, Path):
        assert differing(ran, of_notebook(notebook)) == {}
    script = ran.export("script")
    if isinstance(script, Path) and case.name in OF_A_KERNEL:
        assert "different  x\n" in python(script, "flow.py", "--check", code=1)
    elif isinstance(script, Path):
        told = python(script, "flow.py", "--check")
        assert "values are those of the notebook" in told
    metaflow = ran.export("metaflow")
    if isinstance(metaflow, Path) and case.name in UNDER_METAFLOW:
        words = ("flow.py", "run", "--check", "true")
        is_other = case.name in OF_A_KERNEL | BY_A_PICKLE
        told = python(metaflow, *words, code=int(is_other), interpreter=interpreter)
        assert is_other or "values are those of the notebook" in told
    for refused in (notebook, script, metaflow):
        if not isinstance(refused, Path):
            assert all(each.remedy and each.number for each in refused)


def test_values_of_a_class_beside_the_notebook_are_compared(tmp_path: Path) -> None:
    module = "class Box:\n    def __init__(self, n):\n        self.n = n\n"
    (tmp_path / "boxes_beside.py").write_text(module)
    cells = notebooks.code("import boxes_beside"), notebooks.step("a", "a = boxes_beside.Box(1)")
    with nbflow.load(notebooks.write(notebooks.notebook(*cells), tmp_path / "n.ipynb")) as flow:
        assert flow.run().status == "completed"
        flow.export("script", tmp_path / "script")
        flow.export("metaflow", tmp_path / "metaflow")
    assert "boxes_beside" not in sys.modules
    told = python(tmp_path / "script", "flow.py", "--check")
    assert told == "same       a\n1 of 1 values are those of the notebook.\n"


def test_only_what_is_used_is_imported_of_a_package_that_nobody_can_look_into(
    tmp_path: Path,
) -> None:
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "__init__.py").write_text("from .inner import *\n")
    (tmp_path / "beside" / "inner.py").write_text("def twice(n):\n    return 2 * n\n")
    cells = (
        notebooks.code("from beside import *"),
        notebooks.foreach("n in [1, 2]", "a = twice(n)"),
        notebooks.step("b", "b = sum(a) + twice(1)"),
    )
    script = run(notebooks.notebook(*cells), tmp_path).export("script")
    assert isinstance(script, Path)
    assert "from beside import twice\n" in (script / "flow.py").read_text()
    assert "2 of 2 values" in python(script, "flow.py", "--check")


@pytest.mark.parametrize("path", sorted(BINDER.glob("*.ipynb")), ids=lambda path: path.stem)
@pytest.mark.timeout(400)
def test_the_examples_give_what_they_gave(path: Path, tmp_path: Path) -> None:
    shutil.copytree(BINDER, tmp_path, dirs_exist_ok=True)
    ran = run(notebooks.read(path), tmp_path)
    notebook, script = ran.export("notebook"), ran.export("script")
    assert isinstance(notebook, Path)
    assert isinstance(script, Path)
    assert differing(ran, of_notebook(notebook)) == {}
    python(script, "flow.py", "--check")
    told = json.loads((script / "digests.json").read_text())
    assert told["values"].keys() == ran.values.keys()
