"""Values of many kinds, handed from one step to another."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

CASES = (
    case(
        "an unknown function of sympy, whose type names no module",
        code("import sympy as sym"),
        """
            t, k = sym.symbols('t k')
            f = sym.Function('f')
            y = sym.Function('y')(t)
            """,
        "equation = sym.Eq(y.diff(t), -k * y)",
        "sym.dsolve(equation)",
        "x = [f(t) == sym.Function('f')(t), equation.has(y), str(y), type(y) == sym.Function('y')]",
    ),
    case(
        "an array that is resized where it is",
        code("import numpy as np"),
        "a = np.arange(6)",
        "a.resize((2, 4))",
        "a.resize(3)\nb = a.sum()",
        "x = a, b",
    ),
    case(
        "whose memory an array shows",
        code("import numpy as np"),
        "a = np.arange(6)\nb = a.reshape(2, 3)\nc = a[::2]\nd = np.ones((2, 3), order='F')",
        "print(a.flags, a.base)",
        "print(b.flags.owndata, b.base, d.flags)",
        "print(c.base is a, c.flags.owndata)",
    ),
    case(
        "scalars to the last bit",
        "values = [0.1 + 0.2, -0.0, 1e308 * 10, float('nan'), 2**200, 1 - 2j, True, None, ...]",
        "x = values",
    ),
    case(
        "bytes, ranges, slices",
        "values = b'a', bytearray(b'b'), range(3), slice(1, 2)",
        "x = values",
    ),
    case(
        "nested containers and keys of all kinds",
        "tree = {('a', 1): [{'b': (1, [2])}], None: {1, 2}, 1.5: frozenset('xy')}",
        "x = tree[('a', 1)][0]['b'][1]",
    ),
    case("a list within itself", "loop = [1]\nloop.append(loop)", "x = loop[1][1][0]"),
    case(
        "the same object twice in a container",
        """
            a = []
            pair = [a, a]
            del a
            """,
        "x = pair[0] is pair[1]",
    ),
    case("text beyond the plane", "text = 'é ∑ 😀 \\u200b'", "x = text.encode()"),
    case(
        "the standard library's values",
        code(
            """
                import datetime, decimal, fractions, pathlib, re, uuid
                from collections import OrderedDict, defaultdict
                """
        ),
        """
            day = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
            exact = decimal.Decimal('0.1'), fractions.Fraction(1, 3)
            path = pathlib.Path('a') / 'b'
            pattern = re.compile('a+', re.I)
            id_ = uuid.UUID(int=5)
            groups = defaultdict(list, a=[1])
            ordered = OrderedDict(b=1, a=2)
            """,
        "groups['b'].append(2)",
        "x = day.isoformat(), pattern.findall('AAb'), dict(groups), list(ordered)",
    ),
    case(
        "arrays of many types",
        code("import numpy as np"),
        """
            arrays = [np.arange(3), np.array([[1.5, np.nan]]), np.array(['a', 'bc']),
                np.array([1, 'x', None], dtype=object), np.array(5), np.zeros((0, 2)),
                np.array(['2026-01-01'], dtype='datetime64[D]'), np.ones(2, dtype='>i4'),
                np.array([(1, 2.0)], dtype=[('a', int), ('b', float)]), np.float32(1.5)]
            """,
        "x = [a.shape for a in arrays]",
    ),
    case(
        "arrays keep their order in memory",
        code("import numpy as np"),
        "grid = np.asfortranarray(np.arange(6).reshape(2, 3))\nview = grid[:, ::2].copy()",
        "x = grid.flags.f_contiguous, view.sum()",
    ),
    case(
        "a table with types and an index",
        code("import pandas as pd"),
        """
            kind = pd.Categorical(['a', 'b', 'a'])
            n = pd.array([1, None, 3], dtype='Int64')
            table = pd.DataFrame({'kind': kind, 'n': n, 'text': ['x', None, 'y']},
                index=pd.date_range('2026-01-01', periods=3, name='day'))
            """,
        "x = table.groupby('kind', observed=True)['n'].sum()",
    ),
    case(
        "a table with two levels",
        code("import pandas as pd"),
        """
            levels = pd.MultiIndex.from_product([['a', 'b'], [1, 2]])
            table = pd.DataFrame({'v': range(4)}, index=levels)
            """,
        "x = table.loc['b'], table.unstack()",
    ),
    case(
        "a polars table",
        code("import polars as pl"),
        "table = pl.DataFrame({'a': [1, 2, 2], 'b': ['x', None, 'z']})",
        "x = table.group_by('a', maintain_order=True).len()",
        "y = x['len'].sum()",
    ),
    case(
        "a fitted model",
        code("import numpy as np\nfrom sklearn.linear_model import LinearRegression"),
        "xs = np.arange(5.0).reshape(-1, 1)\nmodel = LinearRegression().fit(xs, xs[:, 0] * 2)",
        "x = model.predict([[10.0]]).round(6)",
    ),
    case(
        "seeded generators",
        code("""
            import random

            import numpy as np
            """),
        "rng = np.random.default_rng(7)\ndice = random.Random(7)",
        "a = rng.random(3).copy()\nb = [dice.randint(1, 6) for _ in range(5)]",
    ),
    case(
        "arrays lie in memory as they did: sums and products are the same to the last bit",
        code("import numpy as np\nimport pandas as pd"),
        "rng = np.random.RandomState(13)\nX = rng.randn(400, 30)[:, ::-1]\nY = rng.randn(7, 8, 9)",
        "parts = {'back': X[::-3], 'column': X[:, 4], 'moved': np.moveaxis(Y, 0, -1)}",
        "frame = pd.DataFrame(X[::2])",
        "X.T @ X",
        "text = repr([(p.sum(), p.mean(), p.std(), p.dot(p.T).sum()) for p in parts.values()\n"
        "             if p.ndim < 3])",
        "moved = repr((parts['moved'].sum(), parts['moved'].std(0)[0, 0], parts['moved'].strides))",
        "strides = X.strides, parts['back'].strides, X.flags.c_contiguous",
        "numbers = repr((frame.values.sum(), frame.cov().values.sum()))",
    ),
    case(
        "sets of numbers keep their order",
        "seen = set()\nfor n in (521, 14, 9, 137, 8, 1000, 64, 265):\n    seen.add(n)",
        "few = {8, 0}\nmany = {n * n % 10_007 for n in range(300)}",
        "fewer = {*many}\nfewer.discard(0)",
        "print(seen, few)\nx = [*seen], [*few], [*fewer]",
        "seen.add(72)",
        "print(seen)\nx = [*seen], [*many], [*frozenset(many)]",
    ),
    case(
        "what a frame counts as its memory when gaps were dropped",
        code("import pandas as pd"),
        "df = pd.DataFrame({'a': [f'x{i % 7}' for i in range(99)], 'b': [None, *range(98)]})\n"
        "df['c'] = df['a'].astype('category')",
        "df = df.dropna().reset_index(drop=True)\n"
        "df = df.merge(pd.DataFrame({'a': ['x1', 'x2'], 'd': ['u', 'v']}), on='a', how='left')",
        "df.info()",
        "x = df.memory_usage().tolist(), df['c'].cat.categories.nbytes",
    ),
    case(
        "a class of a module that its library loads for those who ask",
        code("import pandas as pd"),
        "records = pd.DataFrame({'a': [1, 2], 'b': [3.5, 4.5]}).to_records(index=False)",
        "x = records[['a']].tolist(), records.b.tolist(), type(records).__name__",
    ),
    case(
        "the memory that a frame's texts take, none of them missing any more",
        """
        import pandas as pd
        table = pd.DataFrame({"name": ["a", None, "cc"] * 10, "n": range(30)})
        """,
        "full = table.dropna()\nboth = pd.concat([full, full.head(7)])",
        "full.info()\nprint(both.memory_usage(deep=True))",
        "full['upper'] = full['name'].str.upper()",
        "full.info(memory_usage='deep')",
    ),
    case(
        "lists, dicts and sets that have ways of their own to take something in",
        code(
            """
                class Twice(list):
                    def append(self, item):
                        super().append(2 * item)

                class Once(dict):
                    def __setitem__(self, key, value):
                        if key in self:
                            raise KeyError(key)
                        super().__setitem__(key, [value])

                class Named(set):
                    def __init__(self, name, items=()):
                        super().__init__(items)
                        self.name = name
                """
        ),
        "a = Twice()\na.append(1)\nb = Once()\nb['x'] = 1\nc = Named('c', [1, 2])\nd = [a, b['x']]",
        "print(a, b, c, c.name, d[0] is a, d[1] is b['x'])",
        "a.append(2)\nb['y'] = 2\nc.add(3)",
        "print(a, b, c, c.name, d)",
    ),
    case(
        "numbers, texts and tuples that are made otherwise than they are",
        code(
            """
                from collections import Counter, namedtuple
                from datetime import date
                from decimal import Decimal
                from random import Random

                class Celsius(float):
                    def __new__(cls, value, unit="C"):
                        made = super().__new__(cls, value + 1)
                        made.unit = unit
                        return made

                class Point(namedtuple("Point", "x y")):
                    def __new__(cls, x, y=0):
                        return super().__new__(cls, 2 * x, y)

                class Word(str):
                    def __new__(cls, text):
                        return super().__new__(cls, text + "!")

                class Money(Decimal):
                    def __str__(self):
                        return f"{Decimal.__str__(self)} EUR"

                class Day(date):
                    pass

                class Dice(Random):
                    pass

                class Pmf(Counter):
                    pass
                """
        ),
        "a = Celsius(20)\nb = Point(1)\nc = Word('hi')\nd = Money('1.5')\nd.of = 'me'",
        "e = Day(2026, 1, 2)\ne.note = 'n'\nf = Dice(1)\nf.thrown = f.random()\n"
        "g = Pmf('aab')\ng.name = 'g'",
        "print(a, a.unit, b, c, d, d.of, e, e.note, f.thrown, f.random(), g, g.name)",
    ),
)
