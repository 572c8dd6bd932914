"""What a body sets on libraries without showing it is named; what it shows is carried."""

from __future__ import annotations

import ast
import sys
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nbflow
from nbflow.records.message import Source
from nbflow.run.worker.carrying.patches import Patches
from tests import notebooks
from tests.notebooks import code, step

LIBRARY = """
DEBUG = False
_kept = None

class Table:
    def show(self):
        return "plain"

    @classmethod
    def nicer(cls):
        Table.show = lambda self: "class method"

class Other:
    pass

def patch():
    _patch()

def _patch():
    Table.show = lambda self: "nice"
    Table.extra = 1

def patch_deep():
    patch()

def debug(value):
    setattr(sys.modules[__name__], "DEBUG", value)

def fill():
    self = Other()
    self.DEBUG = 5
    return self

def decorated(function):
    import functools
    @functools.wraps(function)
    def inner(*arguments):
        return function(*arguments)
    return inner

@decorated
def wrapped():
    Other.extra = 1

import sys
"""


@pytest.fixture
def library() -> Iterator[Any]:
    module = types.ModuleType("a_library")
    sys.modules["a_library"] = module
    exec(LIBRARY, module.__dict__)
    yield module
    del sys.modules["a_library"]


class Shell:
    def __init__(self, **names: Any) -> None:
        self.user_ns = {"__name__": "__main__", **names}
        self.ast_transformers: list[Any] = []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("lib.patch()", ["a_library.Table.extra", "a_library.Table.show"]),
        ("lib.patch_deep()", []),  # deeper than is looked
        ("lib.Table.nicer()", ["a_library.Table.show"]),
        ("lib.wrapped()", ["a_library.Other.extra"]),
        (
            "from a_library import patch as p\np()",
            ["a_library.Table.extra", "a_library.Table.show"],
        ),
        ("lib.fill()", []),
        ("lib.DEBUG = 3", []),  # is said again
        ("lib.Table.show = 3\nlib.Table.show = 4", []),
        ("lib.DEBUG = False", []),
        ("if True:\n    lib.DEBUG = 3", ["a_library.DEBUG"]),
        ("if True:\n    lib.DEBUG = False", []),
        ("for n in ('a', 'b'):\n    setattr(lib, n, 1)", ["a_library.a", "a_library.b"]),
        ("def f():\n    lib.Table.more = 3\nf()", ["a_library.Table.more"]),
        ("def f():\n    lib.Table.more = 3", []),
        ("class A: pass\nA.x = 3\ndef f():\n    A.y = 3\nf()", []),
        ("del lib.Table.show", ["a_library.Table.show"]),
        ("def f():\n    import a_library\n    a_library.DEBUG = 3\nf()", ["a_library.DEBUG"]),
        ("own()", ["a_library.Table.show"]),
        ("thing.patch()", ["a_library.DEBUG"]),
    ],
)
def test_what_is_set_on_a_library_is_named(body: str, told: list[str], library: Any) -> None:
    space: dict[str, Any] = {"__name__": "__main__", "lib": library}
    source = """\
        def own():
            lib.Table.show = None
        class Thing:
            def patch(self):
                lib.DEBUG = 7
        thing = Thing()
    """
    exec(textwrap.dedent(source), space)
    shell: Any = Shell()
    shell.user_ns = space
    patches = Patches(shell)
    with patches:
        (transformer,) = shell.ast_transformers
        tree = transformer.visit(ast.parse(body))
        exec(compile(tree, "body", "exec"), space)
    problems = list(patches.hazards(Source(body, 3, 1, "s")))
    assert [p.message.split(" sets ")[1].split(", which")[0] for p in problems] == (
        [", ".join(f"`{name}`" for name in told)] if told else []
    )


@pytest.mark.parametrize(
    "body", ["sympy.init_printing()", "from a_library import init_printing\ninit_printing()"]
)
def test_what_is_said_again_below_is_not_named(body: str, library: Any) -> None:
    library.init_printing = library.patch
    space: dict[str, Any] = {"__name__": "__main__", "sympy": library}
    for name, told in (("sympy", 0), ("a_library", 1)):
        library.__name__ = library.patch.__module__ = name
        library.Table.show = library.Table.extra = None
        shell: Any = Shell()
        shell.user_ns = space
        patches = Patches(shell)
        with patches:
            patches.visit(ast.parse(body))
            exec(body, space)
        assert len(list(patches.hazards(Source("", 3, 1, "s")))) == told


def test_it_stands_in_the_record(tmp_path: Path) -> None:
    cells = [
        code("import string\n\ndef shorten():\n    string.hexdigits = '01'"),
        step("a", "shorten()"),
        step("b", "x = string.hexdigits"),
    ]
    path = notebooks.write(notebooks.notebook(*cells), tmp_path / "notebook.ipynb")
    with nbflow.load(path) as flow:
        flow.run(workers=1)
        record = flow.store.latest("cell-2", None, flow.flow.name)
    assert record is not None
    assert [hazard.code for hazard in record.hazards] == ["patched-library"]
    assert "`string.hexdigits`" in record.hazards[0].message
