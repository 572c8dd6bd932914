"""Names that share objects keep sharing them from step to step."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

NUMPY = code("import numpy as np")
PANDAS = code("import pandas as pd")
BOXED = code("class Boxed(np.ndarray):\n    pass")
BOX = code("class Box:\n    pass")

CASES = (
    case(
        "objects as the keys of a dict, from one cell and from another",
        code("class Agent:\n    def __init__(self, name):\n        self.name = name"),
        "agents = [Agent(n) for n in 'abc']\nlimits = {agents[0]: 1}",
        "scores = {agent: len(agent.name) for agent in agents}",
        "limit = limits.get(agents[0])",
        "total = sum(scores[agent] for agent in agents)",
        "found = [agents.index(agent) for agent in scores]",
    ),
    case(
        "an object among others",
        code("class Node:\n    pass"),
        "nodes = [Node(), Node()]",
        "last = nodes[-1]\nboth = set(nodes)",
        "there = last in nodes, last in both, nodes[0] == last",
    ),
    case(
        "views of a dictionary",
        code("from collections import OrderedDict\nfrom types import MappingProxyType"),
        """
            d, o = {'a': 1}, OrderedDict(x=1)
            keys, values, items, last = d.keys(), d.values(), d.items(), o.keys()
            proxy = MappingProxyType(d)
            """,
        "d['b'] = 2\no['y'] = 2",
        "x = list(keys), list(values), list(items), list(last), proxy['b']",
    ),
    case(
        "an alias sees a change through the other name",
        "a = [1]\nb = a",
        "a.append(2)",
        "seen = list(b)",
    ),
    case(
        "an alias made by another step sees the change",
        "a = [1]",
        "b = a",
        "a.append(2)",
        "seen = list(b)",
        "b.append(3)",
        "text = f'{a} {b}'",
    ),
    case(
        "a change through the alias is seen under the first name",
        "a = {'k': 1}",
        "b = a",
        "b['k'] = 2",
        "seen = a['k']",
    ),
    case(
        "an alias of an alias, over many steps",
        "a = [1]",
        "b = a",
        "c = b",
        "d = c",
        "a.append(2)",
        "d.append(3)",
        "text = str([a, b, c, d])",
    ),
    case(
        "the alias between is bound again",
        "a = [1]",
        "b = a",
        "c = {'x': b}",
        "b = None",
        "c['x'].append(2)",
        "text = str((a, b, c))",
    ),
    case(
        "a list inside a dict, changed under its own name and through the dict",
        "a = [1]",
        "d = {}",
        "d['l'] = a",
        "a.append(2)",
        "first = str(d)",
        "d['l'].append(3)",
        "second = str(a)",
    ),
    case(
        "what is put into a dict and changed there by a function",
        code("def fill(d):\n    d['l'].append(9)"),
        "a = [1]",
        "d = {'l': a}",
        "fill(d)",
        "seen = list(a)",
    ),
    case(
        "a function changes what its argument shares",
        code("def grow(thing):\n    thing.insert(0, 'new')"),
        "rows = ['x']",
        "other = rows",
        "grow(rows)",
        "seen = len(other)",
    ),
    case(
        "several names share one object among themselves",
        "a = [1]; b = [a]; c = (a, b)",
        "c[0].append(2)",
        "text = str((a, b, c))",
    ),
    case(
        "two names of which only a third tells that they belong together",
        "a = [1]; b = [2]",
        "both = {'a': a, 'b': b}",
        "both['a'].append(3); both['b'].append(4)",
        "text = f'{a} {b}'",
    ),
    case(
        "a value built of two names that share, when those are gone",
        "a = [1]",
        "b = a",
        "pair = [a, b]",
        "del a, b",
        "pair[0].append(2)",
        "text = str(pair)",
    ),
    case(
        "identity across steps",
        "a = [1]",
        "b = a; c = list(a)",
        "same = (a is b, a is c, a is not b, a == c)",
        "print(same)",
    ),
    case(
        "identity by id",
        "a = {}\nb = a",
        "c = {}",
        "same = id(a) == id(b), id(a) == id(c)",
    ),
    case(
        "identity of parts",
        "a = [1]",
        "d = {'l': a}",
        "same = d['l'] is a",
    ),
    case(
        "binding again breaks the sharing",
        "a = [1]",
        "b = a",
        "a = a + [2]",
        "a.append(3)",
        "text = f'{a} {b}'",
    ),
    case(
        "augmented assignment of a list keeps it",
        "a = [1]",
        "b = a",
        "a += [2]",
        "text = f'{a} {b}'",
    ),
    case(
        "a copy breaks the sharing",
        "a = [[1]]",
        "b = list(a); c = [list(row) for row in a]",
        "a.append([2])",
        "a[0].append(3)",
        "text = f'{a} {b} {c}'",
    ),
    case(
        "a deleted name leaves its object to the others",
        "a = [1]",
        "b = a",
        "del a",
        "b.append(2)",
        "seen = b",
    ),
    case(
        "what is taken out is shared no more",
        "a = [1]",
        "d = {'l': a}",
        "d.pop('l')",
        "d['m'] = 5",
        "a.append(2)",
        "text = f'{a} {d}'",
    ),
    case(
        "a loop variable is the last element",
        "rows = [[1], [2]]",
        "for row in rows:\n    pass",
        "row.append(3)",
        "text = str(rows)",
    ),
    case(
        "an element taken from a list",
        "rows = [[1], [2]]",
        "first = rows[0]",
        "first.append(3)",
        "text = str(rows)",
        "rows[0].append(4)",
        "seen = list(first)",
    ),
    case(
        "an attribute that is another name",
        BOX,
        "items = [1]",
        "box = Box(); box.items = items",
        "items.append(2)",
        "first = list(box.items)",
        "box.items.append(3)",
        "second = list(items)",
    ),
    case(
        "two objects that hold a third",
        BOX,
        "shared = {'n': 0}",
        "left = Box(); left.state = shared",
        "right = Box(); right.state = shared",
        "left.state['n'] += 1",
        "right.state['n'] += 1",
        "n = shared['n']",
    ),
    case(
        "closures that share a variable",
        code(
            "def counter():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n"
            "    def get():\n        return n\n    return up, get"
        ),
        "up, get = counter()",
        "up(); up()",
        "n = get()",
    ),
    case(
        "a slice of an array shows what is written to the array",
        NUMPY,
        "arr = np.arange(10)",
        "view = arr[2:5]",
        "arr[3] = 99",
        "first = view.tolist()",
        "view[0] = -1",
        "second = arr.tolist()",
        "same = view.base is arr, np.shares_memory(arr, view)",
    ),
    case(
        "a view and its array from one step",
        NUMPY,
        "arr = np.zeros((3, 4))\ncol = arr[:, 1]",
        "col += 5",
        "total = arr.sum()",
    ),
    case(
        "a view of a view, a reshaped and a transposed one",
        NUMPY,
        "a = np.arange(12)",
        "grid = a.reshape(3, 4)",
        "part = grid[1:][:, ::2]",
        "turned = grid.T",
        "part[0, 0] = 100",
        "turned[0, 0] = 50",
        "text = str([each.tolist() for each in (a, grid, part, turned)])",
    ),
    case(
        "views of an array that has no name",
        NUMPY,
        "grid = np.arange(6.0).reshape(2, 3)",
        "row = grid[0]; copied = grid[1].copy()",
        "row[:] = 7; copied[:] = 8",
        "text = str((grid.tolist(), row.tolist(), copied.tolist()))",
    ),
    case(
        "arrays in a list",
        NUMPY,
        "data = np.zeros(4)",
        "layers = [data, data[:2], np.ones(2)]",
        "layers[1][0] = 3",
        "text = str((data.tolist(), [each.tolist() for each in layers]))",
    ),
    case(
        "a column set in a frame that has two names",
        PANDAS,
        "frame = pd.DataFrame({'a': [1, 2]})",
        "other = frame; copied = frame.copy()",
        "frame['b'] = [3, 4]",
        "text = str((list(other), list(copied), other is frame))",
    ),
    case(
        "frames that copy on write do not share",
        PANDAS,
        "frame = pd.DataFrame({'a': [1, 2]})",
        "column = frame['a']",
        "frame.loc[0, 'a'] = 9",
        "text = str((column.tolist(), frame['a'].tolist()))",
    ),
    case(
        "lists in the cells of a frame",
        PANDAS,
        "inner = [1]",
        "frame = pd.DataFrame({'a': [inner, None]})",
        "inner.append(2)",
        "text = str(frame['a'][0])",
    ),
    case(
        "a model and the data that it holds",
        code("import numpy as np\nfrom sklearn.neighbors import KNeighborsRegressor"),
        "X = np.array([[0.0], [1.0], [2.0]]); y = np.array([0.0, 1.0, 2.0])",
        "model = KNeighborsRegressor(1, algorithm='brute').fit(X, y)",
        "X[0, 0] = 50",
        "guess = model.predict([[40.0]]).tolist()",
    ),
    case(
        "a figure and its axes",
        code("import matplotlib.pyplot as plt"),
        "fig, ax = plt.subplots(); plt.close(fig)",
        "_ = ax.plot([1, 2])",
        "n = len(fig.axes[0].lines), fig.axes[0] is ax",
    ),
    case(
        "a change that a function hides, far below",
        code("def note(log, what):\n    log['all'].append(what)"),
        "history = []",
        "log = {'all': history}",
        "note(log, 'one')",
        "count = len(history)",
        "note(log, 'two')",
        "again = len(history)",
        "history.clear()",
        "text = str(log)",
    ),
    case(
        "a shared list is changed in the cell that binds its name again",
        "a = [1]",
        "b = a",
        "b.append(2)\nb = None",
        "seen = str((a, b))",
    ),
    case(
        "the same by a function, and the name is deleted",
        code("def grow(thing):\n    thing.append('new')"),
        "a = ['x']",
        "held = {'a': a}",
        "grow(a)\ndel a",
        "seen = str(held)",
    ),
    case(
        "a shared array is changed under a name that is bound again",
        NUMPY,
        "a = np.zeros(5)",
        "part = a[1:3]",
        "part += 1\npart = part.sum()",
        "total = a.sum(), part",
    ),
    *(
        case(
            f"views of an array that is {name}",
            NUMPY,
            *([BOXED] if "Boxed" in made else []),
            f"m = {made}",
            f"v = {part}\nw = {{'m': m}}",
            change,
            "seen = str((m, v, w, type(m).__name__, type(v).__name__, getattr(m, 'label', '')))",
            "m.flat[-1] = m.flat[0]" if "rec" not in made else "m.a[1] = 7",
            "seen2 = str((m, v, w))",
        )
        for name, made, part, change in (
            ("a matrix", "np.matrix([[1, 2], [3, 4]])", "m[0]", "v[0, 0] = 100"),
            (
                "an array of records",
                "np.rec.array([(1, 2.0), (3, 4.0)], names='a,b')",
                "m.b",
                "v[0] = 100",
            ),
            (
                "masked",
                "np.ma.masked_array(np.arange(5.0), mask=[0, 1, 0, 0, 0])",
                "m[1:3]",
                "v[1] = 100\nm.mask[3] = True",
            ),
            ("one of objects", "np.array([1, 'a', None], dtype=object)", "m[::-1]", "v[0] = 100"),
            ("of a class of the notebook", "np.arange(4.0).view(Boxed)", "m[1:3]", "v[0] = 100"),
            (
                "one made by strides",
                "np.arange(6.0)",
                "np.lib.stride_tricks.sliding_window_view(m, 2)",
                "m[1] = 100",
            ),
        )
    ),
    case(
        "an array of a class of the notebook keeps its attributes",
        NUMPY,
        BOXED,
        "m = np.arange(4.0).view(Boxed)\nm.label = 'L'",
        "text = f'{m.label} {type(m).__name__} {m.sum()}'",
        "m.label = 'M'",
        "text2 = m.label",
    ),
    case(
        "a change of what a step in between might have changed, and has not",
        "x = [1]\ny = x",
        "if len(x) > 5:\n    x.append(2)",
        "y.append(3)",
        "print(x, y)",
    ),
    case(
        "who is told when a trait is set",
        """
        import traitlets

        class Box(traitlets.HasTraits):
            size = traitlets.Int(0)

            def __init__(self):
                super().__init__()
                self.seen = []
                self.observe(self.note, 'size')

            def note(self, change):
                self.seen.append(change['new'])

            @traitlets.observe('size')
            def declared(self, change):
                print('declared', change['new'])
        """,
        "box, other, log = Box(), Box(), []",
        "box.observe(lambda change: log.append(change['old']), 'size')",
        "link = traitlets.link((box, 'size'), (other, 'size'))",
        "box.size = 4",
        "print(log, box.seen, other.size, other.seen)",
    ),
    case(
        "a step that fails with copies of what names share",
        "a = []\nb = a",
        "a.append(1)\nx = b[0]",
        "y = a is b, b",
    ),
    case(
        "a step that fails with copies of an object that a list holds",
        "import numpy as np\n"
        "class Stack:\n    def __init__(self):\n        self.held = []\n"
        "    def __eq__(self, other):\n        return self.held == other.held\n"
        "s = Stack()\nstacks = [s]\nmatrix = np.zeros(2)\nrow = matrix[:1]",
        "s.held.append(3)\nmatrix[0] = 1\nx = stacks[0].held[0]\nassert row[0] == 1",
        "y = stacks[0].held, row.tolist()",
    ),
)
