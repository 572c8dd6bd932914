"""Where a step depends on the world in less usual ways: more of C03, C27, C30, C34 and C37."""

# A row on each line: they are to be compared.
# ruff: noqa: E501

from __future__ import annotations

import io
import zipfile

from tests.laws.cache_cases.case import Case, Change, World, puts, sets, write

OTHER = "%%step b\ny = 5"
A = {"NBF_A": "one", "NBF_B": "one"}


def _archive(value: int) -> Change:
    def change(world: World) -> None:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr(zipfile.ZipInfo("zipped.py"), f"V = {value}\n")
            archive.writestr(zipfile.ZipInfo("v.txt"), f"{value}\n")
        write(world, "lib.zip", held.getvalue())

    return change


def _array(value: int) -> Change:
    def change(world: World) -> None:
        import numpy as np

        np.save(world.folder / "d.npy", np.array([1, value]))
        np.savez(world.folder / "d.npz", v=np.array([1, value]))

    return change


_FILES = {
    "the clause of a foreach": (
        "%%foreach line in open('d.txt').read().split()\nt = line * 2",
        puts("d.txt", "one three"),
        "t",
    ),
    "a glob in the clause of a foreach": (
        "import glob",
        "%%foreach name in sorted(glob.glob('*.txt'))\nt = open(name).read()",
        puts("e.txt", "new"),
        "t",
    ),
    "a class body": (
        "class Settings:\n    text = open('d.txt').read()",
        "%%step a\nx = Settings.text",
        puts("d.txt", "other"),
        "a",
    ),
    "a default value": (
        "def f(text=open('d.txt').read()):\n    return text",
        "%%step a\nx = f()",
        puts("d.txt", "other"),
        "a",
    ),
    "a translation that is sought": (
        "%%step a\nimport gettext\nx = gettext.find('words', 'locale', ['de'])",
        puts("locale/de/LC_MESSAGES/words.mo", ""),
        "a",
    ),
    "a folder of modules that becomes a package": (
        "%%step a\nimport parts.one\nx = getattr(parts, 'V', 0)",
        puts("parts/__init__.py", "V = 1\n"),
        "a",
    ),
    "which distributions there are": (
        "%%step a\nfrom importlib.metadata import distributions\n"
        "x = sorted(d.metadata['Name'] for d in distributions(path=['libs']))",
        puts("libs/new-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: new\n"),
        "a",
    ),
    "one distribution among others": (
        "%%step a\nimport importlib.metadata\nx = importlib.metadata.version('numpy')",
        puts("new-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: new\n"),
        "",
    ),
    "codecs": (
        "%%step a\nimport codecs\nx = codecs.open('d.txt').read()",
        puts("d.txt", "other"),
        "a",
    ),
    "FileIO": ("%%step a\nimport io\nx = io.FileIO('d.txt').read()", puts("d.txt", "other"), "a"),
    "a path in a dict": (
        "%%step a\np = {'in': 'd.txt'}\nx = open(p['in']).read()",
        puts("d.txt", "other"),
        "a",
    ),
    "a file read twice": (
        "%%step a\nx = open('d.txt').read() + open('./d.txt').read()",
        puts("d.txt", "other"),
        "a",
    ),
    "importlib.resources": (
        "%%step a\nfrom importlib import resources\nimport pkg\nx = resources.files(pkg).joinpath('v.txt').read_text()",
        puts("pkg/v.txt", "2"),
        "a",
    ),
    "pkgutil": (
        "%%step a\nimport pkgutil\nx = pkgutil.get_data('pkg', 'v.txt')",
        puts("pkg/v.txt", "2"),
        "a",
    ),
    "a module in an archive": (
        "%%step a\nimport sys\nsys.path.insert(0, 'lib.zip')\nimport zipped\nx = zipped.V\nsys.path.pop(0)",
        _archive(2),
        "a",
    ),
    "a file in an archive": (
        "%%step a\nimport zipfile\nx = zipfile.ZipFile('lib.zip').read('v.txt')",
        _archive(2),
        "a",
    ),
    "an array": ("%%step a\nimport numpy as np\nx = np.load('d.npy')", _array(2), "a"),
    "an array that is mapped": (
        "%%step a\nimport numpy as np\nx = np.load('d.npy', mmap_mode='r').sum()",
        _array(2),
        "a",
    ),
    "several arrays": ("%%step a\nimport numpy as np\nx = np.load('d.npz')['v']", _array(2), "a"),
    "a module that is loaded again": (
        "%%step a\nimport importlib, lib\nimportlib.reload(lib)\nx = lib.V",
        puts("lib.py", "V = 2\n"),
        "a",
    ),
    "an extension of IPython": (
        "%%step a\n%load_ext ext\nx = get_ipython().told",
        puts("ext.py", "def load_ipython_extension(shell):\n    shell.told = 2\n"),
        "a b",
    ),
    "a module that a set-up cell imports": (
        "%%setup\nimport lib",
        "%%step a\nx = lib.V",
        puts("lib.py", "V = 2\n"),
        "a b",
    ),
    "a class of a module whose object is given": (
        "from shapes import Square",
        "%%step k\ns = Square(2)",
        "%%step a\nx = s.area()",
        puts(
            "shapes.py",
            "class Square:\n    def __init__(self, n):\n        self.n = n\n    def area(self):\n        return self.n\n",
        ),
        "k a",
    ),
    "a base class in a module": (
        "from shapes import Square",
        "class Mine(Square):\n    pass",
        "%%step a\nx = Mine(2).area()",
        puts(
            "shapes.py",
            "class Square:\n    def __init__(self, n):\n        self.n = n\n    def area(self):\n        return self.n\n",
        ),
        "a",
    ),
    "a decorator in a module": (
        "from deco import twice",
        "@twice\ndef f(v):\n    return v",
        "%%step a\nx = f(1)",
        puts("deco.py", "def twice(f):\n    return lambda v: f(v) * 3\n"),
        "a",
    ),
}
_HELD = {
    "d.txt": "one two",
    "parts/one.py": "",
    "libs/old-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: old\n",
    "pkg/__init__.py": "",
    "pkg/v.txt": "1",
    "lib.py": "V = 1\n",
    "ext.py": "def load_ipython_extension(shell):\n    shell.told = 1\n",
    "shapes.py": "class Square:\n    def __init__(self, n):\n        self.n = n\n    def area(self):\n        return self.n**2\n",
    "deco.py": "def twice(f):\n    return lambda v: f(v) * 2\n",
}
_VARIABLES = {
    "the clause of a foreach": ("import os", "%%foreach c in os.environ['NBF_A']\nt = c * 2", "t"),
    "a class body": (
        "import os",
        "class S:\n    a = os.environ['NBF_A']",
        "%%step a\nx = S.a",
        "a",
    ),
    "a default value": (
        "import os",
        "def f(v=os.environ['NBF_A']):\n    return v",
        "%%step a\nx = f()",
        "a",
    ),
    "a name that is computed": (
        "%%step a\nimport os\nname = 'NBF_' + 'A'\nx = os.environ[name]",
        "a",
    ),
    "union": ("%%step a\nimport os\nx = (os.environ | {'NBF_C': '1'})['NBF_A']", "a"),
    "unpacked for a child process": (
        "%%step a\nimport os, subprocess\nx = subprocess.check_output('echo $NBF_A', shell=True, env={**os.environ, 'B': '1'})",
        "a",
    ),
    "patched for a while": (
        "%%step a\nimport os\nfrom unittest import mock\nwith mock.patch.dict(os.environ, {'NBF_C': '1'}):\n    x = os.environ['NBF_A']\ndel mock",
        "a",
    ),
}


def _both() -> list[Case]:
    found = []
    for title, (*cells, change, reruns) in _FILES.items():
        found.append(
            Case(
                "C30",
                title,
                (*map(str, cells), OTHER),
                change,  # type: ignore[arg-type]
                str(reruns),
                files=_HELD,
                prepare=_all,
            )
        )
    for title, (*texts, again) in _VARIABLES.items():
        found.append(Case("C37", title, (*texts, OTHER), sets(NBF_A="two"), again, environment=A))
    return found


def _all(world: World) -> None:
    _archive(1)(world)
    _array(1)(world)


CASES = _both()
