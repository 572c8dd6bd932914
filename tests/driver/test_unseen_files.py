"""Files whose names nobody can tell from the source, written by whom Python does not tell of."""

from __future__ import annotations

from pathlib import Path

import pytest

import nbflow
from tests import notebooks

pytestmark = pytest.mark.slow

#: By what writes: the code, given `name`, and the code that reads `path` into `told`.
WAYS = {
    "polars": (
        "import polars as pl\npl.DataFrame({'a': [1, 2]}).write_parquet(f'{name}')",
        "import polars as pl\ntold = pl.read_parquet(path).to_dict(as_series=False)",
    ),
    "a lazy frame": (
        "import polars as pl\npl.LazyFrame({'a': [1, 2]}).sink_csv(f'{name}')",
        "told = open(path).read()",
    ),
    "pyarrow": (
        "import pyarrow as pa, pyarrow.parquet as pq\npq.write_table(pa.table({'a': [1]}), name)",
        "import pyarrow.parquet as pq\ntold = pq.read_table(path).to_pydict()",
    ),
    "pyarrow, a directory": (
        "import pyarrow as pa, pyarrow.dataset as ds\n"
        "ds.write_dataset(pa.table({'a': [1]}), name, format='csv')",
        "told = open(path + '/part-0.csv').read()",
    ),
    "a shell line": ("!echo some > {name}", "told = open(path).read()"),
    "a shell cell": (
        "import os\nos.environ['NAME'] = name\nget_ipython().run_cell_magic("
        "'bash', '', 'echo some > out' + '.txt')",
        "told = open(path + '.txt').read()",
    ),
    "another program": (
        "import subprocess\nopen('in.txt', 'w').write('some')\n"
        "subprocess.run(['cp', 'in.txt', name], check=True)",
        "told = open(path).read()",
    ),
    "another Python": (
        "import subprocess, sys\ncode = 'import sys; print(1, file=open(sys.argv[1], \"w\"))'\n"
        "subprocess.run([sys.executable, '-c', code, name], check=True)",
        "told = open(path).read()",
    ),
    "a database": (
        "import sqlite3\nbase = sqlite3.connect(name)\nbase.execute('create table t as select 1')\n"
        "base.commit()\nbase.close()\ndel base",
        "import sqlite3\nbase = sqlite3.connect(path)\n"
        "told = base.execute('select * from t').fetchall()\nbase.close()\ndel base",
    ),
    "a database attached to another": (
        "import sqlite3\nbase = sqlite3.connect(':memory:')\n"
        "base.execute(f'attach {name!r} as o')\n"
        "base.execute('create table o.t as select 1')\nbase.commit()\nbase.close()\ndel base",
        "import sqlite3\nbase = sqlite3.connect(':memory:')\n"
        "base.execute('attach ? as o', (path,))\n"
        "told = base.execute('select * from o.t').fetchall()\nbase.close()\ndel base",
    ),
    "a filesystem of pyarrow": (
        "from pyarrow import fs\nopen('in.txt', 'w').write('some')\n"
        "fs.LocalFileSystem().copy_file('in.txt', name)",
        "told = open(path).read()",
    ),
    "a query of duckdb": (
        "import duckdb\nduckdb.sql(f\"copy (select 1 as v) to '{name}.csv'\")",
        "import duckdb\ntold = duckdb.sql(f\"select * from '{path}.csv'\").fetchall()",
    ),
    "HDF5": (
        "import h5py\nwith h5py.File(name, 'w') as file:\n    file['v'] = [1, 2]\ndel file",
        "import h5py\nwith h5py.File(path) as file:\n    told = file['v'][:].tolist()\ndel file",
    ),
    "a link": (
        "import os\nopen('in.txt', 'w').write('some')\nos.symlink('in.txt', name)",
        "import os\ntold = open(path).read(), os.readlink(path)",
    ),
    "a hard link": (
        "import os\nopen('in.txt', 'w').write('some')\nos.link('in.txt', name)",
        "told = open(path).read()",
    ),
    "a link to a directory": (
        "import os\nos.makedirs('d')\nopen('d/in.txt', 'w').write('some')\nos.symlink('d', name)",
        "told = open(path + '/in.txt').read()",
    ),
    "a script that may be executed": (
        "import os\nopen(name, 'w').write('#!/bin/sh\\necho some')\nos.chmod(name, 0o755)",
        "told = !./{path}",
    ),
    "a script that chmod makes executable": (
        "open(name, 'w').write('#!/bin/sh\\necho some')\n!chmod +x {name}",
        "told = !./{path}",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_they_are_the_steps_and_come_back(tmp_path: Path, way: str) -> None:
    write, read = WAYS[way]
    for module in ("duckdb", "h5py"):
        if module in write:
            pytest.importorskip(module)
    document = notebooks.notebook(
        notebooks.step("make", f"name = 'o' + 'ut'\n{write}\nmade = 1"),
        notebooks.step("look", f"path = 'ou' + 't'\n{read}"),
    )
    path = notebooks.write(document, tmp_path / "nb.ipynb")

    def run() -> tuple[list[str], object]:
        with nbflow.load(path) as flow:
            run = flow.run(workers=2)
            assert run.status == "completed", str(run["look"].logs)
            return [task.status for task in run.tasks], run["look"].told

    statuses, told = run()
    assert statuses == ["completed", "completed"]
    assert run() == (["cached", "cached"], told)
    found = [*tmp_path.glob("out*"), *tmp_path.glob("out/*")]
    made = sorted(each for each in found if each.is_file())
    assert made
    modes = [file.lstat().st_mode for file in made]
    for file in made:
        file.unlink()
    assert run() == (["cached", "cached"], told)
    assert [file.lstat().st_mode for file in made] == modes


@pytest.mark.parametrize(
    "program", ["sort -o {name} {name}", "sh -c 'sort {name} > s; mv s {name}'"]
)
def test_what_a_program_changes_is_read_as_it_was(tmp_path: Path, program: str) -> None:
    (tmp_path / "list.txt").write_text("b\na\n")
    cells = [
        notebooks.step("sort", f"name = 'list' + '.txt'\n!{program}\nmade = 1"),
        notebooks.step("look", "path = 'li' + 'st.txt'\ntold = open(path).read()"),
    ]
    path = notebooks.write(notebooks.notebook(*cells), tmp_path / "nb.ipynb")
    for source in ("made = 1", "made = 2"):
        cells[0].source = cells[0].source.replace("made = 1", source)
        notebooks.write(notebooks.notebook(*cells), path)
        with nbflow.load(path) as flow:
            assert flow.run(workers=2)["look"].told == "a\nb\n"
            assert {task.status for task in flow.run(workers=2).tasks} == {"cached"}


def test_what_another_task_writes_meanwhile_is_not_the_programs(tmp_path: Path) -> None:
    make = (
        "import time\ntime.sleep(0.3)\nname = 'o' + 'ut.txt'\nopen(name, 'w').write('{}')\nmade = 1"
    )
    cells = [
        notebooks.step("make", make.format(1)),
        notebooks.step("wait", "name = 'ou' + 't.txt'\n!sleep 1; test -e {name}\nwaited = 1"),
        notebooks.step("look", "name = 'out' + '.txt'\ntold = open(name).read()"),
    ]
    path = tmp_path / "nb.ipynb"
    for text in ("1", "2"):
        cells[0].source = notebooks.step("make", make.format(text)).source
        notebooks.write(notebooks.notebook(*cells), path)
        with nbflow.load(path) as flow:
            assert flow.run(workers=3)["look"].told == text
        assert (tmp_path / "out.txt").read_text() == text


OVERWRITTEN = {
    "a large file": (
        "import polars as pl\n"
        "pl.DataFrame({'a': range(seed, 900_000 + seed)}).write_csv(f'{name}.csv')",
        "told = open(path + '.csv').read(4)",
    ),
    "a file in a directory": (
        "import pyarrow as pa, pyarrow.dataset as ds\n"
        "ds.write_dataset(pa.table({'a': [seed]}), name, format='csv',"
        " existing_data_behavior='overwrite_or_ignore')",
        "told = open(path + '/part-0.csv').read()",
    ),
}


@pytest.mark.parametrize("way", OVERWRITTEN)
def test_what_is_overwritten_is_the_steps_too(tmp_path: Path, way: str) -> None:
    write, read = OVERWRITTEN[way]

    def run(seed: int) -> tuple[str, object]:
        document = notebooks.notebook(
            notebooks.step("make", f"seed, name = {seed}, 'o' + 'ut'\n{write}\nmade = 1"),
            notebooks.step("look", f"path = 'ou' + 't'\n{read}"),
        )
        path = notebooks.write(document, tmp_path / "nb.ipynb")
        with nbflow.load(path) as flow:
            run = flow.run(workers=2)
            assert run.status == "completed", str(run["look"].logs)
            return run["look"].tasks[0].status, run["look"].told

    status, first = run(1)
    assert status == "completed"
    status, second = run(2)
    assert status == "completed"
    assert second != first
    assert run(1) == ("cached", first)


def test_a_lazy_frame_is_found_in_a_list_and_as_an_item(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    document = notebooks.notebook(
        notebooks.step("scan", "import polars as pl\nscans = [pl.scan_csv('a.csv')]"),
        "%%foreach scan in scans\nrows = scan.collect().to_dict(as_series=False)",
        notebooks.step("whole", "whole = [each.collect().height for each in scans]"),
    )
    path = notebooks.write(document, tmp_path / "nb.ipynb")

    def run() -> tuple[object, object]:
        with nbflow.load(path) as flow:
            run = flow.run()
            return run["rows"].rows, run["whole"].whole

    assert run() == ([{"a": [1]}], [1])
    (tmp_path / "a.csv").write_text("a\n2\n3\n")
    assert run() == ([{"a": [2, 3]}], [2])


@pytest.mark.parametrize(
    "make",
    [
        "folder = tempfile.mkdtemp()\npath = os.path.join(folder, 'f')",
        "handle, path = tempfile.mkstemp()\nos.close(handle)\ndel handle",
    ],
)
def test_temporary_files_that_are_handed_on_come_back(tmp_path: Path, make: str) -> None:
    cells = [
        notebooks.code("import os, tempfile"),
        notebooks.step("make", f"{make}\nopen(path, 'w').write('some');"),
        notebooks.step("look", "told = open(path).read()"),
    ]
    path = notebooks.write(notebooks.notebook(*cells), tmp_path / "nb.ipynb")
    with nbflow.load(path) as flow:
        run = flow.run(workers=2)
        made = Path(run["make"].path)
        mode = made.stat().st_mode
        made.unlink()
        if "mkdtemp" in make:
            made.parent.rmdir()
    cells[-1].source = cells[-1].source.replace(".read()", ".read() * 2")
    notebooks.write(notebooks.notebook(*cells), path)
    with nbflow.load(path) as flow:
        run = flow.run(workers=2)
        assert run["look"].told == "somesome"
        assert [task.status for task in run.tasks] == ["cached", "completed"]
    assert made.stat().st_mode == mode
    made.unlink()
