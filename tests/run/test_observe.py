"""What a task is seen to read, import and write."""

from __future__ import annotations

import importlib
import py_compile
import sqlite3
import sys
import time
from collections import UserDict
from pathlib import Path

import pytest
from blake3 import blake3

from nbflow.records.task import Fact
from nbflow.run.worker.observing import contents, natives
from nbflow.run.worker.observing.current import current_value
from nbflow.run.worker.observing.observe import Observer
from nbflow.run.worker.observing.paths import Paths
from tests.run.tasks import Desk, Outcome, definition


def digest(content: str | bytes) -> str:
    return blake3(content.encode() if isinstance(content, str) else content).hexdigest()


#: Kinds of facts that other tests look at.
ELSEWHERE = {"python", "platform", "locale", "timezone", "ambient", "there", "hazard"}


def facts(outcome: Outcome) -> set[tuple[str, str, str]]:
    """What was observed beside what every task depends on, settings and missing modules."""
    return {
        (fact.kind, fact.subject, fact.value)
        for fact in outcome.finished.facts
        if fact.kind not in ELSEWHERE
    }


def files(outcome: Outcome) -> dict[str, bytes]:
    """The files a task left behind."""
    return {
        change.subject: outcome.load(change.artifact)
        for change in outcome.finished.changes
        if change.kind == "file" and change.artifact is not None and change.subject[-1] != "/"
    }


