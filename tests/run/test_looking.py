"""What a task is seen to ask of the world without opening a file."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

from nbflow.records.message import Replay, Source
from nbflow.run.packages import Packages
from nbflow.run.worker.observing import commands, natives, packages
from nbflow.run.worker.observing.environment import ALL
from nbflow.run.worker.observing.packages import used
from nbflow.run.worker.observing.places import below
from tests.run.tasks import Desk, Outcome


def subjects(outcome: Outcome, *kinds: str) -> set[str]:
    return {fact.subject for fact in outcome.finished.facts if fact.kind in kinds}


VARIABLES = {
    "read": ("os.environ['HOME']", {"HOME"}),
    "not set": ("os.environ.get('NBF_NONE')", {"NBF_NONE"}),
    "set before it is read": ("os.environ['NBF_X'] = '1'; os.environ['NBF_X']", set()),
    "read before it is set": ("os.environ.get('NBF_X'); os.environ['NBF_X'] = '1'", {"NBF_X"}),
    "set only": ("os.environ['NBF_X'] = '1'", set()),
    "removed": ("os.environ.pop('NBF_X', None)", {"NBF_X"}),
    "the place of temporary files": ("import tempfile; tempfile.TemporaryFile().close()", set()),
    "a library that is imported": ("import matplotlib.pyplot, sklearn.datasets", set()),
    "a child process": ("import subprocess; subprocess.run(['true']); 0;", set()),
    "a child process that names it": ("os.system('test $HOME')", {"HOME"}),
    "the width of a terminal": ("import shutil; shutil.get_terminal_size()", {"COLUMNS", "LINES"}),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(("body", "names"), VARIABLES.values(), ids=VARIABLES.keys())
def test_a_variable_that_is_read_counts(local: Desk, body: str, names: set[str]) -> None:
    assert subjects(local.run(f"import os\n{body}"), "environment") == names


def test_who_reads_all_variables_depends_on_each_and_on_their_names(local: Desk) -> None:
    found = subjects(local.run("import os\ndict(os.environ)"), "environment")
    assert {ALL, "HOME", "PATH"} <= found
    assert not {"PWD", "SHLVL", "COLUMNS"} & found


def test_values_of_variables_are_told_to_nobody(local: Desk) -> None:
    outcome = local.run("import os\nos.environ['HOME']")
    assert not any(os.environ["HOME"] == fact.value for fact in outcome.finished.facts)


LOOKS = {
    "exists": ("os.path.exists('f')", {"f", "f/"}),
    "isdir": ("os.path.isdir('d')", {"d/"}),
    "pathlib": ("import pathlib; pathlib.Path('f').is_file()", {"f", "f/"}),
    "makedirs": ("os.makedirs('e/f', exist_ok=True)", set()),
    "mkdir": ("import pathlib; pathlib.Path('e').mkdir(exist_ok=True)", set()),
    "a folder of its own": ("os.mkdir('e'); os.path.isdir('e')", set()),
    "a file of its own": ("open('g', 'w').close(); os.path.exists('g')", set()),
    "a copy": ("import shutil; shutil.copy('h', 'i')", set()),
    "outside": ("os.path.exists('/usr/lib/nothing')", set()),
}


@pytest.mark.parametrize(("body", "paths"), LOOKS.values(), ids=LOOKS.keys())
def test_a_look_for_something_counts(local: Desk, body: str, paths: set[str]) -> None:
    (local.root / "d").mkdir()
    (local.root / "h").write_text("h")
    assert subjects(local.run(f"import os\n{body}"), "there") == paths


WORDS = {
    "cat a.txt | wc -l > b.txt": ["cat", "a.txt", "|", "wc", "-l", ">"],
    "sort < a.txt && echo 'b c'": ["sort", "<", "a.txt", "&&", "echo", "b c", "b", "c"],
    "sh -c 'cat a > b'": ["sh", "-c", "cat a > b", "cat", "a", ">"],
    "echo 'not closed": ["echo", "'not", "closed"],
}


@pytest.mark.parametrize(("text", "words"), WORDS.items())
def test_the_words_of_a_command_are_those_that_it_may_read(text: str, words: list[str]) -> None:
    assert [word for word, is_written in commands._words(text) if not is_written] == words


def test_a_query_names_the_files_in_its_quotes(local: Desk) -> None:
    path = local.root / "t.csv"
    path.write_text("a\n1\n")
    query = f"select * from '{path}' where a = 'nothing'"
    assert list(natives.paths_in([query])) == [str(path)]


READER = """
import sys
def read_excel(name):
    frame = sys._getframe(1)
    return {**frame.f_globals, **frame.f_locals}[name]
"""
CALLS = """
import fastexcel
table = 1
def within():
    inner = 2
    return fastexcel.read_excel('inner')
assert (fastexcel.read_excel('table'), within()) == (1, 2)
"""


def test_a_reader_finds_the_names_of_whoever_calls_it(local: Desk) -> None:
    (local.root / "fastexcel.py").write_text(READER)  # as DuckDB looks for tables
    assert local.run(CALLS).finished


def test_a_package_counts_with_all_that_it_needs() -> None:
    found = Packages().facts(["pandas", "sklearn", "nbformat", "nothing_at_all"])
    names = {fact.subject for fact in found}
    assert {"pandas", "numpy", "python-dateutil", "scikit-learn", "joblib"} <= names
    assert {"nbformat", "jsonschema", "attrs"} <= names  # which needs it, which needs it
    assert "matplotlib" not in names


IMPORTS = {
    "import": "import numpy as np",
    "from": "from numpy.linalg import norm",
    "several": "import os, numpy",
    "within a function": "def f():\n    import numpy\n    return numpy.pi\nf()",
    "by name": "import importlib\nimportlib.import_module('numpy')",
}


@pytest.mark.parametrize("body", IMPORTS.values(), ids=IMPORTS.keys())
def test_the_packages_that_a_task_imports_are_used(local: Desk, body: str) -> None:
    assert local.run(body).finished.packages == ("numpy",)


def test_what_a_task_imports_counts_though_it_replays_a_step(local: Desk) -> None:
    body = "import wave\nimport numpy"
    replay = Replay(Source("other = 1", 2, step="other"), (), {}, {})
    plain, replaying = local.run(body), local.run(body, task="again", replays=(replay,))
    assert "wave.py" in subjects(plain, "there")
    assert subjects(replaying, "there") == subjects(plain, "there")
    assert replaying.finished.packages == plain.finished.packages


def test_a_package_of_another_folder_of_libraries_is_used(
    local: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("elsewhere")
    task = local.request("import elsewhere")
    assert used(task, {}, (), ()) == frozenset()
    monkeypatch.setattr(packages, "libraries", lambda: (below(str(tmp_path)),))
    assert used(task, {}, (), ()) == {"elsewhere"}


CLOSED = """
import os
pid = os.fork()
if pid == 0:
    os.closerange(3, 60)
    taken = [os.open("mine.txt", os.O_RDWR | os.O_CREAT | os.O_APPEND) for _ in range(40)]
    open("data.txt").close()
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
"""


def test_a_forked_process_that_closed_all_files_writes_into_none_of_its_own(local: Desk) -> None:
    (local.root / "data.txt").write_text("1")
    assert local.run(CLOSED).finished
    assert (local.root / "mine.txt").read_text() == ""


def test_a_task_that_imports_nothing_uses_no_package(local: Desk) -> None:
    assert local.run("x = 1").finished.packages == ()
