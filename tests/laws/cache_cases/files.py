"""Files, directories and databases: C30 to C35."""

# A row on each line: they are to be compared.
# ruff: noqa: E501

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3

from tests.laws.cache_cases.case import (
    Case,
    Change,
    World,
    nothing,
    puts,
    puts_unnoticed,
    removes,
    renames,
    write,
)

OTHER = "%%step b\ny = 5"


def _database(value: int) -> Change:
    def change(world: World) -> None:
        with sqlite3.connect(world.folder / "d.db") as connection:
            connection.execute("create table if not exists t (v)")
            connection.execute("delete from t")
            connection.execute("insert into t values (?)", (value,))
        connection.close()

    return change


def _journal(value: int) -> Change:
    """A database whose last change stands in its log only, as a program that has it open leaves it."""

    def change(world: World) -> None:
        made = world.folder.parent / "made.db"
        with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as connection:
            connection.execute("pragma journal_mode=wal")
            connection.execute("pragma wal_autocheckpoint=0")
            connection.execute("create table if not exists t (v)")
            connection.execute("pragma wal_checkpoint(truncate)")
            connection.execute("delete from t")
            connection.execute("insert into t values (?)", (value,))
            for end in ("", "-wal"):
                shutil.copy(f"{made}{end}", world.folder / f"d.db{end}")
        made.unlink()

    return change


def _links(target: str, name: str) -> Change:
    def change(world: World) -> None:
        link = world.folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)

    return change


def _replaced(name: str, text: str) -> Change:
    def change(world: World) -> None:
        write(world, f"{name}.new", text)
        (world.folder / f"{name}.new").replace(world.folder / name)

    return change


def _touched(name: str) -> Change:
    return lambda world: os.utime(world.folder / name, (1, 1))


def _folder(name: str) -> Change:
    return lambda world: (world.folder / name).mkdir()


_LOOKS = {
    "os.path.exists": "import os\nx = os.path.exists('flag')",
    "os.path.isfile": "import os\nx = os.path.isfile('flag')",
    "pathlib exists": "from pathlib import Path\nx = Path('flag').exists()",
    "pathlib is_file": "from pathlib import Path\nx = Path('flag').is_file()",
    "a name of its own": "from os.path import exists\nx = exists('flag')",
    "os.access": "import os\nx = os.access('flag', os.R_OK)",
    "an error that is caught": "try:\n    x = open('flag').read()\nexcept OSError:\n    x = ''",
    "stat that fails": "import os\ntry:\n    x = os.stat('flag').st_size\nexcept OSError:\n    x = 0",
    "lexists": "import os\nx = os.path.lexists('flag')",
    "a glob without stars": "import glob\nx = glob.glob('flag')",
    "in a folder that is not there": "import os\nx = os.path.exists('no/flag')",
    "a child process": "import subprocess\nx = subprocess.run(['test', '-e', 'flag']).returncode",
}
_LISTS = {
    "os.listdir": "import os\nx = sorted(n for n in os.listdir('d') if n[0] != '.')",
    "os.scandir": "import os\nx = sorted(e.name for e in os.scandir('d') if e.name[0] != '.')",
    "os.walk": "import os\nx = sorted(n for _, _, s in os.walk('d') for n in s if n[0] != '.')",
    "glob": "import glob\nx = sorted(glob.glob('d/*.txt'))",
    "a recursive glob": "import glob\nx = sorted(glob.glob('**/*.txt', recursive=True))",
    "pathlib glob": "from pathlib import Path\nx = sorted(map(str, Path('d').glob('*.txt')))",
    "pathlib rglob": "from pathlib import Path\nx = sorted(map(str, Path('.').rglob('*.txt')))",
    "pathlib iterdir": "from pathlib import Path\nx = sorted(p.name for p in Path('d').iterdir() if p.name[0] != '.')",
    "a child process": "x = !ls d",
}


def _looks() -> list[Case]:
    found = []
    for title, source in _LOOKS.items():
        cells = (f"%%step a\n{source}", OTHER)
        name = "no/flag" if "no/" in source else "flag"
        words = f"{title}, then there"
        found.append(Case("C33", words, cells, puts(name, "1"), "a"))
        if name == "flag":
            found.append(
                Case(
                    "C33",
                    f"{title}, then gone",
                    cells,
                    removes(name),
                    "a",
                    files={name: "1"},
                    everyday=title == "os.path.exists",
                )
            )
        found.append(Case("C33", f"{title}, and another file", cells, puts("else.txt", "1")))
    for title, source in _LISTS.items():
        cells = (f"%%step a\n{source}", OTHER)
        files = {"d/one.txt": "1", "d/two.txt": "2"}
        more = {
            "one more": (puts("d/three.txt", "3"), "a"),
            "one less": (removes("d/two.txt"), "a"),
            "one renamed": (renames("d/two.txt", "d/2.txt"), "a"),
            "an editor's lock": (puts("d/.~lock.one.txt#", ""), ""),
        }
        for words, (change, reruns) in more.items():
            found.append(Case("C34", f"{title}, {words}", cells, change, reruns, files=files))
    return found


