"""Readers of all kinds, child processes among them: C30, C32 and C36."""

# A row on each line: they are to be compared.
# ruff: noqa: E501

from __future__ import annotations

import gzip

from tests.laws.cache_cases.case import Case, Change, World, puts

OTHER = "%%step b\ny = 5"


def _arrow(value: int) -> Change:
    def change(world: World) -> None:
        import pyarrow

        table = pyarrow.table({"v": [value]})
        path = str(world.folder / "d.arrow")
        with pyarrow.OSFile(path, "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)

    return change


CSV = "v,w\n1,2\n3,4\n"
CSV2 = "v,w\n1,2\n3,9\n"
#: Ways to read ``d.csv`` into ``x``.
_READERS = {
    "open": "x = open('d.csv').read()",
    "open in a function": "def load():\n    with open('d.csv') as f:\n        return f.read()\nx = load()",
    "pathlib": "from pathlib import Path\nx = Path('d.csv').read_text()",
    "bytes": "from pathlib import Path\nx = Path('d.csv').read_bytes()",
    "an absolute path": "import os\nx = open(os.path.abspath('d.csv')).read()",
    "a computed path": "name = 'd'\nx = open(f'{name}.csv').read()",
    "os.open": "import os\nfd = os.open('d.csv', os.O_RDONLY)\nx = os.read(fd, 99)\nos.close(fd)\ndel fd",
    "csv": "import csv\nwith open('d.csv') as f:\n    x = list(csv.reader(f))\ndel f",
    "io": "import io\nwith io.open('d.csv') as f:\n    x = f.read()\ndel f",
    "mmap": "import mmap\nwith open('d.csv', 'rb') as f, mmap.mmap(f.fileno(), 0, access=1) as m:\n"
    "    x = bytes(m)\ndel f, m",
    "fileinput": "import fileinput\nx = list(fileinput.input('d.csv'))",
    "linecache": "import linecache\nx = linecache.getline('d.csv', 3)",
    "shutil": "import shutil\nshutil.copy('d.csv', 'copy.csv')\nx = open('copy.csv').read()",
    "hashlib": "import hashlib\nx = hashlib.file_digest(open('d.csv', 'rb'), 'sha1').hexdigest()",
    "numpy loadtxt": "import numpy as np\nx = np.loadtxt('d.csv', delimiter=',', skiprows=1)",
    "numpy genfromtxt": "import numpy as np\nx = np.genfromtxt('d.csv', delimiter=',')",
    "numpy fromfile": "import numpy as np\nx = np.fromfile('d.csv', dtype='u1')",
    "numpy memmap": "import numpy as np\nx = np.array(np.memmap('d.csv', dtype='u1', mode='r'))",
    "pandas": "import pandas as pd\nx = pd.read_csv('d.csv')",
    "pandas with a path": "import pandas as pd\nfrom pathlib import Path\nx = pd.read_csv(Path('d.csv'))",
    "pandas with the python engine": "import pandas as pd\nx = pd.read_csv('d.csv', engine='python')",
    "pandas with pyarrow": "import pandas as pd\nx = pd.read_csv('d.csv', engine='pyarrow')",
    "pandas with a file": "import pandas as pd\nwith open('d.csv') as f:\n    x = pd.read_csv(f)\ndel f",
    "polars": "import polars as pl\nx = pl.read_csv('d.csv')",
    "polars with a path": "import polars as pl\nfrom pathlib import Path\nx = pl.read_csv(Path('d.csv'))",
    "polars scan": "import polars as pl\nx = pl.scan_csv('d.csv').collect()",
    "polars scan of a glob": "import polars as pl\nx = pl.scan_csv('*.csv').collect()",
    "polars imported within": "def load():\n    from polars import scan_csv\n    return scan_csv('d.csv').collect()\nx = load()",
    "pyarrow csv": "import pyarrow.csv\nx = pyarrow.csv.read_csv('d.csv').to_pydict()",
    "pyarrow csv by name": "from pyarrow.csv import read_csv\nx = read_csv('d.csv').to_pydict()",
    "pyarrow csv open": "import pyarrow.csv\nx = pyarrow.csv.open_csv('d.csv').read_all().to_pydict()",
    "pyarrow dataset": "import pyarrow.dataset as ds\nx = ds.dataset('d.csv', format='csv').to_table().to_pydict()",
    "pyarrow input": "import pyarrow as pa\nwith pa.input_stream('d.csv') as f:\n    x = f.read()\ndel f",
    "pyarrow memory map": "import pyarrow as pa\nwith pa.memory_map('d.csv') as f:\n    x = f.read()\ndel f",
    "pyarrow filesystem": "from pyarrow import fs\nwith fs.LocalFileSystem().open_input_file('d.csv') as f:\n    x = f.read()\ndel f",
    "duckdb": "import duckdb\nx = duckdb.sql(\"select * from 'd.csv'\").fetchall()",
    "duckdb, into a frame": "import duckdb, pandas as pd\nd = pd.read_csv('d.csv')\nx = duckdb.sql('select * from d').fetchall()",
    "duckdb read_csv": "import duckdb\nx = duckdb.read_csv('d.csv').fetchall()",
    "a child process": "import subprocess\nx = subprocess.run(['cat', 'd.csv'], capture_output=True).stdout",
    "a shell line": "x = !cat d.csv",
    "a shell line that shows": "!cat d.csv\nx = 1",
    "a shell line elsewhere": '!cd .. && cd "$OLDPWD" && cat d.csv\nx = 1',
    "a shell in another folder": "import os\nos.makedirs('sub', exist_ok=True)\n!cd sub && cat ../d.csv\nx = 1",
    "a shell cell": "get_ipython().run_cell_magic('bash', '', 'sort d.csv')\nx = 1",
    "a loop in a shell cell": "get_ipython().run_cell_magic('sh', '', 'for f in *.csv; do wc $f; done')\nx = 1",
    "a cell of another program": "get_ipython().run_cell_magic('script', 'python3', 'print(open(\"d.csv\").read())')\nx = 1",
    "a shell with a pipe": "import subprocess\nx = subprocess.check_output('cat d.csv | wc -c; tail -n 1 d.csv', shell=True)",
    "os.system": "import os\nos.system('cat d.csv > out.txt')\nx = open('out.txt').read()",
    "a Python child": "import subprocess, sys\nx = subprocess.check_output([sys.executable, '-c', \"print(open('d.csv').read())\"])",
    "multiprocessing": "import multiprocessing\ndef read(n):\n    return open(n).read()\n"
    "with multiprocessing.get_context('fork').Pool(1) as p:\n    x = p.map(read, ['d.csv'])\ndel p",
    "a process pool": "from concurrent.futures import ProcessPoolExecutor\nimport multiprocessing\n"
    "def read(n):\n    return open(n).read()\n"
    "with ProcessPoolExecutor(1, multiprocessing.get_context('fork')) as p:\n    x = list(p.map(read, ['d.csv']))\ndel p",
    "joblib": "from joblib import Parallel, delayed\ndef read(n):\n    return open(n).read()\n"
    "x = Parallel(2)(delayed(read)(n) for n in ['d.csv', 'd.csv'])",
    "processes that are spawned": "import multiprocessing, pathlib\n"
    "with multiprocessing.get_context('spawn').Pool(1) as p:\n    x = p.map(pathlib.Path.read_text, [pathlib.Path('d.csv')])\ndel p",
    "a server of forks": "import multiprocessing, pathlib\n"
    "with multiprocessing.get_context('forkserver').Pool(1) as p:\n    x = p.map(pathlib.Path.read_text, [pathlib.Path('d.csv')])\ndel p",
    "a thread": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(1) as p:\n    x = list(p.map(lambda n: open(n).read(), ['d.csv']))\ndel p",
    "after chdir": "import os\nos.makedirs('sub', exist_ok=True)\nos.chdir('sub')\nx = open('../d.csv').read()\nos.chdir('..')",
    "urllib": "import urllib.request, os\nx = urllib.request.urlopen('file://' + os.path.abspath('d.csv')).read()",
    "configparser": "import configparser\nc = configparser.RawConfigParser(allow_no_value=True, strict=False)\n"
    "c.read('d.ini')\nx = dict(c['s'])\ndel c",
}
_WRITTEN: dict[str, tuple[str, str, str | bytes, str | bytes]] = {
    "json": ("import json\nx = json.load(open('d.json'))", "d.json", '{"v": 1}', '{"v": 2}'),
    "tomllib": (
        "import tomllib\nx = tomllib.loads(open('d.toml').read())",
        "d.toml",
        "v = 1\n",
        "v = 2\n",
    ),
    "gzip": (
        "import gzip\nx = gzip.open('d.gz', 'rt').read()",
        "d.gz",
        gzip.compress(b"one", mtime=0),
        gzip.compress(b"two", mtime=0),
    ),
    "pandas of a gzip": (
        "import pandas as pd\nx = pd.read_csv('d.csv.gz')",
        "d.csv.gz",
        gzip.compress(CSV.encode(), mtime=0),
        gzip.compress(CSV2.encode(), mtime=0),
    ),
    "lxml": (
        "from lxml import etree\nx = etree.tostring(etree.parse('d.xml'))",
        "d.xml",
        "<v>1</v>",
        "<v>2</v>",
    ),
    "lxml piece by piece": (
        "from lxml import etree\nx = [e.text for _, e in etree.iterparse('d.xml')]",
        "d.xml",
        "<v>1</v>",
        "<v>2</v>",
    ),
    "pandas json": (
        "import pandas as pd\nx = pd.read_json('d.json')",
        "d.json",
        '[{"v":1}]',
        '[{"v":2}]',
    ),
    "pickle": (
        "import pickle\nx = pickle.load(open('d.pkl', 'rb'))",
        "d.pkl",
        b"\x80\x04K\x01.",
        b"\x80\x04K\x02.",
    ),
    "polars json": (
        "import polars as pl\nx = pl.read_json('d.json')",
        "d.json",
        '[{"v":1}]',
        '[{"v":2}]',
    ),
    "polars ndjson": (
        "import polars as pl\nx = pl.scan_ndjson('d.json').collect()",
        "d.json",
        '{"v":1}\n',
        '{"v":2}\n',
    ),
    "pyarrow json": (
        "import pyarrow.json\nx = pyarrow.json.read_json('d.json').to_pydict()",
        "d.json",
        '{"v":1}\n',
        '{"v":2}\n',
    ),
}
_TABLES = {
    "parquet by pandas": "import pandas as pd\nx = pd.read_parquet('d.parquet')",
    "parquet by pyarrow": "import pyarrow.parquet as pq\nx = pq.read_table('d.parquet').to_pydict()",
    "a parquet file by pyarrow": "import pyarrow.parquet as pq\nx = pq.ParquetFile('d.parquet').read().to_pydict()",
    "parquet's schema": "import pyarrow.parquet as pq\nx = str(pq.read_schema('d.parquet')), pq.read_metadata('d.parquet').num_rows",
    "parquet by polars": "import polars as pl\nx = pl.read_parquet('d.parquet')",
    "parquet by polars scan": "import polars as pl\nx = pl.scan_parquet('d.parquet').collect()",
    "a parquet dataset": "import pyarrow.dataset as ds\nx = ds.dataset('d.parquet').to_table().to_pydict()",
    "a directory of parquet": "import pandas as pd\nx = pd.read_parquet('parts')",
    "a directory of parquet by polars": "import polars as pl\nx = pl.scan_parquet('parts/').collect()",
    "feather by pandas": "import pandas as pd\nx = pd.read_feather('d.feather')",
    "feather by pyarrow": "import pyarrow.feather\nx = pyarrow.feather.read_table('d.feather').to_pydict()",
    "ipc by polars": "import polars as pl\nx = pl.read_ipc('d.feather')",
    "ipc by pyarrow": "import pyarrow as pa\nwith pa.OSFile('d.feather') as f:\n    x = pa.ipc.open_file(f).read_all().to_pydict()\ndel f",
}


def _tables(value: int) -> Change:
    def change(world: World) -> None:
        import pyarrow as pa
        from pyarrow import feather
        from pyarrow import parquet as pq

        table = pa.table({"v": [1, value]})
        (world.folder / "parts").mkdir(exist_ok=True)
        pq.write_table(table, world.folder / "d.parquet")
        pq.write_table(table, world.folder / "parts" / "one.parquet")
        feather.write_feather(table, str(world.folder / "d.feather"), compression="uncompressed")

    return change


def _readers() -> list[Case]:
    needed = ("numpy", "pandas", "polars", "pyarrow", "duckdb", "joblib", "lxml")
    found = []
    for title, source in _READERS.items():
        needs = [name for name in needed if f"import {name}" in source or f"from {name}" in source]
        ini = "[s]\nv = 1\n", "[s]\nv = 2\n"
        changed = puts("d.ini", ini[1]) if "config" in title else puts("d.csv", CSV2)
        if title in ("getsize", "stat"):
            changed = puts("d.csv", CSV + "5,6\n")
        found.append(
            Case(
                "C32" if needs and needs[0] in ("polars", "pyarrow", "duckdb") else "C30",
                title,
                (f"%%step a\n{source}", OTHER),
                changed,
                "a",
                files={"d.csv": CSV, "d.ini": ini[0]},
                needs=needs,
                everyday=title in ("open", "pyarrow csv"),
            )
        )
    for title, (source, name, old, new) in _WRITTEN.items():
        found.append(
            Case(
                "C30",
                title,
                (f"%%step a\n{source}", OTHER),
                puts(name, new),
                "a",
                prepare=puts(name, old),
                needs=[name for name in needed if f"from {name}" in source],
            )
        )
    for title, source in _TABLES.items():
        cells = (f"%%step a\n{source}", OTHER)
        found.append(Case("C32", title, cells, _tables(3), "a", prepare=_tables(2)))
    return found


CASES = (
    *_readers(),
    Case(
        "C36",
        "a file that a script reads",
        (
            "%%step a\nimport subprocess, sys\nx = subprocess.check_output([sys.executable, 's.py'])",
            OTHER,
        ),
        puts("d.csv", CSV2),
        "a",
        files={"d.csv": CSV, "s.py": "print(open('d.csv').read())\n"},
    ),
    Case(
        "C36",
        "a script",
        ("%%step a\nx = !sh s.sh", OTHER),
        puts("s.sh", "echo two\n"),
        "a",
        files={"s.sh": "echo one\n"},
    ),
    *(
        Case("C32", title, (f"%%step a\n{source}", OTHER), puts(name, CSV2), "a", files={name: CSV})
        for title, (source, name) in {
            "polars of a pattern with a blank": (
                "import polars as pl\nx = pl.read_csv('a folder/*.csv')",
                "a folder/d.csv",
            ),
            "polars at home": (
                "import os, polars as pl\nos.environ['HOME'] = os.getcwd()\nx = pl.read_csv('~/d.csv')",
                "d.csv",
            ),
            "pyarrow of a folder": (
                "from pyarrow import fs\nfound = fs.LocalFileSystem().get_file_info(fs.FileSelector('d'))\n"
                "x = [each.size for each in found]\ndel found",
                "d/d.csv",
            ),
        }.items()
    ),
    *(
        Case(
            "C32",
            f"{title}, {words}",
            (f"%%step a\n{source}", OTHER),
            puts(name, CSV2),
            reruns,
            files={"d/d.csv": CSV},
        )
        for title, source in {
            "pyarrow of a URI": "import os\nfrom pyarrow import fs\n"
            "f, p = fs.FileSystem.from_uri('file://' + os.path.abspath('d/d.csv'))\n"
            "with f.open_input_stream(p) as s:\n    x = s.read()\ndel f, p, s",
            "pyarrow below a folder": "from pyarrow import fs\n"
            "f = fs.SubTreeFileSystem('d', fs.LocalFileSystem())\n"
            "with f.open_input_file('d.csv') as s:\n    x = s.read()\ndel f, s",
            "a dataset below a folder": "from pyarrow import fs\nimport pyarrow.dataset as ds\n"
            "f = fs.SubTreeFileSystem('d', fs.LocalFileSystem())\n"
            "x = ds.dataset('d.csv', format='csv', filesystem=f).to_table().to_pydict()\ndel f",
        }.items()
        for words, name, reruns in (("changed", "d/d.csv", "a"), ("beside", "d/e.csv", ""))
    ),
    Case(
        "C32",
        "polars of a pattern, and another kind of file",
        ("%%step a\nimport polars as pl\nx = pl.scan_csv('d/*.csv').collect()", OTHER),
        puts("d/notes.md", "new"),
        files={"d/d.csv": CSV},
    ),
    Case(
        "C32",
        "a file of pyarrow by its name",
        ("%%step a\nimport pyarrow as pa\nx = pa.ipc.open_file('d.arrow').read_all()", OTHER),
        _arrow(2),
        "a",
        prepare=_arrow(1),
        needs=("pyarrow",),
    ),
    Case(
        "C32",
        "a lazy frame that another step collects",
        (
            "%%step k\nimport polars as pl\nk = pl.scan_csv(['d.csv', 'e.csv'])",
            "%%step a\nx = k.collect()",
            OTHER,
        ),
        puts("d.csv", CSV2),
        "k a",
        files={"d.csv": CSV, "e.csv": CSV},
        needs=("polars",),
    ),
    Case(
        "C32",
        "a dataset that another step reads",
        (
            "%%step k\nimport pyarrow.dataset as ds\nk = ds.dataset('d.csv', format='csv')",
            "%%step a\nx = k.to_table().to_pydict()",
            OTHER,
        ),
        puts("d.csv", CSV2),
        "k a",
        files={"d.csv": CSV},
        needs=("pyarrow",),
    ),
)
