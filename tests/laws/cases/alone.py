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
        "a mark that is a default beside it",
        "MISSING = object()\ndef get(value=MISSING):\n    return value is MISSING",
        "x = get(), get(MISSING), get(3)",
    ),
    case(
        "bare objects as keys and members",
        "o = object()\nd = {o: 1}\ns = {o}\nl = [o]",
        "x = d[o], o in s, l.index(o)",
        "more = {**d, object(): 2}",
        "y = len(more), more[o], sorted(more.values())",
    ),
    case(
        "a NaN is found where it was put",
        code("import math\nfrom collections import Counter\nimport numpy as np"),
        "xs = [np.nan, 1.0]\nnames = {np.nan: 'a', math.nan: 'b'}\nc = Counter([np.nan] * 2)",
        "c.update([np.nan])",
        "x = np.nan in xs, names[np.nan], names[math.nan], c[np.nan], len(c), xs[0] is np.nan",
    ),
    case(
        "NaNs that are one stay one, and others others",
        "n = float('nan')\nl = [n, n, float('nan')]",
        "x = l[0] is l[1], l[1] is l[2], l.count(l[0]), l.index(l[2])",
    ),
    case(
        "a NaN in a column of objects",
        code("import numpy as np\nimport pandas as pd"),
        "s = pd.Series(['a', np.nan, 3], dtype=object)",
        "x = s.map(lambda v: v is np.nan).tolist(), np.nan in list(s.unique())",
    ),
    case(
        "an object of a library that holds the very object of another name",
        code("from sympy.physics.vector import ReferenceFrame"),
        "N = ReferenceFrame('N')",
        "v = N.x + N.y",
        "x = int(v.dot(N.x))",
    ),
    case(
        "an object of a library that parts of another name lead to",
        code("from sympy.physics.mechanics import ReferenceFrame, inertia"),
        "N = ReferenceFrame('N')",
        "dyadic = inertia(N, 1, 2, 3)",
        "x = str(dyadic.to_matrix(N))",
    ),
    case(
        "symbols of one name that are none",
        code("from sympy import Dummy"),
        "t = Dummy('t')\nf = t**2",
        "t = Dummy('t')\ng = f * t",
        "x = str(g), Dummy('t') == t",
    ),
    case(
        "a dict finds what has an equality of its own by what it is",
        code(
            """
            class Variable:
                __slots__ = ("value",)

                def __init__(self, value):
                    self.value = value

                def __eq__(self, other):
                    return self is other

                def __hash__(self):
                    return id(self)
            """
        ),
        "v = Variable(1)",
        "weights = {v: 2}",
        "x = weights.get(v)",
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
    case(
        "an object that is changed twice, and read through one that holds it",
        "class Node:\n    pass",
        "outer, inner = Node(), Node()\nouter.inner, inner.outer, inner.seen = inner, outer, []",
        "inner.seen.append(1)\nx = len(outer.inner.seen)",
        "inner.seen.append(2)\ny = len(outer.inner.seen), outer.inner is inner",
        "z = str(outer.inner.seen), inner.outer is outer",
    ),
    case(
        "a figure that is shown each time its axes are drawn on",
        code("import matplotlib.pyplot as plt"),
        "fig, ax = plt.subplots()\nax.plot([1, 2])",
        "ax.plot([2, 3])\nfig",
        "ax.plot([3, 4])\nfig",
        "x = len(fig.axes[0].lines), ax.figure is fig",
    ),
    case(
        "a colorbar follows its image, and a function what it is connected to",
        code(
            "import matplotlib.pyplot as plt\nimport numpy as np\n"
            "def told(axes):\n    print('limits', axes.get_xlim()[1] > 8)"
        ),
        "fig, ax = plt.subplots()\nimage = ax.imshow(np.eye(2))\nbar = fig.colorbar(image)\n"
        "ax.callbacks.connect('xlim_changed', told)\nplt.close(fig)",
        "image.set_clim(0, 5)",
        "print(float(bar.vmax))\nfig",
        "ax.images[0].set_cmap('magma')\nax.set_xlim(0, 9)\nfig",
        "del fig, ax, image, bar",
    ),
    case(
        "frames of two cells stand in the order in which they were made",
        code("from sympy.physics.vector import ReferenceFrame"),
        "a = ReferenceFrame('A')",
        "b = ReferenceFrame('B')",
        "print(b.x + a.x)",
    ),
    case(
        "what another name shares with one that is changed is the same for those below",
        "a = [1]\nb = {'held': a}",
        "b['held'].append(2)",
        "a.append(3)\nprint(b)",
        "print(b['held'] is a)",
    ),
    case(
        "an exception, and what it comes of",
        """
        class AppError(Exception):
            def __init__(self, code, text):
                super().__init__(text)
                self.code = code

        try:
            raise AppError(3, 'bad')
        except AppError as error:
            last = error
        """,
        "try:\n    raise ValueError('x') from last\nexcept ValueError as error:\n    kept = error",
        "last.code = 4",
        "print(kept.__cause__ is last, kept.__cause__.code, repr(kept), kept.__suppress_context__)",
    ),
    case(
        "a parser of arguments that cells add to",
        "import argparse\nparser = argparse.ArgumentParser(prog='x')\nparser.add_argument('--n')",
        "parser.add_argument('--hidden', help=argparse.SUPPRESS)",
        "args = parser.parse_args(['--n', '5'])\nparser.print_help()",
        "print(args)",
    ),
    case(
        "symbols that sympy binds itself",
        code("import sympy as sym"),
        "sym.var('P V n')\nn = 2\ny = str(P * V * n)",
        "x = str((P + V).subs(P, n))",
    ),
    case(
        "sums and powers that sympy shall not simplify",
        code("from sympy import Add, Mul, Pow, symbols"),
        "x, y = symbols('x y')\na = Add(x, x, evaluate=False)",
        "b = Pow(Mul(2, a, evaluate=False), 2, evaluate=False)",
        "print(a, b, a.doit(), b.subs(x, y), a == 2 * x)",
    ),
)