_LISTED = (
    "%%step a\nimport os\nx = [n for n in os.listdir('d') if n[-1] == 't' or n == 'e']",
    OTHER,
)
_IN = {"d/one.txt": "1"}

#: Steps that look before they write: nothing has changed, so nothing runs again.
_MAKES = {
    "makes a folder": "import os\nif not os.path.exists('out'):\n    os.makedirs('out')\nx = 1",
    "makes a folder with pathlib": (
        "from pathlib import Path\nout = Path('out')\nout.mkdir(exist_ok=True)\n"
        "(out / 'f').write_text('1')\nx = 1"
    ),
    "writes a file once": (
        "import os\nif not os.path.exists('f'):\n    open('f', 'w').write('1')\n"
        "x = open('f').read()"
    ),
    "downloads a file once": (
        "import os\nif not os.path.exists('f'):\n    os.system('echo 1 > f')\nx = open('f').read()"
    ),
    "keeps a cache of its own": (
        "import os, pickle\nif os.path.exists('c.pkl'):\n    x = pickle.load(open('c.pkl', 'rb'))\n"
        "else:\n    x = 2\n    pickle.dump(x, open('c.pkl', 'wb'))"
    ),
    "writes into a folder that it empties": (
        "import os, shutil\nshutil.rmtree('out', ignore_errors=True)\nos.makedirs('out/deep')\n"
        "open('out/deep/f', 'w').write('1')\nx = sorted(os.listdir('out'))"
    ),
    "has a script write a file": (
        "import subprocess\nsubprocess.run('echo 1 > f', shell=True)\nx = open('f').read()"
    ),
    "writes parquet and reads it": (
        "import polars as pl\npl.DataFrame({'v': [1]}).write_parquet('f.parquet')\n"
        "x = pl.read_parquet('f.parquet')"
    ),
}

