"""Kernels' modules, names that are no text, the clock: C04, C05, C30, C38, C42, C50 and C59."""

from __future__ import annotations

import importlib
import os
import sys
import time
from unittest import mock

from tests.laws.cache_cases.case import Case, Change, World, both, edits, nothing, puts

OTHER = "%%step b\ny = 5"
LIB = "def h(v):\n    return v + 1\n"
_YEAR = 365 * 24 * 3600.0


def _imported_here(name: str) -> Change:
    """The process that runs nbflow, which may be a kernel, imports a module, and keeps it."""

    def change(world: World) -> None:
        with mock.patch.object(sys, "path", [str(world.folder), *sys.path]):
            importlib.invalidate_caches()
            sys.modules.pop(name, None)
            importlib.import_module(name)

    return change


def _dates(name: str, seconds: float) -> Change:
    """A file is as old, or as new, as a clock that was set has made it."""

    def change(world: World) -> None:
        then = time.time() + seconds
        os.utime(world.folder / name, (then, then))

    return change


def _named(name: bytes, text: str) -> Change:
    """A file whose name is no text, as archives of other systems leave them."""

    def change(world: World) -> None:
        path = os.path.join(os.fsencode(world.folder), name)  # noqa: PTH118
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "w") as file:
            file.write(text)

    return change


_WRITES = (
    "%%step w\nopen(b'o\\xe9.txt', 'w').write('one')\nw = 1",
    "%%step a\nx = open(b'o\\xe9.txt').read(), w",
    OTHER,
)
#: Ways to look at a file whose name is no text, and the name.
_NO_TEXT = {
    "read": ("import glob\nx = [open(n).read() for n in glob.glob('f*.txt')]", b"f\xe9.txt"),
    "read in a folder": (
        "import glob\nx = [open(n).read() for n in glob.glob('d*/*')]",
        b"d\xff/f",
    ),
    "asked for its size": ("import os\nx = os.path.getsize(b'f\\xe9')", b"f\xe9"),
    "read by a library": ("import pandas as pd\nx = pd.read_csv('f\\udce9').shape", b"f\xe9"),
    "given to a program": ("import os\nx = os.system(b'grep -q two f\\xe9')", b"f\xe9"),
}


def _no_text() -> list[Case]:
    found = [
        Case("C30", "a name that is no text, written", _WRITES, nothing),
        Case(
            "C30", "a name that is no text, written anew", _WRITES, edits("'one'", "'two'"), "w a"
        ),
    ]
    for words, (source, name) in _NO_TEXT.items():
        cells, title = (f"%%step a\n{source}", OTHER), f"a name that is no text, {words}"
        prepare = _named(name, "one\n")
        found.append(Case("C30", title, cells, _named(name, "two\n2\n"), "a", prepare=prepare))
        found.append(Case("C30", f"{title}, unchanged", cells, nothing, prepare=prepare))
    return found


CASES = (
    *(_no_text() if sys.platform == "linux" else ()),
    Case(
        "C04",
        "a module that the kernel has imported, edited without a reload",
        ("import kernel_lib", "%%step a\nx = kernel_lib.h(1)", OTHER),
        both(_imported_here("kernel_lib"), puts("kernel_lib.py", LIB.replace("1", "2"))),
        "a",
        files={"kernel_lib.py": LIB},
    ),
    Case(
        "C04",
        "a module that the kernel has imported, and nobody has edited",
        ("import kernel_lib", "%%step a\nx = kernel_lib.h(1)", OTHER),
        _imported_here("kernel_lib"),
        files={"kernel_lib.py": LIB},
    ),
    Case(
        "C05",
        "a module, edited while the process that forks workers goes on",
        ("import late_lib", "%%step a\nx = late_lib.h(1)", "%%step c\nz = late_lib.h(x)", OTHER),
        puts("late_lib.py", LIB.replace("1", "2")),
        "a c",
        files={"late_lib.py": LIB},
    ),
    # The rows run in other working directories each time.
    Case(
        "C38",
        "another working directory of the command",
        (
            "%%step a\nimport os\nx = open('d.txt').read(), os.path.basename(os.getcwd())",
            OTHER,
        ),
        nothing,
        files={"d.txt": "one"},
    ),
    Case(
        "C42",
        "a generator that nobody has seeded",
        ("%%step a\nimport numpy as np\nnp.random.default_rng().random()\nx = 1", OTHER),
        nothing,
    ),
    Case(
        "C50",
        "a state that is another each time",
        (
            "import random\nclass V:\n    def __getstate__(self):\n"
            "        return {'n': random.random()}",
            "%%step v\nv = V()",
            "%%step a\nx = type(v).__name__",
            OTHER,
        ),
        nothing,
    ),
    *(
        Case(
            "C59",
            f"a file that {words}",
            ("%%step a\nx = open('d.txt').read()", OTHER),
            _dates("d.txt", years * _YEAR),
            files={"d.txt": "one"},
        )
        for words, years in (("comes from the future", 1.1), ("is two years older", -2))
    ),
    Case(
        "C59",
        "another content, dated as in the future",
        ("%%step a\nx = open('d.txt').read()", OTHER),
        both(puts("d.txt", "two"), _dates("d.txt", 1.1 * _YEAR)),
        "a",
        files={"d.txt": "one"},
    ),
)
