"""Values that cannot be carried: made again, by replaying, where they are read."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, foreach

SQL = code("import sqlite3")
TOOLS = code("import itertools\nimport threading\nimport csv\nimport random")

CASES = (
    case(
        "what a writer has written to a text in memory",
        code("import csv\nimport io"),
        "buffer = io.StringIO()\nwriter = csv.writer(buffer)",
        "writer.writerow([1, 2])",
        "text = buffer.getvalue()",
        "writer.writerow([3])",
        "more = buffer.getvalue()",
    ),
    case(
        "a cursor and its connection",
        code("import sqlite3"),
        "con = sqlite3.connect('x.db')\ncur = con.cursor()\n_ = cur.execute('create table t(a)')",
        "_ = cur.execute('insert into t values (1)')",
        "con.commit()",
        "con.close()\ndel con, cur",
        "rows = sqlite3.connect('x.db').execute('select * from t').fetchall()",
    ),
    case(
        "a writer and its file",
        code("import csv"),
        "file = open('o.csv', 'w', newline='')\nwriter = csv.DictWriter(file, ['a'])",
        "for i in range(3):\n    n = writer.writerow({'a': i})",
        "file.close()\ntext = open('o.csv').read()\ndel file, writer",
    ),
    case(
        "a connection to a file, used by five steps",
        SQL,
        """
        conn = sqlite3.connect('case.db')
        conn.execute('create table t (x)')
        conn.executemany('insert into t values (?)', [(i,) for i in range(5)])
        conn.commit()
        """,
        "a = conn.execute('select count(*) from t').fetchone()[0]",
        "b = conn.execute('select sum(x) from t').fetchone()[0]",
        "c = conn.execute('select max(x) from t').fetchall()",
        "d = [x for x, in conn.execute('select x from t order by x desc')]",
        "e = conn.total_changes",
    ),
    case(
        "a database in memory, made, filled and asked",
        SQL,
        "conn = sqlite3.connect(':memory:')",
        "conn.execute('create table t (x)')",
        "conn.executemany('insert into t values (?)', [(1,), (2,)])",
        "a = conn.execute('select sum(x) from t').fetchone()",
        "conn.execute('delete from t where x = 1')",
        "b = conn.execute('select sum(x) from t').fetchone()",
    ),
    case(
        "what a connection is given beside data",
        SQL,
        "conn = sqlite3.connect(':memory:')\nconn.execute('create table t (x)')",
        "conn.create_function('double', 1, lambda x: 2 * x)",
        "conn.create_collation('back', lambda a, b: (a < b) - (a > b))",
        "conn.executemany('insert into t values (?)', [('a',), ('b',)])",
        "a = conn.execute('select double(2), x from t order by x collate back').fetchall()",
    ),
    case(
        "a generator, read by two steps and a loop",
        "gen = (i * i for i in range(6))",
        "a = next(gen)",
        "b = next(gen)",
        "c = []\nfor i in gen:\n    c.append(i)",
        "d = list(gen)",
    ),
    case(
        "a generator function with a state of its own",
        code(
            """
            import itertools

            def count(n):
                total = 0
                while total < n:
                    total += 1
                    yield total
            """
        ),
        "gen = count(7)",
        "a = sum(i for i in itertools.islice(gen, 3))",
        "b = list(gen)",
        "c = next(gen, 'none left')",
    ),
    case(
        "a generator that calls and reads what is bound by then",
        code(
            """
            def name(i):
                return f'old {i}'

            def names():
                for i in range(9):
                    yield name(i), known
            """
        ),
        "known = 1",
        "gen = names()\na = next(gen)",
        "known = 2",
        "b = next(gen)",
        code("def name(i):\n    return f'new {i}'"),
        "c = next(gen)",
    ),
    case(
        "a shared counter",
        TOOLS,
        "ids = itertools.count(10, 5)",
        "a = next(ids)",
        "b = [next(ids) for _ in range(3)]",
        "c = next(ids)",
    ),
    case(
        "an open file, read in turns",
        "with open('lines.txt', 'w') as file:\n    file.write('\\n'.join('abcdef'))\nthere = True",
        "f = open('lines.txt') if there else None",
        "a = f.readline(), f.readline()",
        "b = next(f), next(f)",
        "c = f.read()",
        "f.close()",
        "d = f.closed",
    ),
    case(
        "a file, written in turns",
        "out = open('out.txt', 'w')\nout.write('one\\n')",
        "out.write('two\\n')",
        "n = out.write('three\\n')",
        "out.close()\npath = out.name if n else ''",
        "text = open(path).read()",
    ),
    case(
        "a lock within one's own class",
        code(
            """
            import threading

            class Counter:
                def __init__(self):
                    self.lock = threading.Lock()
                    self.count = 0

                def add(self, n):
                    with self.lock:
                        self.count += n
            """
        ),
        "counter = Counter()",
        "counter.add(2)",
        "a = counter.count",
        "counter.add(3)",
        "b = counter.count, isinstance(counter, Counter)",
    ),
    case(
        "a class of the cell that makes the object",
        code("import threading"),
        "class Box:\n    def __init__(self):\n        self.lock = threading.Lock()\nbox = Box()",
        "a = isinstance(box, Box), type(box) is Box",
        "class More(Box):\n    pass\nmore = More()",
        "b = isinstance(more, More), isinstance(more, Box), isinstance(box, More)",
    ),
    case(
        "zip and enumerate, map and reversed",
        "pairs = zip('abc', [1, 2, 3])\nnumbered = enumerate('xyz', 1)\nm = map(str, range(3))",
        "a = next(pairs), next(numbered)",
        "b = list(pairs), next(m)",
        "c = list(numbered), list(m)",
        "back = reversed([1, 2, 3])",
        "d = next(back)",
        "e = list(back)",
    ),
    case(
        "a function over a connection",
        SQL,
        """
        def asker():
            conn = sqlite3.connect(':memory:')
            conn.execute('create table t (x)')
            return lambda x: (
                conn.execute('insert into t values (?)', (x,)),
                conn.execute('select count(*) from t').fetchone()[0],
            )[1]
        ask = asker()
        """,
        "a = ask(1)",
        "b = ask(2)",
        "c = ask(3)",
    ),
    case(
        "an event that one step sets",
        TOOLS,
        "ready = threading.Event()",
        "a = ready.is_set()",
        "ready.set()",
        "b = ready.is_set()",
        "ready.clear()",
        "c = ready.is_set()",
    ),
    case(
        "an object that refuses to be pickled",
        code(
            """
            class Design:
                def __init__(self, names):
                    self.names = names
                def __reduce__(self):
                    raise NotImplementedError('no')
                def add(self, name):
                    self.names.append(name)
            """
        ),
        "design = Design(['a'])",
        "a = list(design.names)",
        "design.add('b')",
        "b = list(design.names)",
    ),
    case(
        "a reader of CSV",
        TOOLS,
        "rows = csv.reader(['a,b', '1,2', '3,4', '5,6'])",
        "header = next(rows)",
        "first = next(rows)",
        "rest = [row for row in rows]",
    ),
    case(
        "a connection, its cursor, and an iterator over that",
        SQL,
        "conn = sqlite3.connect(':memory:')",
        "cur = conn.cursor()",
        """
        cur.execute('create table t (x)')
        cur.executemany('insert into t values (?)', [(i,) for i in range(6)])
        """,
        "cur.execute('select x from t order by x')\na = cur.fetchone()",
        "rows = iter(lambda: cur.fetchone(), None)",
        "b = next(rows)",
        "c = cur.fetchone()",
        "d = list(rows)",
    ),
    case(
        "a maker that prints and plots",
        code("import matplotlib.pyplot as plt"),
        "print('once')\nplt.plot([1, 2])\nplt.show()\ngen = iter([1, 2, 3])\n'a value'",
        "print('mine')\na = next(gen)",
        "plt.figure(figsize=(1, 1))\nplt.plot([2, 1])\nb = next(gen)",
        """
        from IPython.display import clear_output, display
        display('shown')
        clear_output()
        it = iter('ab')
        """,
        "print(next(it))",
    ),
    case(
        "a maker that draws from a seeded generator",
        code("import random\nimport numpy as np"),
        "random.seed(3)\nnp.random.seed(4)",
        "gen = iter([random.random(), np.random.rand(), 7])",
        "a = next(gen)\nx = random.random()",
        "b = next(gen)\ny = np.random.rand()",
        "z = random.random(), np.random.rand()",
    ),
    case(
        "a generator that draws as it goes",
        code("import random\ndef draws():\n    while True:\n        yield random.random()"),
        "random.seed(1)",
        "gen = draws()",
        "a = next(gen)",
        "b = random.random()",
        "c = next(gen)",
        "d = random.random()",
    ),
    case(
        "settings as the maker found them",
        code("import os"),
        "os.environ['CASE'] = 'one'",
        "gen = iter([os.environ['CASE'], 'next'])",
        "os.environ['CASE'] = 'two'",
        "a = next(gen), os.environ['CASE']",
        "b = next(gen), os.environ['CASE']",
    ),
    case(
        "splits that read an uncarried value",
        SQL,
        "conn = sqlite3.connect(':memory:')\nconn.execute('create table t (x)')",
        "conn.execute('insert into t values (4)')",
        foreach("n in range(3)", "found = n * conn.execute('select x from t').fetchone()[0]"),
        "total = sum(found)",
    ),
    case(
        "a list that holds a lock beside data",
        TOOLS,
        "kept = [threading.Lock(), {'n': 1}]",
        "kept[1]['n'] += 1",
        "def grow(d):\n    d['n'] *= 10\ngrow(kept[1])",
        "a = kept[1]['n']",
    ),
    case(
        "a list that an object with a lock holds as well",
        code(
            """
            import threading

            class Box:
                def __init__(self, items):
                    self.items = items
                    self.lock = threading.Lock()

                def keep(self, item):
                    self.items.append(item)
            """
        ),
        "items = []\nbox = Box(items)",
        "box.keep(1)",
        "a = list(items)",
        "box.keep(2)\nitems.append(3)",
        "b = items is box.items, list(items), list(box.items)",
    ),
    case(
        "a widget that two steps move",
        code("import ipywidgets as widgets"),
        "slider = widgets.IntSlider(value=3, max=10)\nbox = widgets.VBox([slider])",
        "a = slider.value",
        "slider.value = 7",
        "b = box.children[0].value, slider.value",
        "def move(w):\n    w.value += 1\nmove(slider)",
        "c = slider.value",
    ),
    case(
        "how a database gives its rows, set by a step of its own",
        "import sqlite3\nbase = sqlite3.connect('a.db')\ncursor = base.cursor()",
        "cursor.execute('create table t (x)')",
        "base.row_factory = sqlite3.Row",
        "cursor.execute('insert into t values (3)')",
        "base.commit()",
        "print(base.execute('select x from t').fetchone()['x'])\nbase.close()",
    ),
    case(
        "what a widget tells of a change, and of a click",
        "import ipywidgets as w\nslider, button = w.IntSlider(value=3), w.Button()",
        "log = []\nslider.observe(lambda change: log.append(change['new']), 'value')",
        "button.on_click(lambda _: log.append('click'))",
        "slider.value = 7\nbutton.click()",
        "print(log)",
    ),
    case(
        "an iterator that knows the nodes of a tree, and not the tree",
        code(
            """
                class Tree:
                    def __init__(self, key):
                        self.key, self.right = key, None

                    def __iter__(self):
                        yield self.key
                        if self.right is not None:
                            yield from self.right

                class Root:
                    def __init__(self, tree):
                        self.tree = tree
                """
        ),
        "root = Root(Tree(1))\nit = iter(root.tree)",
        "first = next(it)",
        "root.tree.right = Tree(2)\nsecond = next(it)",
        "print(first, second, list(it))",
    ),
    case(
        "an object that holds a connection, which another cell uses by its own name",
        code(
            """
                import sqlite3

                class Shop:
                    def __init__(self, base):
                        self.base = base
                        self.asked = 0

                    def prices(self):
                        self.asked += 1
                        return self.base.execute("select * from sales").fetchall()
                """
        ),
        "base = sqlite3.connect(':memory:')\nbase.execute('create table sales (price)')\n"
        "base.execute('insert into sales values (1), (9)')",
        "shop = Shop(base)",
        "first = shop.prices()",
        "base.execute('delete from sales where price = 9')",
        "print(first, shop.prices(), shop.asked)",
    ),
    case(
        "a writer and the text that it writes to, by names of their own",
        code("import csv\nimport io"),
        "text = io.StringIO()\nwriter = csv.writer(text)",
        "writer.writerow([1, 2])",
        "print(text.getvalue())",
        "writer.writerow([3])\nprint(text.getvalue())",
        "print(text.getvalue())",
    ),
)
