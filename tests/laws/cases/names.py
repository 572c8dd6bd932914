"""What a name means: versions, changes in place, bindings that may happen."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, parameters

CASES = (
    case(
        "a name bound again is a new version",
        "x = 1",
        "y = x + 1",
        "x = 10",
        "z = x + y",
    ),
    case(
        "each reader sees the version above it",
        "items = [1]",
        "before = len(items)",
        "items.append(2)",
        "after = len(items)",
        "items.extend([3, 4]); items.sort(reverse=True)",
        "last = list(items)",
    ),
    case("augmented assignment", "count = 1", "count += 5", "count *= 2\ncount"),
    case(
        "augmented assignment changes a list in place",
        "items = [1]",
        "items += [2]",
        "total = sum(items)",
    ),
    case(
        "item assignment and deletion",
        "prices = {'tea': 4, 'milk': 1}",
        "prices['bread'] = 3",
        "del prices['tea']",
        "prices['milk'] += 1",
        "text = str(prices)",
    ),
    case(
        "attribute assignment",
        code("class Box:\n    size = 0"),
        "box = Box()",
        "box.size = 3",
        "box.size += 1",
        "seen = box.size",
    ),
    case(
        "assignment into a nested container",
        "tree = {'a': {'b': [1, 2]}}",
        "tree['a']['b'][0] = 9",
        "leaf = tree['a']['b']",
    ),
    case(
        "slices of an array are assigned",
        code("import numpy as np"),
        "grid = np.zeros((3, 3))",
        "grid[1] = 5\ngrid[:, 0] += 1",
        "total = grid.sum()",
    ),
    case(
        "a column of a table is assigned",
        code("import pandas as pd"),
        "table = pd.DataFrame({'a': [1, 2, 3]})",
        "table['b'] = table['a'] * 2",
        "table.loc[0, 'a'] = 7",
        "total = int(table.sum().sum())",
    ),
    case("del and bind again", "x = 1\ny = 2", "del x", "x = 'new'", "pair = (x, y)"),
    case(
        "del within a step",
        """
            big = list(range(5))
            small = big[:2]
            del big
            """,
        "n = len(small)",
    ),
    case("swap", "a, b = 1, 2", "a, b = b, a", "both = [a, b]"),
    case("unpacking with a star", "first, *rest = range(4)", "(p, q), r = (1, 2), rest"),
    case("walrus", "if (n := 10) > 5:\n    big = True", "print(half := n // 2)", "end = half"),
    case(
        "a binding under a true condition",
        "flag = True\nx = 1",
        "if flag:\n    x = 2",
        "y = x",
    ),
    case(
        "a binding under a false condition",
        "flag = False\nx = 1",
        "if flag:\n    x = 2",
        "y = x",
    ),
    case(
        "a binding in a loop that does not run",
        "last = 'none'\nitems = []",
        "for item in items:\n    last = item",
        "seen = last",
    ),
    case(
        "a loop variable lives on",
        "for i in range(3):\n    pass",
        "after = i",
        "for i in range(5):\n    pass",
        "later = i",
    ),
    case(
        "a binding in a try that fails half way",
        "state = 'old'",
        """
            try:
                int('x')
                state = 'new'
            except ValueError as error:
                why = str(error)
            """,
        "seen = (state, why)",
    ),
    case(
        "with binds a name",
        "from pathlib import Path\npath = Path('note.txt')\ncount = path.write_text('hello')",
        """
            with open(path) as file:
                text = file.read()
            del file
            """,
        "size = len(text)",
    ),
    case("annotated names", "x: int = 3\ny: str", "z: float = x / 2"),
    case("chained assignment", "a = b = 5", "c = a + b"),
    case("unicode names", "größe = 3\nπ = 3.14", "fläche = π * größe**2", "ﬁn = fläche", "x = fin"),
    case(
        "parameters are read by steps",
        parameters("rate: float = 0.5\nnames = ['a', 'b']"),
        "x = rate * 2",
        "y = [name.upper() for name in names]",
    ),
    case(
        "a literal of an ordinary cell is a definition",
        code("limit = 3\nnames = ('a', 'b')"),
        "x = limit + len(names)",
    ),
    case(
        "ordinary cells look at what steps gave",
        "x = [1, 2]",
        code("print(len(x))\nx[0]"),
        "x.append(3)",
        code("len(x)"),
    ),
    case("the same loop variable in steps side by side", *["for i in range(3): print(i)"] * 3),
    case(
        "a name that is missing is caught",
        """
            try:
                print(missing)
            except NameError as error:
                why = str(error)
            """,
        "x = 1",
        "del x",
        "try:\n    x\nexcept (NameError, ValueError):\n    gone = True",
    ),
    case(
        "names are spelled out in globals()",
        "x = 3",
        "globals()['y'] = x + 1",
        "z = globals()['y'] + vars().get('x', 0)",
        "known = 'x' in globals(), 'nowhere' in dir()",
    ),
    case("nothing is bound", "print('only said')", "3 + 4"),
    case(
        "a builtin's name is free again",
        "list = [3]",
        "a = list",
        "del list",
        "b = list('ab')",
    ),
    case(
        "names that texts hold, looked up in all there are",
        "K, rows, x = 3, [1, 2], 5",
        "print('{K} {rows}'.format(**globals()), '%(x)s' % locals())",
        "print({name: globals()[name] for name in ('x', 'K')}, [n for n in dir() if n in {'K'}])",
        "for name in 'Kx':\n    globals()[name + '_squared'] = vars()[name] ** 2",
        "print(K_squared, x_squared)",
    ),
)
