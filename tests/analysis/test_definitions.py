"""Which statements of a cell are definitions, and what they need."""

from __future__ import annotations

import sys

import pytest

from nbflow.analysis import analyse

KINDS = [
    ("import a.b, c as d", [("a d", "import")]),
    ("from a import b\nimport c", [("b", "import"), ("c", "import")]),
    ("from a import *", [("", "import")]),
    ("def f(): ...", [("f", "function")]),
    ("async def f(): ...", [("f", "function")]),
    ("f = lambda x: x", [("f", "function")]),
    ("@d\nclass A: ...", [("A", "class")]),
    ("P = namedtuple('P', 'x y')", [("P", "class")]),
    ("P = typing.NamedTuple('P', [('x', int)])", [("P", "class")]),
    ("C = Enum('C', 'a b')", [("C", "class")]),
    ("T = TypeVar('T')\nU = NewType('U', T)", [("T", "class"), ("U", "class")]),
    ("V: TypeAlias = list[int]", [("V", "class")]),
    ("x = 5", [("x", "constant")]),
    ("x: int = -5", [("x", "constant")]),
    ("x = y = 1_000", [("x y", "constant")]),
    ("x, y = 1, 'a'", [("x y", "constant")]),
    ("x = {'a': [1, (2.0, None)], 'b': {True, b'c'}}", [("x", "constant")]),
    ("x = 60 * 60 + 2 ** 10 - (1 << 4)", [("x", "constant")]),
    ("x = '-' * 80", [("x", "constant")]),
    ("x = [0] * 10", [("x", "constant")]),
    ("x = 10 ** 10 ** 10", []),
    ("x = 10 ** 100_000", []),
    ("x = 1 << 100_000", []),
    ("x = [0] * 10 ** 9", []),
    ("x = 'a' * 10_000_000", []),
    ("x = [a]", []),
    ("x = {**a}", []),
    ("x = f'{a}'", []),
    ("x = f()", []),
    ("x[0] = 5", []),
    ("x: int", []),
    ("for f in a:\n    def g(): ...", []),
    ("try:\n    import a\nexcept ImportError:\n    a = None", [("a", "import")]),
    ("try:\n    import a\nexcept ImportError:\n    print('no a')\n    raise", [("a", "import")]),
    ("try:\n    import a\nexcept ImportError:\n    a = f()", []),
    (
        "try:\n    import a\nexcept ImportError:\n    !pip install a\n    import a",
        [("a", "import")],
    ),
    ("if c:\n    def f(): ...\nelse:\n    def f(x): ...", [("f", "function")]),
    ("if c:\n    x = 1\nelse:\n    x = 2", [("x", "constant")]),
    ("if c:\n    pass", []),
    ("if c:\n    x = 1\n    d()", []),
    # data, not definitions
    ("x = 5\nx = f()", []),
    ("x = 5\nx += 1", []),
    ("x = 5\nfor x in a: pass", []),
    ("x = []\nx.append(1)", []),
    ("x = {}\nx['a'] = 1", []),
    ("x = []\ny = x\ny.append(1)", []),
    ("x = []\ndef f(): x.append(1)", [("x", "constant"), ("f", "function")]),
    ("x = []\ndef f(): x.append(1)\nf()", [("f", "function")]),
    ("x = 0\ndef f():\n    global x\n    x += 1", [("f", "function")]),
    ("def f(): ...\nf = g(f)", []),
    ("def f(): ...\nf.a = 1", []),
    ("x = 5\ndel x", []),
    ("x, y = 1, 2\ny = f()\nz = 3", [("z", "constant")]),
    ("from a import b, c\nb = 1\nb += 1", [("c", "import")]),
    ("import a\na.b = 1", [("a", "import")]),
    ("def f(): ...\ndef f(x): ...", [("f", "function"), ("f", "function")]),
]


@pytest.mark.parametrize(("body", "expected"), KINDS)
def test_definitions_are_told_from_data(body: str, expected: list[tuple[str, str]]) -> None:
    found = [(" ".join(d.names), d.kind) for d in analyse(body).definitions]
    assert found == expected


