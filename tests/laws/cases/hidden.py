"""Changes in place that the source does not show: found by comparing, learnt, handed on."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

BOX = code(
    """
        class Box:
            def __init__(self):
                self.items = []

            def keep(self, x):
                self.items.append(x)
        """
)

CASES = (
    case(
        "a method of one's own class",
        BOX,
        "box = Box()",
        "before = len(box.items)",
        "box.keep(1)",
        "after = len(box.items)",
        "box.keep(2)\nbox.keep(3)",
        "last = box.items",
    ),
    case(
        "an argument of a function",
        code("def touch(d):\n    d['seen'] = True"),
        "d = {'a': 1}",
        "touch(d)",
        "x = dict(d)",
    ),
    case(
        "a constant of an ordinary cell",
        code("known = {'a': 1}\ndef learn(d, k):\n    d[k] = len(d)"),
        "learn(known, 'b')",
        "x = sorted(known)",
        "learn(known, 'c')",
        "y = sorted(known)",
    ),
    case(
        "through a loop over what a dict holds",
        "groups = {'a': [1], 'b': [2]}",
        "for group in map(lambda g: g, groups.values()):\n    list.append(group, 0)",
        "x = groups",
    ),
    case(
        "a library call that writes into its argument",
        code("import numpy as np"),
        "a = np.arange(4)",
        "np.add(a, 1, out=a)",
        "x = a.sum()",
        "np.random.default_rng(0).shuffle(a)",
        "y = a.tolist()",
    ),
    case(
        "one row of very many",
        code("def mark(rows, number):\n    rows[number]['seen'] = True"),
        "rows = [{'number': n, 'name': str(n)} for n in range(9_000)]",
        "mark(rows, 4_000)",
        "x = [row['number'] for row in rows if 'seen' in row]",
        "import random\n\nrandom.Random(0).shuffle(rows)",
        "y = [row['number'] for row in rows[:5]]",
    ),
    case(
        "a cell of a large frame",
        code("import pandas as pd\n\ndef clean(frame):\n    frame.loc[7, 'name'] = None"),
        "frame = pd.DataFrame({'name': [str(n) for n in range(20_000)], 'part': [[]] * 20_000})",
        "clean(frame)",
        "x = int(frame.name.isna().sum())",
        "list.append(frame.part[0], 1)",
        "y = frame.part[19_999]",
    ),
    case(
        "a name bound through globals()",
        "x = 1",
        "globals()['x'] = 2",
        "y = x",
    ),
    case(
        "names that only exec binds",
        "exec('x' + ' = 1; y = [2]')",
        "z = x + 1",
        "y.append(x)",
        "exec('y' + '.append(3); x = 5')",
        "w = x, y",
    ),
    case(
        "names that are asked of the notebook's own module",
        code("import sys\nimport timeit\n\nimport __main__\n\ndef double(x):\n    return 2 * x"),
        "numbers = [1, 2]",
        "t = timeit.Timer('numbers.append(double(3))', 'from __main__ import numbers, double')\n"
        "timed = t.timeit(1) > 0",
        "__main__.numbers.append(4)\n__main__.other = __name__",
        "x = [*sys.modules['__main__'].numbers], other",
        "from __main__ import numbers as same\nsame.append(5)",
        "y = [*numbers]",
    ),
    case(
        "tests that are looked for in the notebook",
        code("import unittest\n\ndef add(a, b):\n    return a + b"),
        code(
            """
                class Base(unittest.TestCase):
                    def test_small(self):
                        self.assertEqual(add(1, 2), SUM)
                """
        ),
        code("class More(Base):\n    def test_nothing(self):\n        pass"),
        "SUM = int('3')",
        "run = unittest.main(argv=[''], exit=False, verbosity=0).result.testsRun",
    ),
    case(
        "examples in the texts of functions",
        code(
            """
                import doctest

                def add(a, b):
                    '''Numbers go together.

                    >>> add(1, TWO)
                    3
                    '''
                    return a + b
                """
        ),
        "TWO = int('2')",
        "tried = tuple(doctest.testmod())",
    ),
    case(
        "names that only a display asks for",
        code(
            """
                class Show:
                    def __init__(self, *texts):
                        self.texts = texts

                    def __repr__(self):
                        return ', '.join(repr(eval(text)) for text in self.texts)

                    def _repr_html_(self):
                        return '<br>'.join(str(eval(text)) for text in self.texts)
                """
        ),
        "a = [1]\nb = [2]",
        "Show('a', 'a + b')",
        "a = a + [len(b)]",
        "Show('b', 'a')",
        "b.append(3)",
        "Show('b')",
    ),
    case(
        "a class that only what is unpickled asks for",
        code("import pickle"),
        "class Model:\n    def __init__(self, n):\n        self.n = n",
        "text = pickle.dumps(Model(3))",
        "n = pickle.loads(text).n",
    ),
    case("symbols by sympy's var", "from sympy import var\nvar('a b')", "c = a + b"),
    case(
        "a cached property is no change of the value",
        code(
            """
                from functools import cached_property

                class Square:
                    def __init__(self, side):
                        self.side = side

                    @cached_property
                    def area(self):
                        return self.side**2
                """
        ),
        "square = Square(3)",
        "a = square.area",
        "b = square.area + 1",
    ),
)
