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
    case(
        "a display is updated by a cell below",
        "from IPython.display import HTML\nh = display('x', display_id=True)\nprint('told')",
        "h.update(HTML('<b>y</b>'))",
        "h.display('w')",
        "h.update('z')\nh.update('zz')",
        "x = 1\ndel h",
    ),
    case(
        "a display is updated by its id",
        "from IPython.display import clear_output, update_display\n"
        "display('a', display_id='here')\ndisplay('b', display_id='here')",
        "update_display('c', display_id='here')\ndisplay('d', display_id='other')",
        "display('e', display_id='here')\nclear_output()\ndisplay('f', display_id='other')",
        "update_display('g', display_id='here')\nupdate_display('h', display_id='nowhere')",
    ),
    case(
        "help on functions that are looked on at",
        "import os, random",
        "help(random)\nhelp(random.seed)",
        "help(os.stat)\nhelp(os.access)",
        "random.seed, random.getstate",
    ),
)