NEEDS = [
    ("def f(x=a, *, y=b): return c + d(x)", "a b", "c d"),
    ("@d\ndef f(): return f", "d", "f"),
    ("from __future__ import annotations", "", ""),
    ("class A(B):\n    x = a\n    def f(self, y=x): return self.x + c", "B a", "c"),
    ("f = lambda x, y=a: x + b", "a", "b"),
    ("P = NamedTuple('P', [('x', T)])", "NamedTuple T", ""),
    ("if a:\n    import b\nelse:\n    b = None", "a", ""),
    ("def f():\n    def g(): return a\n    return [x for x in g()]", "", "a"),
    ("def f():\n    global n\n    n += 1\n    log.append(n)", "", "n log"),
]


@pytest.mark.parametrize(("body", "needs", "calls"), NEEDS)
def test_needs_are_read_at_once_and_calls_later(body: str, needs: str, calls: str) -> None:
    (definition,) = analyse(body).definitions
    assert definition.needs == frozenset(needs.split())
    assert definition.calls == frozenset(calls.split())


def test_annotations_are_not_needed_under_future_annotations() -> None:
    body = "from __future__ import annotations\ndef f(x: T) -> U: ...\nclass A:\n    y: V"
    assert [definition.needs for definition in analyse(body).definitions] == [frozenset()] * 3


def test_annotations_are_needed_when_python_evaluates_them() -> None:
    for definition in analyse("def f(x: T) -> T: ...\nclass A:\n    y: T\nx: T = 5").definitions:
        is_late = sys.version_info >= (3, 14)
        assert ("T" in definition.needs, "T" in definition.calls) == (not is_late, is_late)


def test_a_function_tells_what_it_writes_and_changes() -> None:
    body = "def f():\n    global n\n    n = 1\n    log.append(n)\n    def g(): seen[n] = 1"
    (definition,) = analyse(body).definitions
    assert definition.writes == {"n"}
    assert definition.changes == {"log", "seen"}


@pytest.mark.parametrize(
    ("body", "modules"),
    [
        ("import a.b, c as d", ("a.b", "c")),
        ("from a.b import c", ("a.b",)),
        ("from . import c", (".",)),
        ("from ..a import c", ("..a",)),
        ("from a import *", ("a",)),
        ("try:\n    import a\nexcept ImportError:\n    import b as a", ("a", "b")),
        ("def f():\n    import a", ()),
    ],
)
def test_imports_name_their_modules(body: str, modules: tuple[str, ...]) -> None:
    (definition,) = analyse(body).definitions
    assert definition.modules == modules


def test_star_imports_are_listed() -> None:
    facts = analyse("from a.b import *\nfrom .c import *")
    assert facts.star_imports == ("a.b", ".c")
    assert facts.only_definitions


@pytest.mark.parametrize(
    ("body", "source", "line"),
    [
        (
            "# note\n\n@d\n@e(\n  1)\ndef f():\n    # why\n    return 1  # one\n\nx = g()",
            "@d\n@e(\n  1)\ndef f():\n    # why\n    return 1",
            3,
        ),
        ("y = g(); import a; z = h()", "import a", 1),
        ("if a:\n    x = 1\nelse:\n    x = 2  # two", "if a:\n    x = 1\nelse:\n    x = 2", 1),
        ("'ü'; x = 'é'; f()", "x = 'é'", 1),
        ("%time import a", "import a", 1),
        ("\n%%time\n\nimport a", "import a", 4),
    ],
)
def test_the_source_is_the_users_own_lines(body: str, source: str, line: int) -> None:
    (definition,) = analyse(body).definitions
    assert (definition.source, definition.line) == (source, line)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", True),
        ("# nothing", True),
        ("import a\n\ndef f(): ...\n\nX = 5", True),
        ("'''About.'''\nimport a", True),
        ("import a\n'shown'", False),
        ("import a\nx: int\npass", True),
        ("import a\nf()", False),
        ("import a\nx = f()", False),
        ("X = []\nX.append(1)", False),
        ("%matplotlib inline\nimport a", False),
        ("%%time\nimport a", False),
        ("x y", False),
    ],
)
def test_a_cell_of_definitions_only_is_known(body: str, expected: bool) -> None:
    assert analyse(body).only_definitions is expected


def test_literals_are_found_with_their_annotations() -> None:
    body = (
        "a = 5\nb: int = -1\nc: Literal['x', 'y'] = 'x'\nd = f()\ne, g = 1, 2\nh: int\ni = j = [1]"
    )
    assert dict(analyse(body).literals) == {
        "a": (None, "5"),
        "b": ("int", "-1"),
        "c": ("Literal['x', 'y']", "'x'"),
        "i": (None, "[1]"),
        "j": (None, "[1]"),
    }
