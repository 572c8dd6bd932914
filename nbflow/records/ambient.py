"""Ambient states: what belongs to the whole process, and flows from step to step like a name.

They are called what their users call them; the dot keeps them apart from every variable's name.
"""

from __future__ import annotations

#: Global random generators: to draw is to read the state, and to leave it moved on.
GENERATORS = ("random.state", "numpy.random", "torch.random", "faker.random")

#: Numbers by which libraries tell apart what they make: to make something is to read the number,
#: and to leave the next one.
COUNTERS = ("sympy.frames", "cvxpy.count", "bokeh.count", "control.count", "param.count")

#: States that count for those tasks only that were seen to move them on.
DRAWN = frozenset({*GENERATORS, *COUNTERS})

#: Settings of libraries; the first word is the library's name.
OF_LIBRARIES = (
    *("numpy.printoptions", "numpy.errstate", "scipy.special"),
    *("pandas.options", "matplotlib.rcParams", "sklearn.config", "sympy.assumptions"),
)

#: Settings: whoever changes one leaves it to all steps below.
SETTINGS = (
    *("os.environ", "os.cwd", "sys.path", "sys.argv"),
    *("warnings.filters", "locale.setlocale", "logging.root", "decimal.context"),
    *OF_LIBRARIES,
    "IPython.display",
)

#: Settings whose use is seen while a task runs; the others may be used by every task.
WATCHED = frozenset({"matplotlib.rcParams", "pandas.options", "numpy.printoptions"})

_STATES = DRAWN.union(SETTINGS)


def is_ambient(name: str) -> bool:
    """Whether a name is that of an ambient state, not of a variable."""
    return name in _STATES
