"""Changes of the code itself: C01, C02, C06 to C10, C14, C22 to C29, C56 and C57."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.laws.cache_cases.case import Case, adds, both, edits, moves, nothing

HELPER = "def helper(v):\n    return v + 1"
STEP = "%%step a\nx = helper(1)"
OTHER = "%%step b\ny = 5"
#: Ways to write a step ``a``, and what is replaced so that it must run again.
_EDITED = {
    "C01 a helper in another cell": ((HELPER, STEP, OTHER), "v + 1", "v + 2"),
    "C01 a helper in the same cell": (
        ("%%step a\ndef h(v):\n    return v + 1\nx = h(1)", OTHER),
        "v + 1",
        "v + 2",
    ),
    "C01 a lambda": (("h = lambda v: v + 1", "%%step a\nx = h(1)", OTHER), "v + 1", "v + 2"),
    "C01 a helper that is passed on": (
        (HELPER, "%%step a\nx = list(map(helper, [1, 2]))", OTHER),
        "v + 1",
        "v + 2",
    ),
    "C01 a generator": (
        (
            "def g(n):\n    for i in range(n):\n        yield i * 1",
            "%%step a\nx = list(g(3))",
            OTHER,
        ),
        "i * 1",
        "i * 2",
    ),
    "C01 a nested function": (
        (
            "def out(v):\n    def inner(w):\n        return w + 1\n    return inner(v)",
            "%%step a\nx = out(1)",
            OTHER,
        ),
        "w + 1",
        "w + 2",
    ),
    "C01 an async helper": (
        ("async def h(v):\n    return v + 1", "%%step a\nx = await h(1)", OTHER),
        "v + 1",
        "v + 2",
    ),
    "C02 a helper of a helper": (
        ("def deep(v):\n    return v * 2", "def helper(v):\n    return deep(v)", STEP, OTHER),
        "v * 2",
        "v * 3",
    ),
    "C02 three helpers down, mutually recursive": (
        (
            "def even(n):\n    return n == 0 or odd(n - 1)",
            "def odd(n):\n    return n != 0 and even(n - 1)",
            "def helper(v):\n    return even(v)",
            STEP,
            OTHER,
        ),
        "n != 0 and",
        "n > 0 and not",
    ),
    "C02 in a dict of functions": (
        (
            "def deep(v):\n    return v * 2",
            "%%step t\ntable = {'f': deep}",
            "%%step a\nx = table['f'](1)",
            OTHER,
        ),
        "v * 2",
        "v * 3",
    ),
    "C07 a docstring": (
        ('def helper(v):\n    """One."""\n    return helper.__doc__', STEP, OTHER),
        "One.",
        "Two.",
    ),
    "C06 a comment that the step reads with the source": (
        (
            "import inspect\ndef helper(v):\n    # one\n    return v",
            "%%step a\nx = inspect.getsource(helper)",
            OTHER,
        ),
        "# one",
        "# two",
    ),
    "C06 a comment that a helper reads": (
        (
            "from inspect import getsourcelines\ndef told(f):\n    return getsourcelines(f)[0]",
            "def helper(v):\n    # one\n    return v",
            "%%step a\nx = told(helper)",
            OTHER,
        ),
        "# one",
        "# two",
    ),
    "C08 a number in the body": (("%%step a\nx = 11 + 19", OTHER), "11 + 19", "5 + 3"),
    "C08 a text in the body": (("%%step a\nx = 'one'", OTHER), "one", "two"),
    "C08 a number within an f-string": (("%%step a\nx = f'{1 + 1}'", OTHER), "1 + 1", "1 + 2"),
    "C08 a default of a comprehension": (
        ("%%step a\nx = [i for i in range(3) if i > 0]", OTHER),
        "i > 0",
        "i > 1",
    ),
    "C09 1 becomes True": (("N = 1", "%%step a\nx = repr(N)", OTHER), "N = 1", "N = True"),
    "C09 1 becomes 1.0": (("N = 1", "%%step a\nx = repr(N)", OTHER), "N = 1", "N = 1.0"),
    "C09 0.0 becomes -0.0": (("N = 0.0", "%%step a\nx = repr(N)", OTHER), "N = 0.0", "N = -0.0"),
    "C09 text becomes bytes": (("N = '1'", "%%step a\nx = repr(N)", OTHER), "'1'", "b'1'"),
    "C09 a tuple becomes a list": (
        ("N = (1, 2)", "%%step a\nx = repr(N)", OTHER),
        "(1, 2)",
        "[1, 2]",
    ),
    "C14 a constant": (("LIMIT = 3", "%%step a\nx = LIMIT", OTHER), "LIMIT = 3", "LIMIT = 4"),
    "C14 a constant of another type": (
        ("LIMIT = 3", "%%step a\nx = LIMIT", OTHER),
        "LIMIT = 3",
        "LIMIT = 'three'",
    ),
    "C14 a constant that a helper reads": (
        ("LIMIT = 3", "def helper(v):\n    return v + LIMIT", STEP, OTHER),
        "LIMIT = 3",
        "LIMIT = 4",
    ),
    "C14 a constant by globals": (
        ("LIMIT = 3", "%%step a\nx = LIMIT + len(globals()) * 0", OTHER),
        "LIMIT = 3",
        "LIMIT = 4",
    ),
}
#: Edits after which nothing runs again.
_COSMETIC = {
    "C06 a comment": edits("x = helper", "# why\nx = helper"),
    "C06 a comment at the end of a line": edits("helper(1)", "helper(1)  # one"),
    "C06 blank lines": edits("x = helper", "\n\nx = helper"),
    "C06 brackets and blanks": edits("x = helper(1)", "x = (helper( 1 ))"),
    "C06 lines broken": edits("x = helper(1)", "x = helper(\n    1,\n)"),
    "C06 a comment in the helper": edits("    return v + 1", "    # one\n    return v + 1"),
    "C06 other quotes": edits("'q'", '"q"'),
    "C06 a moved cell": moves(0, 1),
    "C06 another cell above": adds("import math", 0),
    "C06 text above": adds("# just a remark", 0),
    "C06 an unrelated helper": adds("def unrelated():\n    return 7", 1),
    "C06 an unrelated constant": adds("UNRELATED = 7", 1),
    "C56 another name of the step": edits("%%step a", "%%step renamed"),
    "C58 nothing at all": nothing,
}


def edited(
    rows: Mapping[str, tuple[Sequence[str], str, str]], more: Mapping[str, str] | None = None
) -> list[Case]:
    """Rows of cells in which a text is replaced by another; ``a`` runs again, if not more."""
    found = []
    for words, (cells, old, new) in rows.items():
        row, title = words.split(" ", 1)
        reruns = (more or {}).get(words, "a")
        everyday = words in ("C01 a helper in another cell", "C24 a method")
        found.append(Case(row, title, cells, edits(old, new), reruns, everyday=everyday))
    return found


def _cosmetic() -> list[Case]:
    cells = (OTHER, HELPER, "%%step a\nx = helper(1), 'q'")
    found = []
    for words, change in _COSMETIC.items():
        row, title = words.split(" ", 1)
        used = [cell.replace("x = helper(1), 'q'", "x = helper(1)") for cell in cells]
        if "quotes" in title:
            used = list(cells)
        found.append(Case(row, title, used, change, everyday=title == "a comment"))
    return found


CASES = (
    *edited(_EDITED, {"C02 in a dict of functions": "t a"}),
    *_cosmetic(),
    Case(
        "C22",
        "a decorator of another parameter",
        ("@staticmethod\ndef helper(v):\n    return v + 1", STEP, OTHER),
        edits("@staticmethod\n", ""),
        "a",
    ),
    Case(
        "C24",
        "a class whose object another step has made",
        (
            "class K:\n    def m(self):\n        return 1",
            "%%step k\nk = K()",
            "%%step a\nx = k.m()",
            OTHER,
        ),
        edits("return 1", "return 2"),
        "k a",
    ),
    Case(
        "C25",
        "isinstance against a class of the same source",
        (
            "class K:\n    pass",
            "%%step k\nk = K()",
            "%%step a\nx = isinstance(k, K)",
            OTHER,
        ),
        edits("x = isinstance", "# asked\nx = isinstance"),
    ),
    Case(
        "C25",
        "isinstance against a class whose source was edited",
        (
            "class K:\n    pass",
            "%%step k\nk = K()",
            "%%step a\nx = isinstance(k, K)",
            OTHER,
        ),
        edits("pass", "n = 1"),
        "k a",
    ),
    Case(
        "C26",
        "another function in a dict",
        (
            "def f(v):\n    return v + 1",
            "def g(v):\n    return v + 2",
            "%%step t\ntable = {'f': f}",
            "%%step a\nx = table['f'](1)",
            OTHER,
        ),
        edits("{'f': f}", "{'f': g}"),
        "t a",
    ),
    Case(
        "C26",
        "a helper by globals",
        (HELPER, "%%step a\nx = globals()['helper'](1)", OTHER),
        edits("v + 1", "v + 2"),
        "a",
    ),
    Case(
        "C26",
        "a helper by eval",
        (HELPER, "%%step a\nx = eval('helper(1)')", OTHER),
        edits("v + 1", "v + 2"),
        "a",
    ),
    Case(
        "C28",
        "a name that is defined later",
        ("%%step a\ntry:\n    x = NOT_YET\nexcept NameError:\n    x = 0", OTHER),
        adds("NOT_YET = 3", 0),
        "a",
    ),
    Case(
        "C29",
        "a name that shadows a builtin",
        ("%%step a\nx = sum([1, 2])", OTHER),
        adds("def sum(values):\n    return 'mine'", 0),
        "a",
    ),
    Case(
        "C29",
        "a builtin that a helper uses is shadowed",
        ("def helper(v):\n    return len([v])", STEP, OTHER),
        adds("def len(values):\n    return 'mine'", 0),
        "a",
    ),
    Case(
        "C56",
        "another name of the output",
        ("%%step a\nx = 1", "%%step b\ny = x + 1", "%%step c\nz = 3"),
        both(edits("x = 1", "w = 1"), edits("y = x", "y = w")),
        "a b",
    ),
    Case(
        "C57",
        "the command of a shell line",
        ("%%step a\nx = !echo one", OTHER),
        edits("echo one", "echo two"),
        "a",
    ),
    Case(
        "C57",
        "the argument of a magic",
        ("%%step a\nget_ipython().run_line_magic('precision', '3')\nx = 1.23456\nx", OTHER),
        edits("'3'", "'2'"),
        # What is displayed by any step below may look otherwise.
        "a b",
    ),
)
