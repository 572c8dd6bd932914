"""The last displayed value, which IPython keeps as ``_``."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

CASES = (
    case("the last displayed value", "40 + 2", "x = _ + 1", "_ * 2", "y = _, x"),
    case(
        "a value that is None, or hidden, is not the last displayed",
        "[1, 2]",
        "None",
        "3;",
        "print('told')",
        "x = list(_)",
        "_.append(3)",
        "y = _",
    ),
    case("the last displayed value of a magic", "%time 6 * 7", "x = _"),
    case(
        "a magic that gives no value displays none",
        code("%matplotlib inline"),
        "6 * 7",
        "%config InlineBackend.figure_format = 'png'",
        "x = _",
    ),
    case("the last displayed value is the same again", "'a'", "_", "''", "x = _"),
    case("a loop over the name", "5", "for _ in range(3):\n    pass", "7", "x = _"),
    case(
        "a function of that name",
        "from operator import neg as _",
        "5",
        "x = _(3)",
    ),
    case(
        "a function that reads the last displayed value", "def f():\n    return _", "8", "x = f()"
    ),
)
