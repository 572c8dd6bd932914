"""A kernel's modules, another working directory, the clock: C04, C05, C38, C42, C50 and C59."""

from __future__ import annotations

import importlib
import os
import sys
import time
from unittest import mock

from tests.laws.cache_cases.case import Case, Change, World, both, nothing, puts

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


CASES = (
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
