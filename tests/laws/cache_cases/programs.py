"""Programs that steps start, and what these read as far as they or their texts tell: C36."""

# A row on each line: they are to be compared.

from __future__ import annotations

import os
import shutil
import subprocess

from tests.laws.cache_cases.case import (
    Case,
    Change,
    World,
    both,
    nothing,
    puts,
    puts_unnoticed,
    sets,
    write,
)

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


_RUNS = "import subprocess, sys\nx = subprocess.check_output([sys.executable, 's.py'])"
_READS = "print(open('in' + '.txt').read())"
#: Python programs that do what no text tells, what is changed then, and whether that matters.
_PYTHONS: dict[str, tuple[str, Change, bool]] = {
    "a name that it computes": (_READS, puts("in.txt", "two"), True),
    "the same size and time": (_READS, puts_unnoticed("in.txt", "two"), True),
    "a file that it does not read": (_READS, puts("e.txt", "two"), False),
    "a comment in it": (_READS, puts("s.py", f"# new\n{_READS}"), False),
    "a comment that it reads": (
        "print(open(__file__).read())",
        puts("s.py", "print(open(__file__).read())  # new"),
        True,
    ),
    "a module that it computes": (
        "import importlib\nprint(importlib.import_module('hel' + 'per').V)",
        puts("helper.py", "V = 2\n"),
        True,
    ),
    "a comment in a module": (
        "import importlib\nprint(importlib.import_module('hel' + 'per').V)",
        puts("helper.py", "V = 1  # new\n"),
        False,
    ),
    "what it looks for in vain": (
        "import os\nprint(os.path.exists('f' + 'lag'))",
        puts("flag", ""),
        True,
    ),
    "what it lists": (
        "import glob\nprint([open(f).read() for f in sorted(glob.glob('d/*.txt'))])",
        puts("d/two.txt", "2"),
        True,
    ),
    "a variable": (
        "import os\nprint(os.environ.get('NBF_' + 'A'))",
        sets(NBF_A="two"),
        True,
    ),
    "another variable": (
        "import os\nprint(os.environ.get('NBF_' + 'A'))",
        sets(NBF_B="two"),
        False,
    ),
    "a Python of its own": (
        "import subprocess, sys\nprint(subprocess.check_output([sys.executable, 't.py']))",
        puts("in.txt", "two"),
        True,
    ),
    "a file that it makes": (
        "import os\nopen('o' + 'ut', 'w').write('1')\nprint(os.path.exists('o' + 'ut'))",
        nothing,
        False,
    ),
    "a file that it keeps up": (
        "n = 'in' + '.txt'\nt = open(n).read()\nopen(n, 'w').write(t.strip())\nprint(t)",
        nothing,
        False,
    ),
    "what it reads in an environment of its own": (_READS, puts("in.txt", "two"), True),
    "what it does not read in an environment of its own": (_READS, puts("e.txt", "two"), False),
    "what it reads while it is a shell's": (_READS, puts("in.txt", "two"), True),
}
_BESIDE = {
    "in.txt": "one",
    "helper.py": "V = 1\n",
    "d/one.txt": "1",
    "t.py": _READS,
    "r.sh": "python s.py\n",
}


def _pythons() -> list[Case]:
    found = []
    for title, (script, change, matters) in _PYTHONS.items():
        source = "x = !sh r.sh" if "shell" in title else _RUNS
        if "environment of its own" in title:
            source = f"import os\n{_RUNS[:-1]}, env={{'PATH': os.environ['PATH']}})"
        cells = (f"%%step a\n{source}", OTHER)
        files = {**_BESIDE, "s.py": script}
        variables = {"NBF_A": "one", "NBF_B": "one"}
        again = "a" if matters else ""
        words = f"of a program, {title}"
        found.append(Case("C36", words, cells, change, again, files=files, environment=variables))
    return found