READERS = {
    "open": "open('data.csv').read()",
    "pathlib": "import pathlib; pathlib.Path('data.csv').read_text()",
    "an absolute path": "import os; open(os.path.abspath('data.csv')).read()",
    "a descriptor": "import os; os.read(os.open('data.csv', os.O_RDONLY), 5)",
    "pandas": "import pandas as pd; pd.read_csv('data.csv')",
    "numpy": "import numpy as np; np.loadtxt('data.csv', delimiter=',', skiprows=1)",
    "beside a database in memory": (
        "import sqlite3; sqlite3.connect(':memory:').close(); open('data.csv').read()"
    ),
    "after chdir": "import os; os.mkdir('d'); os.chdir('d'); open('../data.csv').read()",
    "a thread": (
        "import threading; t = threading.Thread(target=lambda: open('data.csv').read())\n"
        "t.start(); t.join()"
    ),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("body", READERS.values(), ids=READERS.keys())
def test_a_file_that_is_read_counts_by_its_content(local: Desk, body: str) -> None:
    (local.root / "data.csv").write_text("a,b\n1,2\n")
    outcome = local.run(body)
    assert facts(outcome) == {("file", "data.csv", digest("a,b\n1,2\n"))}
    assert files(outcome) == {}


def test_a_file_elsewhere_is_named_by_its_whole_path(
    local: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "data"
    path.write_text("x")
    outcome = local.run(f"open({str(path)!r}).read()")
    assert facts(outcome) == {("file", str(path), digest("x"))}


def test_a_file_that_is_missing_counts_as_absent(local: Desk) -> None:
    body = "try:\n    open('missing')\nexcept FileNotFoundError:\n    pass"
    assert facts(local.run(body)) == {("absent", "missing", "")}


def test_what_the_installation_reads_does_not_count(local: Desk) -> None:
    body = (
        "import json.tool, sklearn.datasets, tempfile, importlib.metadata\n"
        "open('/proc/self/stat').read(); open('/dev/null').read()\n"
        "importlib.metadata.version('numpy')\n"
        "with tempfile.TemporaryFile('w+') as file: file.write('x'); file.seek(0); file.read()"
    )
    assert facts(local.run(body)) == set()


def test_a_file_that_the_task_made_itself_is_no_dependency(local: Desk) -> None:
    outcome = local.run("open('out', 'w').write('made')\nopen('out').read()")
    assert facts(outcome) == set()
    assert files(outcome) == {"out": b"made"}


REWRITES = {
    "read, then written": "old = open('f').read()\nopen('f', 'w').write('new')",
    "appended": "open('f', 'a').write('new')",
    "changed in place": "file = open('f', 'r+'); file.write('new'); file.close()",
    "read and replaced": (
        "import os\nold = open('f').read()\nopen('g', 'w').write('new')\nos.replace('g', 'f')"
    ),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("body", REWRITES.values(), ids=REWRITES.keys())
def test_a_file_that_is_read_and_changed_counts_as_it_was(local: Desk, body: str) -> None:
    (local.root / "f").write_text("old")
    outcome = local.run(body)
    assert facts(outcome) == {("file", "f", digest("old"))}
    assert files(outcome) == {"f": (local.root / "f").read_bytes()}
    assert outcome.finished.hazards == ()


def test_a_file_that_is_only_overwritten_is_no_dependency(local: Desk) -> None:
    (local.root / "f").write_text("old")
    outcome = local.run("open('f', 'w').write('new')")
    assert facts(outcome) == set()
    assert files(outcome) == {"f": b"new"}


def test_a_file_that_is_read_and_removed_counts_as_it_was(local: Desk) -> None:
    (local.root / "f").write_text("old")
    outcome = local.run("import os; open('f').read(); os.remove('f')")
    assert facts(outcome) == {("file", "f", digest("old"))}


@pytest.mark.parametrize("folder", ["", "/tmp/"])
def test_a_file_that_a_child_makes_and_the_task_removes_counts_for_nothing(
    local: Desk, folder: str
) -> None:
    body = (
        f"import os, subprocess\nname = {folder!r} + f'answer-{{os.getpid()}}'\n"
        "subprocess.run(['touch', name])\nopen(name).read()\nos.remove(name)"
    )
    outcome = local.run(body)
    assert {fact for fact in facts(outcome) if "answer" in fact[1]} == set()
    assert files(outcome) == {}


def test_a_database_counts(local: Desk) -> None:
    with sqlite3.connect(local.root / "d.db") as connection:
        connection.execute("create table t (a)")
    connection.close()
    before = digest((local.root / "d.db").read_bytes())
    body = "import sqlite3; sqlite3.connect('d.db').execute('select * from t').fetchall()"
    assert facts(local.run(body)) == {("file", "d.db", before)}


def test_a_file_that_changes_while_it_is_read_makes_the_record_useless(local: Desk) -> None:
    (local.root / "f").write_text("old")
    # A child process is somebody else.
    body = "import subprocess\nopen('f').read()\nsubprocess.run('echo new > f', shell=True); 0;"
    outcome = local.run(body)
    assert facts(outcome) == {("file", "f", "changed")}
    assert [hazard.code for hazard in outcome.finished.hazards] == ["file-changed-while-read"]


def test_scratch_files_are_nobodys_output(local: Desk) -> None:
    body = (
        "import tempfile\nwith tempfile.NamedTemporaryFile(delete=False) as file: file.write(b'x')"
    )
    assert files(local.run(body)) == {}


def test_local_modules_count_by_their_source_wherever_they_are_imported(local: Desk) -> None:
    package = local.root / "pack"
    package.mkdir()
    sources = {
        "helper.py": "from pack import inner\ndef f(): return inner.g()",
        "pack/__init__.py": "",
        "pack/inner.py": "def g():\n    from . import late\n    return late.VALUE",
        "pack/late.py": "VALUE = 7",
    }
    for name, source in sources.items():
        (local.root / name).write_text(source)
    for _ in range(2):  # the second time from the compiled files
        outcome = local.run("import helper\nx = helper.f()", outputs="x")
        assert outcome.values == {"x": 7}
        assert facts(outcome) == {
            ("module", "helper.py", digest(sources["helper.py"])),
            ("module", "pack/__init__.py", digest("")),
            ("module", "pack/inner.py", digest(sources["pack/inner.py"])),
            ("module", "pack/late.py", digest(sources["pack/late.py"])),
        }


def test_a_module_that_failed_counts_though_it_was_compiled_before(local: Desk) -> None:
    source = "raise ImportError('not yet')"
    (local.root / "helper.py").write_text(source)
    py_compile.compile(str(local.root / "helper.py"))
    outcome = local.run("try:\n    import helper\nexcept ImportError:\n    x = 1", outputs="x")
    assert outcome.values == {"x": 1}
    assert ("module", "helper.py", digest(source)) in facts(outcome)


def test_looking_for_plug_ins_is_a_listing(local: Desk) -> None:
    (local.root / "plugins").mkdir()
    (local.root / "plugins" / "one.py").touch()
    body = "import pkgutil\nx = [each.name for each in pkgutil.iter_modules(['plugins'])]"
    outcome = local.run(body, outputs="x")
    assert outcome.values == {"x": ["one"]}
    assert [subject for kind, subject, _ in facts(outcome) if kind == "listing"] == ["plugins/"]


def test_what_watches_a_task_is_no_change_of_its_own(local: Desk) -> None:
    outcome = local.run("import os, shutil\nos.mkdir('d')\nshutil.rmtree('d')\nx = 1", outputs="x")
    assert outcome.finished.hazards == ()


def test_an_edited_module_is_seen_by_the_next_task(desk: Desk) -> None:
    for value in ("1", "1", "22"):
        (desk.root / "helper.py").write_text(f"VALUE = {value}")
        outcome = desk.run("import helper\nx = helper.VALUE", outputs="x")
        assert outcome.values == {"x": int(value)}
        assert ("module", "helper.py", digest(f"VALUE = {value}")) in facts(outcome)


def test_what_this_process_has_imported_is_its_own(
    inline: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inline.root / "helper.py").write_text("VALUE = 1")
    monkeypatch.syspath_prepend(inline.root)
    own = importlib.import_module("helper")
    own.__dict__["VALUE"] = 2
    outcome = inline.run("import helper\nx = helper.VALUE", outputs="x")
    assert outcome.values == {"x": 1}
    assert sys.modules["helper"] is own
    del sys.modules["helper"]


def test_modules_of_setup_and_definitions_count_too(local: Desk) -> None:
    (local.root / "helper.py").write_text("VALUE = 1")
    outcome = local.run("x = helper.VALUE", definitions=(definition("import helper"),))
    assert facts(outcome) == {("module", "helper.py", digest("VALUE = 1"))}


def test_the_store_is_nobodys_business(local: Desk) -> None:
    value = list(range(100_000))
    outcome = local.run("y = x[1:]", inputs={"x": value}, outputs="y")
    assert facts(outcome) == set()
    assert files(outcome) == {}


def test_special_files_are_left_alone(local: Desk) -> None:
    body = (
        "import os, threading\nos.mkfifo('pipe')\n"
        "t = threading.Thread(target=lambda: open('pipe', 'w').write('x')); t.start()\n"
        "open('pipe').read(); t.join()"
    )
    outcome = local.run(body)
    assert files(outcome) == {}
    assert [fact for fact in facts(outcome) if fact[0] == "file"] == []


def test_facts_are_in_one_order(local: Desk) -> None:
    for name in "cab":
        (local.root / name).write_text(name)
    outcome = local.run("for name in 'bca': open(name).read()")
    observed = [fact for fact in outcome.finished.facts if fact.kind == "file"]
    assert observed == [Fact("file", name, digest(name), 1) for name in "abc"]


def test_a_file_that_is_read_again_and_again_is_one_fact(local: Desk) -> None:
    for i in range(500):
        (local.root / f"f{i}").write_text(str(i))
    reads = "for _ in range(20):\n    for i in range(500):\n        open(f'f{i}').read()"
    outcome = local.run(reads)
    assert len(facts(outcome)) == 500


def test_a_file_that_was_just_written_may_be_in_its_state_again(local: Desk) -> None:
    (local.root / "f").write_text("x")
    (fact,) = (f for f in local.run("open('f').read()").finished.facts if f.kind == "file")
    assert fact.state == 0


def test_a_file_in_a_state_that_is_known_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "_YOUNG", 0)
    path = tmp_path / "f"
    path.write_text("x")
    state = contents.at_rest(contents.signature_of(str(path)) or _NO_STATE, time.time_ns() + 1)
    fact = Fact("file", "f", "whatever it was", 1, state)
    assert current_value(fact, str(tmp_path), {}) == fact.value
    observer = Observer(str(tmp_path), known={"f": (state, fact.value)})
    monkeypatch.chdir(tmp_path)
    observer.read("f")
    assert fact in observer.facts()
    path.write_text("y")
    assert current_value(fact, str(tmp_path), {}) == digest("y")
    observer = Observer(str(tmp_path), known={"f": (state, fact.value)})
    observer.read("f")
    assert digest("y") in {fact.value for fact in observer.facts()}


_NO_STATE = (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "raw",
    [
        *("f", "d/f", "./f", "../f", "d/../f", "d//f", "d/", "/etc/f", "/tmp/f", "/tmp/../etc/f"),
        *("d/.hidden", ".hidden", "m.py", "d/__pycache__/m.pyc", "venv/f", "venv/d/f", "", "~/f"),
        *("/tmp/__pycache__/f", "__pycache__/f", "d/__pycache__/f"),
    ],
)
def test_a_plain_path_is_what_the_path_is_at_length(
    raw: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = Paths(str(tmp_path), (str(tmp_path / "venv"),))
    assert paths.plain(raw) in (None, paths.of(raw))


def test_most_paths_are_plain_wherever_the_process_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = Paths(str(tmp_path))
    assert paths.plain("d/f.txt") == str(tmp_path / "d/f.txt")
    (tmp_path / "d").mkdir()
    monkeypatch.chdir(tmp_path / "d")
    paths.leave()
    assert paths.plain("f.txt") == str(tmp_path / "d/f.txt")
    assert paths.plain(str(tmp_path / "f")) == str(tmp_path / "f")


class _Closed(UserDict[str, str]):
    """As a file of HDF5 before it is open."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)

    def __init__(self) -> None:
        """Without what all else needs."""


def test_a_file_that_is_a_mapping_is_not_looked_into_before_it_is_open() -> None:
    assert [*natives.paths_in((_Closed(), {"path": Path("f")}))] == ["f"]