CASES = (
    *(Case("C33", title, (f"%%step a\n{s}", OTHER), nothing) for title, s in _MAKES.items()),
    *_looks(),
    Case(
        "C30",
        "same size and time",
        ("%%step a\nx = open('d.txt').read()", OTHER),
        puts_unnoticed("d.txt", "two"),
        "a",
        files={"d.txt": "one"},
        everyday=True,
    ),
    Case(
        "C30",
        "replaced by renaming",
        ("%%step a\nx = open('d.txt').read()", OTHER),
        _replaced("d.txt", "two"),
        "a",
        files={"d.txt": "one"},
    ),
    Case(
        "C30",
        "touched only",
        ("%%step a\nx = open('d.txt').read()", OTHER),
        _touched("d.txt"),
        files={"d.txt": "one"},
    ),
    Case(
        "C30",
        "replaced by the same content",
        ("%%step a\nx = open('d.txt').read()", OTHER),
        _replaced("d.txt", "one"),
        files={"d.txt": "one"},
    ),
    Case(
        "C30",
        "an unread file",
        ("%%step a\nx = open('d.txt').read()", OTHER),
        puts("e.txt", "two"),
        files={"d.txt": "one", "e.txt": "one"},
    ),
    Case(
        "C30",
        "what a link leads to",
        ("%%step a\nx = open('link').read()", OTHER),
        puts("d.txt", "two"),
        "a",
        files={"d.txt": "one"},
        prepare=_links("d.txt", "link"),
    ),
    Case(
        "C30",
        "a link that leads elsewhere",
        ("%%step a\nx = open('link').read()", OTHER),
        _links("e.txt", "link"),
        "a",
        files={"d.txt": "one", "e.txt": "two"},
        prepare=_links("d.txt", "link"),
    ),
    Case(
        "C30",
        "a linked folder",
        ("%%step a\nx = open('link/d.txt').read()", OTHER),
        _links("new", "link"),
        "a",
        files={"old/d.txt": "one", "new/d.txt": "two"},
        prepare=_links("old", "link"),
    ),
    Case(
        "C30",
        "the target of a link that is asked for",
        ("%%step a\nimport os\nx = os.readlink('link')", OTHER),
        _links("e.txt", "link"),
        "a",
        files={"d.txt": "one", "e.txt": "one"},
        prepare=_links("d.txt", "link"),
    ),
    Case(
        "C30",
        "where a link leads in the end",
        ("%%step a\nfrom pathlib import Path\nx = Path('link').resolve().name", OTHER),
        _links("e.txt", "link"),
        "a",
        files={"d.txt": "one", "e.txt": "one"},
        prepare=_links("d.txt", "link"),
    ),
    Case(
        "C30",
        "a file of a foreach's split",
        (
            "names = ['p.txt', 'q.txt']",
            "%%foreach name in names\nt = open(name).read()",
            OTHER,
        ),
        puts("q.txt", "two"),
        "t",
        files={"p.txt": "one", "q.txt": "one"},
    ),
    Case(
        "C30",
        "a file that a set-up cell reads",
        ("%%setup\nRATE = open('rate.txt').read()", "%%step a\nx = RATE"),
        puts("rate.txt", "two"),
        "a",
        files={"rate.txt": "one"},
    ),
    Case(
        "C30",
        "a file that comes out the same",
        ("%%step a\nx = len(open('d.txt').read())", "%%step c\nz = x + 1", OTHER),
        puts("d.txt", "two"),
        "a",
        files={"d.txt": "one"},
    ),
    Case(
        "C34",
        "bytecode beside",
        _LISTED,
        puts("d/__pycache__/one.cpython-311.pyc", "1"),
        files=_IN,
        everyday=True,
    ),
    Case("C34", "checkpoints", _LISTED, puts("d/.ipynb_checkpoints/x.ipynb", "1"), files=_IN),
    Case("C34", "a backup", _LISTED, puts("d/one.txt~", "1"), files=_IN),
    Case("C34", "an unsaved copy", _LISTED, puts("d/#one.txt#", "1"), files=_IN),
    Case("C34", "a swap file", _LISTED, puts("d/.one.txt.swp", "1"), files=_IN),
    Case("C34", "what the desktop leaves", _LISTED, puts("d/.DS_Store", "1"), files=_IN),
    Case("C34", "a new folder", _LISTED, _folder("d/e"), "a", files=_IN),
    Case("C34", "the content of a listed file", _LISTED, puts("d/one.txt", "2"), files=_IN),
    Case(
        "C34",
        "a folder that was not there",
        ("%%step a\nimport os\nx = os.path.isdir('e')", OTHER),
        _folder("e"),
        "a",
    ),
    Case(
        "C34",
        "a listing of nothing",
        ("%%step a\nimport glob\nx = glob.glob('e/*.txt')", OTHER),
        puts("e/one.txt", "1"),
        "a",
    ),
    Case(
        "C35",
        "a database that another process reads",
        (
            "import multiprocessing, sqlite3\ndef read(n):\n    base = sqlite3.connect(n)\n"
            "    return base.execute('select v from t').fetchall()",
            "%%step a\nwith multiprocessing.get_context('fork').Pool(1) as p:\n"
            "    x = p.map(read, ['d.db'])\ndel p",
            OTHER,
        ),
        _database(2),
        "a",
        prepare=_database(1),
    ),
    Case(
        "C35",
        "a database",
        (
            "%%step a\nimport sqlite3\nwith sqlite3.connect('d.db') as c:\n"
            "    x = c.execute('select * from t').fetchall()\nc.close()\ndel c",
            OTHER,
        ),
        _database(2),
        "a",
        prepare=_database(1),
        everyday=True,
    ),
    *(
        Case(
            "C35",
            title,
            (
                f"%%step a\nimport sqlite3\nc = sqlite3.connect(':memory:')\nc.execute({attach})\n"
                "x = c.execute('select * from o.t').fetchall()\nc.close()\ndel c",
                OTHER,
            ),
            _database(2),
            "a",
            prepare=_database(1),
        )
        for title, attach in {
            "a database that is attached": "\"attach 'd.db' as o\"",
            "a database that is attached by a parameter": "'attach ? as o', ['d.db']",
        }.items()
    ),
    Case(
        "C35",
        "a database through pandas",
        (
            "%%step a\nimport sqlite3, pandas as pd\nc = sqlite3.connect('d.db')\n"
            "x = pd.read_sql('select * from t', c)\nc.close()\ndel c",
            OTHER,
        ),
        _database(2),
        "a",
        prepare=_database(1),
    ),
    Case(
        "C35",
        "a database by its address",
        (
            "%%step a\nimport sqlite3\nc = sqlite3.connect('file:d.db?mode=ro', uri=True)\n"
            "x = c.execute('select * from t').fetchall()\nc.close()\ndel c",
            OTHER,
        ),
        _database(2),
        "a",
        prepare=_database(1),
    ),
    Case(
        "C35",
        "its log only",
        (
            "%%step a\nimport sqlite3\nc = sqlite3.connect('file:d.db?mode=ro', uri=True)\n"
            "x = c.execute('select * from t').fetchall()\nc.close()\ndel c",
            OTHER,
        ),
        _journal(2),
        "a",
        prepare=_journal(1),
    ),
)
