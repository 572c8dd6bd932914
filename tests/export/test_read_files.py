"""The files that a flow reads go with it, or are named: a colleague has none of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbflow.driver import read_files
from nbflow.errors import NbflowError
from tests.export.conftest import Flow
from tests.laws.exporting import python
from tests.notebooks import code, step

READS = (
    code("from pathlib import Path"),
    step("a", "a = [len(p.read_text()) for p in sorted(Path('data').glob('*.txt'))]"),
    step("b", "Path('made.txt').write_text('made')\nb = Path('made.txt').read_text()"),
    step("c", "c = Path('../beside.txt').read_text()"),
    step("d", "d = int(Path('count.txt').read_text())\nPath('count.txt').write_text(str(d + 1));"),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for number in range(7):
        (tmp_path / "data" / f"{number}.txt").write_text("x" * number)
    (tmp_path / "count.txt").write_text("5")
    (tmp_path.parent / "beside.txt").write_text("beside")
    return tmp_path


def test_what_is_read_is_taken_along_or_named(ran: Flow, data: Path) -> None:
    flow = ran(*READS)
    flow.export("script", out := data / "out")
    assert sorted(path.name for path in (out / "data").iterdir()) == [f"{n}.txt" for n in range(7)]
    assert not (out / "made.txt").exists()
    told = (out / "README.md").read_text()
    assert "It reads `data/ (7 files)`, as seen from the folder that it is run in." in told
    assert "It reads and changes `count.txt`" in told
    assert "It reads `../beside.txt` as well" in told
    # A colleague has neither of the others.
    assert json.loads((out / "digests.json").read_text())["files"].keys() == {
        *(f"data/{n}.txt" for n in range(7)),
        "count.txt",
        "../beside.txt",
    }
    missing = "missing    count.txt: the flow reads this file; put it there\n"
    (data / "beside.txt").write_text("beside")
    assert python(out, "flow.py", "--check", code=2) == missing
    (out / "count.txt").write_text("5")
    assert "4 of 4 values are those of the notebook." in python(out, "flow.py", "--check")
    (out / "data" / "3.txt").write_text("other")
    told = python(out, "flow.py", "--check", code=1)
    assert told.startswith("changed    data/3.txt: the notebook read another file\n")


def test_what_is_large_stays(ran: Flow, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_files, "MOST", 6)
    flow = ran(*READS[:2])
    flow.export("notebook", out := data / "out")
    assert [path.name for path in sorted((out / "data").iterdir())] == [
        f"{n}.txt" for n in range(4)
    ]


def test_a_file_named_as_one_of_an_export_is_told(ran: Flow, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("read me")
    flow = ran(step("a", "with open('README.md') as file:\n    a = file.read()"))
    with pytest.raises(NbflowError, match=r"the steps read README\.md, and an export writes"):
        flow.export("script", tmp_path / "out")
    assert not (tmp_path / "out").exists()
