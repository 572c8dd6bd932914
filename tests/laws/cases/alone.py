"""Objects of libraries that are equal to themselves only: each is found where it was put."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

CASES = (
    case(
        "an object that says that something is missing",
        "MISSING = object()",
        "def get(d, key):\n    v = d.get(key, MISSING)\n    return 'none' if v is MISSING else v",
        "d = {'a': MISSING, 'b': 1}",
        "x = [get(d, key) for key in 'abc']",
        "y = d['a'] is MISSING",
    ),
    case(
        "bare objects as keys and members",
        "o = object()\nd = {o: 1}\ns = {o}\nl = [o]",
        "x = d[o], o in s, l.index(o)",
        "more = {**d, object(): 2}",
        "y = len(more), more[o], sorted(more.values())",
    ),
    case(
        "axes as keys",
        code("import matplotlib.pyplot as plt"),
        "fig, axs = plt.subplots(1, 2); plt.close(fig)\nnames = {axs[0]: 'left', axs[1]: 'right'}",
        "x = [names[ax] for ax in axs]",
    ),
    case(
        "models as keys",
        code("from sklearn.linear_model import LinearRegression"),
        "model = LinearRegression()",
        "names = {model: 'linear'}\nsome = {model}",
        "x = names[model], model in some",
    ),
    case(
        "a method of a list",
        "items = [1]\nadd = items.append",
        "add(2)",
        "x = str(items)",
        "items.append(3)\nadd(4)",
        "y = str(items)",
    ),
    case(
        "a view of bytes",
        "data = bytearray(b'abc')\nview = memoryview(data)",
        "view[0] = 120",
        "x = bytes(data)",
        "data[1] = 121",
        "y = bytes(view)",
    ),
)