#: Lines of a shell, files whose coming or change matters, and others.
_LINES = {
    "ls": (("zz",), ("e.txt", "d/q")),
    "ls -l | wc -l": (("zz",), ()),
    "ls *.txt": (("zz.txt",), ("zz.md", "d/one.txt")),
    "ls d": (("d/zz",), ("d/one.txt", "d/s/q", "zz")),
    "ls -R d": (("d/s/q",), ("d/one.txt", "zz")),
    "cat d/*.txt": (("d/one.txt", "d/zz.txt"), ("d/x.md", "d/q.md", "d/s/t.txt")),
    "cat d/*/t.txt": (("d/s/t.txt", "d/r/t.txt"), ("d/x.md",)),
    "find d -name '*.txt' | sort": (("d/s/q.txt",), ("d/one.txt", "e.txt")),
    "find d -name '*.txt' | sort | xargs cat": (("d/s/t.txt",), ("e.txt",)),
    "find . -name 't*.txt' -exec cat {{}} +": (("d/s/t.txt", "d/tt.txt"), ("d/one.txt", "d/x.md")),
    "grep -rh 1 . --include='o*.txt'": (("d/one.txt", "d/oo.txt"), ("d/two.txt", "d/x.md")),
    "cat list | xargs cat": (("e.txt",), ("d/one.txt",)),
    "grep -rh 1 d | sort": (("d/s/t.txt",), ("e.txt",)),
    "tar c d | wc -c; cat d/one.txt": (("d/one.txt",), ("e.txt",)),
    "cd d && cat one.txt": (("d/one.txt",), ("d/two.txt", "e.txt")),
    "test -f zz || echo none": (("zz",), ("qq",)),
    "for f in d/*.txt; do cat $f; done": (("d/one.txt", "d/zz.txt"), ("d/x.md",)),
    "for f in one two; do cat d/$f.txt; done": (("d/one.txt",), ("e.txt",)),
    "F=e; cat $F.txt": (("e.txt",), ("d/one.txt",)),
    "make -s": (("e.txt", "Makefile"), ("d/one.txt",)),
    "mkdir -p out && cp e.txt out/ && cat out/e.txt": (("e.txt",), ("d/one.txt",)),
    "cp e.txt d/": (("e.txt",), ("d/one.txt",)),
    "sh into.sh d": ((), ("zz",)),
    "pwd": ((), ("e.txt", "zz")),
}
_HELD = {
    "d/one.txt": "1\n",
    "d/two.txt": "2\n",
    "d/x.md": "3\n",
    "d/s/t.txt": "4\n",
    "e.txt": "5\n",
    "list": "e.txt\n",
    "Makefile": "all:\n\t@cat e.txt\n",
    "into.sh": "echo 1 > $1/new\n",
}


def _lines() -> list[Case]:
    found = []
    for line, (matter, others) in _LINES.items():
        for name in (*matter, *others):
            text = "all:\n\t@echo 1\n" if name == "Makefile" else "1 new\n"
            again = "a" if name in matter else ""
            cells = (f"%%step a\nx = !{line}", OTHER)
            found.append(Case("C36", f"{line}, {name}", cells, puts(name, text), again, _HELD))
    return found


def _commits(folder: str, more: str = "") -> Change:
    """A repository, or a further commit of it."""

    def change(world: World) -> None:
        name = "-c user.name=a -c user.email=a@b.c -c commit.gpgsign=false"
        text = f"git init -q . && git {name} commit -q --allow-empty -m {more or 'one'}"
        subprocess.run(text, shell=True, check=True, cwd=world.folder / folder)

    return change


#: Ways to ask which commit this is.
_ASKS = {
    "asked for": "import subprocess\nx = subprocess.check_output(['git', 'rev-parse', 'HEAD'])",
    "asked for in a folder": "import subprocess\n"
    "x = subprocess.check_output(['git', 'log', '-1', '--format=%H'], cwd='d')",
    "asked for in a shell": "x = !git describe --always",
}


def _of_commits() -> list[Case]:
    found = []
    for title, source in _ASKS.items() if shutil.which("git") else ():
        cells, files = (f"%%step a\n{source}", OTHER), {"d/f": "1"}
        for words, then, reruns in (
            (f"a commit that is {title}", _commits(".", "two"), "a"),
            (f"a commit that is {title}, and a new file", puts("new.txt", "1"), ""),
        ):
            found.append(
                Case("C36", words, cells, then, reruns, files=files, prepare=_commits("."))
            )
    return found


CASES = (
    *_of_commits(),
    *_rows(),
    *_pythons(),
    *_lines(),
    *(
        Case(
            "C37",
            f"a variable that is not set, in {title}",
            (f"%%step a\nx = !{line}", OTHER),
            sets(NBF_N="one"),
            "a",
            files={"s.sh": "echo $NBF_N\n"},
        )
        for title, line in {"a line": "echo ${NBF_N:-none}", "a script": "sh s.sh"}.items()
    ),
    Case(
        "C36",
        "an archive that a program makes and another one reads",
        ("%%step a\n!tar cf o.tar f\nx = !tar tf o.tar", OTHER),
        nothing,
        files={"f": "1"},
    ),
    Case(
        "C36",
        "a file that is read, and then written by a program",
        ("%%step a\nx = open('f').read()\n!sed -i s/1/1/ f", OTHER),
        nothing,
        files={"f": "1"},
    ),
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
