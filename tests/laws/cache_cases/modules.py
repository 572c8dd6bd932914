"""Local modules and packages: C03 to C05, C27, C43 and C44."""

from __future__ import annotations

import os
from pathlib import Path

from tests.laws.cache_cases.case import Case, Change, World, puts, puts_unnoticed, removes, write

LIB = "def h(v):\n    return v + 1\n"
LIB2 = "def h(v):\n    return v + 2\n"
OTHER = "%%step b\ny = 5"
_PACKAGE = {"pkg/__init__.py": "", "pkg/sub.py": LIB, "pkg/rel.py": "from .sub import h\n"}
#: Ways to use ``h`` of a module whose text changes: cells, files, and the file that changes.
_USED = {
    "C03 import lib": (("import lib", "%%step a\nx = lib.h(1)"), {"lib.py": LIB}, "lib.py"),
    "C03 import lib as m": (
        ("import lib as m", "%%step a\nx = m.h(1)"),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C03 from lib import h": (
        ("from lib import h", "%%step a\nx = h(1)"),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C03 from lib import star": (
        ("from lib import *", "%%step a\nx = h(1)"),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C03 within the step": (("%%step a\nimport lib\nx = lib.h(1)",), {"lib.py": LIB}, "lib.py"),
    "C03 within a function": (
        ("def helper():\n    from lib import h\n    return h(1)", "%%step a\nx = helper()"),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C03 lib.sub.h": (
        ("import pkg.sub", "%%step a\nx = pkg.sub.h(1)"),
        _PACKAGE,
        "pkg/sub.py",
    ),
    "C03 from pkg import sub": (
        ("from pkg import sub", "%%step a\nx = sub.h(1)"),
        _PACKAGE,
        "pkg/sub.py",
    ),
    "C03 a relative import": (
        ("from pkg.rel import h", "%%step a\nx = h(1)"),
        _PACKAGE,
        "pkg/sub.py",
    ),
    "C03 the package's init": (
        ("import pkg", "%%step a\nx = pkg.h(1)"),
        {"pkg/__init__.py": LIB},
        "pkg/__init__.py",
    ),
    "C03 a namespace package": (
        ("from space import sub", "%%step a\nx = sub.h(1)"),
        {"space/sub.py": LIB},
        "space/sub.py",
    ),
    "C03 a module of a module": (
        ("import top", "%%step a\nx = top.lib.h(1)"),
        {"top.py": "import lib\n", "lib.py": LIB},
        "lib.py",
    ),
    "C03 three modules down": (
        ("import one", "%%step a\nx = one.f(1)"),
        {
            "one.py": "from two import g\n\n\ndef f(v):\n    return g(v)\n",
            "two.py": "def g(v):\n    import three\n    return three.h(v)\n",
            "three.py": LIB,
        },
        "three.py",
    ),
    "C03 in a folder of the path": (
        (
            "%%setup\nimport sys\nsys.path.insert(0, 'src')",
            "import lib",
            "%%step a\nx = lib.h(1)",
        ),
        {"src/lib.py": LIB},
        "src/lib.py",
    ),
    "C03 through a value of another step": (
        ("from lib import h", "%%step k\nf = h", "%%step a\nx = f(1)"),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C03 in processes that are forked": (
        (
            "import multiprocessing\ndef g(v):\n    import lib\n    return lib.h(v)",
            "%%step a\nwith multiprocessing.get_context('fork').Pool(1) as p:\n"
            "    x = p.map(g, [1])\ndel p",
        ),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C03 in processes of joblib's": (
        (
            "from joblib import Parallel, delayed\ndef g(v):\n    import lib\n    return lib.h(v)",
            "%%step a\nx = Parallel(2)(delayed(g)(v) for v in [1, 2])",
        ),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C27 importlib": (
        ("import importlib", "%%step a\nx = importlib.import_module('lib').h(1)"),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C27 a computed name": (
        ("%%step a\nimport importlib\nx = importlib.import_module('l' + 'ib').h(1)",),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C27 dunder import": (("%%step a\nx = __import__('lib').h(1)",), {"lib.py": LIB}, "lib.py"),
    "C27 exec of a source": (
        ("%%step a\nspace = {}\nexec(open('lib.py').read(), space)\nx = space['h'](1)\ndel space",),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C27 a plugin by its path": (
        (
            "%%step a\nimport importlib.util\n"
            "spec = importlib.util.spec_from_file_location('p', 'plugins/p.py')\n"
            "module = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(module)\n"
            "x = module.h(1)\ndel spec, module",
        ),
        {"plugins/p.py": LIB},
        "plugins/p.py",
    ),
    "C27 runpy": (
        ("%%step a\nimport runpy\nx = runpy.run_path('lib.py')['h'](1)",),
        {"lib.py": LIB},
        "lib.py",
    ),
    "C27 the run magic": (("%%step a\n%run lib.py\nx = h(1)",), {"lib.py": LIB}, "lib.py"),
}


def _used() -> list[Case]:
    found = []
    for words, (cells, files, changed) in _USED.items():
        row, title = words.split(" ", 1)
        reruns = "k a" if title == "through a value of another step" else "a"
        everyday = title in ("from lib import h", "a relative import")
        found.append(
            Case(
                row,
                title,
                (*cells, OTHER),
                puts(changed, LIB2),
                reruns,
                files=files,
                everyday=everyday,
            )
        )
    return found


def _distribution(version: str, body: str = "VALUE = 1\n", name: str = "fakedist") -> Change:
    """A package as an installer leaves it, in a folder of its own."""

    def change(world: World) -> None:
        root = world.folder.parent / "site"
        for old in root.glob(f"{name}-*.dist-info/*"):
            old.unlink()
        for folder in root.glob(f"{name}-*.dist-info"):
            folder.rmdir()
        write(world, f"../site/{name}/__init__.py", body)
        info = f"../site/{name}-{version}.dist-info"
        write(
            world, f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        write(world, f"{info}/RECORD", f"{name}/__init__.py,,\n")
        world.environment["PYTHONPATH"] = os.fspath(Path(world.folder.parent / "site"))

    return change


#: Ways to run ``lib.py`` that leave no module behind.
_RUN = {
    "by its path": "import runpy\nx = runpy.run_path('lib.py')['V']",
    "as a main module": "import runpy\nx = runpy.run_module('lib')['V']",
    "by a magic": "%run lib.py\nx = V",
    "by a spec": "import importlib.util as u\ns = u.spec_from_file_location('q', 'lib.py')\n"
    "m = u.module_from_spec(s)\ns.loader.exec_module(m)\nx = m.V\ndel s, m",
}

CASES = (
    *(
        Case(
            "C27",
            f"a module that is run {title}, {words}",
            (f"%%step a\n{source}", OTHER),
            puts("lib.py", text),
            reruns,
            files={"lib.py": "V = 1\n"},
        )
        for title, source in _RUN.items()
        for words, text, reruns in (
            ("edited", "V = 2\n", "a"),
            ("commented", "# new\nV = 1\n", ""),
        )
    ),
    *_used(),
    Case(
        "C03",
        "same size and time",
        ("import lib", "%%step a\nx = lib.h(1)", OTHER),
        puts_unnoticed("lib.py", LIB2),
        "a",
        files={"lib.py": LIB},
        fails="",
    ),
    Case(
        "C06",
        "a comment, and another layout, in a module",
        ("import lib", "%%step a\nx = lib.h(1)", OTHER),
        puts("lib.py", "# why\n\ndef h( v ):  # one\n    return (v + 1)\n"),
        files={"lib.py": LIB},
        everyday=True,
    ),
    Case(
        "C03",
        "a comment in a module whose text is read",
        ("import inspect, lib", "%%step a\nx = inspect.getsource(lib.h)", OTHER),
        puts("lib.py", LIB.replace("v + 1", "v + 1  # one")),
        "a",
        files={"lib.py": LIB},
        everyday=True,
    ),
    Case(
        "C03",
        "a docstring of a module",
        ("import lib", "%%step a\nx = lib.__doc__", OTHER),
        puts("lib.py", f"'What for.'\n{LIB}"),
        "a",
        files={"lib.py": LIB},
    ),
    Case(
        "C03",
        "a module that cannot be read any longer",
        (
            "%%step a\ntry:\n    import lib\n    x = 1\nexcept SyntaxError:\n    x = 2",
            OTHER,
        ),
        puts("lib.py", "def f(: pass  # one\n"),
        "a",
        files={"lib.py": LIB},
    ),
    Case(
        "C03",
        "a constant of a module",
        ("import conf", "%%step a\nx = conf.RATE", OTHER),
        puts("conf.py", "RATE = 2\n"),
        "a",
        files={"conf.py": "RATE = 1\n"},
    ),
    Case(
        "C03",
        "a module that nobody imports",
        ("import lib", "%%step a\nx = lib.h(1)", OTHER),
        puts("unrelated.py", "VALUE = 2\n"),
        files={"lib.py": LIB, "unrelated.py": "VALUE = 1\n"},
    ),
    Case(
        "C03",
        "another step's module",
        ("import lib", "import more", "%%step a\nx = lib.h(1)", "%%step b\ny = more.VALUE"),
        puts("more.py", "VALUE = 2\n"),
        "b",
        files={"lib.py": LIB, "more.py": "VALUE = 1\n"},
        everyday=True,
    ),
    Case(
        "C03",
        "a data file that a module reads at import",
        ("import lib", "%%step a\nx = lib.VALUE", OTHER),
        puts("v.txt", "2"),
        "a",
        files={"lib.py": "VALUE = open('v.txt').read()\n", "v.txt": "1"},
    ),
    Case(
        "C03",
        "a data file beside a module",
        ("import pkg", "%%step a\nx = pkg.VALUE", OTHER),
        puts("pkg/v.txt", "2"),
        "a",
        files={
            "pkg/__init__.py": "from pathlib import Path\n"
            "VALUE = (Path(__file__).parent / 'v.txt').read_text()\n",
            "pkg/v.txt": "1",
        },
    ),
    Case(
        "C27",
        "a module that was not there",
        ("%%step a\ntry:\n    import fast\n    x = fast.V\nexcept ImportError:\n    x = 0", OTHER),
        puts("fast.py", "V = 3\n"),
        "a",
    ),
    Case(
        "C27",
        "a package that was not there, in a helper",
        (
            "def load():\n    try:\n        from fast.deep import V\n    except ImportError:\n"
            "        V = 0\n    return V",
            "%%step a\nx = load()",
            OTHER,
        ),
        puts("fast/deep.py", "V = 3\n"),
        "a",
    ),
    Case(
        "C27",
        "a module goes, and its absence is caught",
        ("%%step a\ntry:\n    import fast\n    x = fast.V\nexcept ImportError:\n    x = 0", OTHER),
        removes("fast.py"),
        "a",
        files={"fast.py": "V = 3\n"},
    ),
    Case(
        "C27",
        "a module that shadows a library",
        ("%%step a\nimport colorsys\nx = colorsys.rgb_to_hsv(0, 0, 0)", OTHER),
        puts("colorsys.py", "def rgb_to_hsv(*_):\n    return 'mine'\n"),
        "a",
    ),
    Case(
        "C27",
        "a package that takes a module's place",
        ("import lib", "%%step a\nx = lib.h(1)", OTHER),
        puts("lib/__init__.py", LIB2),
        "a",
        files={"lib.py": LIB},
    ),
    Case(
        "C43",
        "another version of a package",
        ("import fakedist", "%%step a\nx = fakedist.VALUE", OTHER),
        _distribution("2.0", "VALUE = 2\n"),
        "a",
        prepare=_distribution("1.0"),
    ),
    Case(
        "C43",
        "the version of a package that is asked for",
        (
            "import importlib.metadata",
            "%%step a\nx = importlib.metadata.version('fakedist')",
            OTHER,
        ),
        _distribution("2.0"),
        "a",
        prepare=_distribution("1.0"),
    ),
    Case(
        "C43",
        "same version, other content",
        ("import fakedist", "%%step a\nx = fakedist.VALUE", OTHER),
        _distribution("1.0", "VALUE = 2\n"),
        "a",
        prepare=_distribution("1.0"),
    ),
    Case(
        "C44",
        "a package that nobody uses",
        ("import math", "%%step a\nx = math.pi", OTHER),
        _distribution("2.0", name="unused"),
        prepare=_distribution("1.0", name="unused"),
    ),
)
