"""Programs that steps start, and what these read as far as their texts tell: C36."""

# A row on each line: they are to be compared.

from __future__ import annotations

import os

from tests.laws.cache_cases.case import Case, Change, World, both, puts, write

OTHER = "%%step b\ny = 5"


def _script(name: str, text: str) -> Change:
    def change(world: World) -> None:
        write(world, name, text)
        (world.folder / name).chmod(0o755)

    return change


def _on_path(world: World) -> None:
    world.environment["PATH"] = f"{world.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"


_PYTHON = {"main.py": "import helper\n", "helper.py": "print(1)\n"}
_PACKAGE = {
    "pack/__init__.py": "",
    "pack/__main__.py": "from . import helper\n",
    "pack/helper.py": "print(1)\n",
}
#: What a step runs, the files that are there, and which of them is another afterwards.
_ROWS = {
    "a script": ("!python helper.py", _PYTHON, "helper.py"),
    "a module of a script": ("!python main.py", _PYTHON, "helper.py"),
    "a module of a script of subprocess": (
        "import subprocess, sys\nsubprocess.run([sys.executable, 'main.py'])",
        _PYTHON,
        "helper.py",
    ),
    "a module of a script that was tested": (
        "!test -e main.py && python main.py",
        _PYTHON,
        "helper.py",
    ),
    "a module by its name": ("!python -m helper", _PYTHON, "helper.py"),
    "a module of a package": ("!python -m pack", _PACKAGE, "pack/helper.py"),
    "a module of code": ("!python -c 'import helper'", _PYTHON, "helper.py"),
    "what a shell script reads": ("!sh s.sh", {"s.sh": ". ./v; echo $V\n", "v": "V=1"}, "v"),
    "a script of a shell script": (
        "!sh s.sh",
        {"s.sh": "python main.py\n", **_PYTHON},
        "helper.py",
    ),
}


def _rows() -> list[Case]:
    found = []
    for title, (source, files, name) in _ROWS.items():
        cells = (f"%%step a\n{source}\nx = 1", OTHER)
        change = puts(name, "print(2)\n")
        found.append(Case("C36", title, cells, change, "a", files=files))
        found.append(Case("C36", f"beside {title}", cells, puts("e.py", "print(2)\n"), files=files))
    return found


CASES = (
    *_rows(),
    Case(
        "C36",
        "a program of one's own along the path",
        ("%%step a\nx = !tool", OTHER),
        _script("bin/tool", "#!/bin/sh\necho 2\n"),
        "a",
        prepare=both(_script("bin/tool", "#!/bin/sh\necho 1\n"), _on_path),
    ),
    Case(
        "C36",
        "a module of a program without an ending",
        ("%%step a\nx = !./tool", OTHER),
        puts("helper.py", "print(2)\n"),
        "a",
        files=_PYTHON,
        prepare=_script("tool", "#!/usr/bin/env python\nimport helper\n"),
    ),
    Case(
        "C37",
        "the path along which a program is sought",
        ("%%step a\nimport shutil\nx = shutil.which('tool')", OTHER),
        _on_path,
        "a",
        prepare=_script("bin/tool", "#!/bin/sh\n"),
    ),
    Case(
        "C37",
        "the path, where no program is sought",
        ("%%step a\nx = 1", OTHER),
        _on_path,
    ),
)
