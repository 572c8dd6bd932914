"""Objects that a class makes in its body, or methods have as defaults, and those who hold them."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, foreach

QUEUE = """
class Queue:
    EMPTY = object()
    def __init__(self, first=EMPTY):
        self.top = first
    def is_empty(self):
        return self.top is Queue.EMPTY
"""

CASES = (
    case(
        "a sentinel of a class that its instances hold",
        QUEUE,
        "q = Queue()",
        "print(q.is_empty(), q.top is Queue.EMPTY)",
        "q.top = 3\nprint(q.is_empty())",
        "q.top = Queue.EMPTY",
        "print(q.is_empty(), Queue().top is q.top)",
    ),
    case(
        "a sentinel of a class that splits hold",
        code(QUEUE),
        foreach("n in range(3)", "q = Queue() if n % 2 else Queue(n)"),
        "print([each.is_empty() for each in q])",
    ),
    case(
        "a tree whose leaves are one node of its class",
        """
        class Node:
            __slots__ = ("key", "left", "right")
            def __init__(self, key, left=None, right=None):
                self.key, self.left, self.right = key, left, right
        class Tree:
            NIL = Node(None)
            NIL.left = NIL.right = NIL
            def __init__(self):
                self.root = Tree.NIL
            def insert(self, key):
                self.root = self._insert(self.root, key)
            def _insert(self, node, key):
                if node is Tree.NIL:
                    return Node(key, Tree.NIL, Tree.NIL)
                if key < node.key:
                    node.left = self._insert(node.left, key)
                else:
                    node.right = self._insert(node.right, key)
                return node
            def keys(self, node=None):
                node = node or self.root
                if node is Tree.NIL:
                    return []
                return [*self.keys(node.left), node.key, *self.keys(node.right)]
        """,
        "tree = Tree()\nfor key in 5, 2, 8:\n    tree.insert(key)",
        "tree.insert(3)\nprint(tree.keys())",
        "print(tree.keys(), tree.root.left.left is Tree.NIL, Tree.NIL.left is Tree.NIL)",
    ),
    case(
        "a list of a class that an instance and a name hold",
        "class A:\n    items = []\n    def __init__(self):\n        self.mine = A.items",
        "a = A()\nheld = A.items",
        "print(a.mine is A.items, held is A.items)",
        "a.mine.append(1)\nprint(A.items, held)",
        "A.items.append(2)\nprint(a.mine, held)",
        "A.items = []",
        "print(a.mine, A.items, held is a.mine, A().mine)",
        "a.mine.append(3)\nA.items.append(4)",
        "print(a.mine, A.items, held)\na = held = None",
    ),
    case(
        "containers within a container of a class",
        """
        class Rows:
            table = {"old": [], "deep": {"k": [1]}}
            def __init__(self, key):
                self.rows = Rows.table[key]
        """,
        "rows = Rows('old')\ndeep = Rows('deep')",
        "rows.rows.append(3)\nprint(Rows.table)",
        "print(rows.rows is Rows.table['old'], deep.rows['k'] is Rows.table['deep']['k'])",
        "Rows.table['old'].append(4)\nRows.table['new'] = [7]",
        "new = Rows('new')",
        "print(rows.rows, new.rows is Rows.table['new'])",
        "new.rows.append(8)\nprint(Rows.table)\nrows = new = None",
    ),
    case(
        "a default of a method that instances hold",
        "class Bag:\n    def __init__(self, items=[]):\n        self.items = items",
        "a = Bag()\nb = Bag()",
        "a.items.append(1)",
        "print(b.items, Bag().items)",
        "c = Bag()\nc.items.append(2)",
        "print(a.items, b.items, c.items is a.items)\na = b = c = None",
    ),
    case(
        "counts and lists by key that a class keeps",
        """
        from collections import Counter, defaultdict, deque
        class Log:
            seen = Counter()
            last = deque(maxlen=2)
            by = defaultdict(list)
            tags = set()
            def __init__(self, name):
                self.name, self.mine = name, self.last
                self.seen[name] += 1
                self.last.append(name)
                self.by[name].append(self)
                self.tags.add(name)
        """,
        "a = Log('a')",
        "b, c = Log('b'), Log('c')",
        "print(Log.seen, Log.last, sorted(Log.by), a.mine is Log.last, Log.by['a'][0] is a)",
        "a.mine.append('z')",
        "print(b.mine, Log.last, sorted(Log.tags))\na = b = c = None",
    ),
    case(
        "objects whose attributes are those of their class",
        """
        class Borg:
            _all = {}
            def __init__(self):
                self.__dict__ = Borg._all
        """,
        "a = Borg()\na.x = 1",
        "b = Borg()\nb.y = 2",
        "print(a.y, b.x, vars(a) is vars(b))",
        "a.z = 5",
        "print(b.z, Borg().x, Borg._all)\na = b = None",
    ),
    case(
        "objects whose attributes are another's",
        "class B:\n    pass",
        "a = B()\na.x = 1\nb = B()\nb.__dict__ = a.__dict__",
        "b.x = 7",
        "print(a.x, vars(a) is vars(b))",
        "a.y = 1",
        "print(b.y)",
    ),
    case(
        "special methods that a class is given later",
        "class P:\n    def __init__(self, x):\n        self.x = x",
        "p = P(3)\nprint(p == P(3))",
        "P.__eq__ = lambda one, other: one.x == other.x",
        "print(p == P(3))",
    ),
    case(
        "what members of an enumeration are given",
        """
        from enum import Enum, Flag, auto
        class State(Enum):
            ON = "on"
            OFF = "off"
            def __init__(self, text):
                self.seen = []
            def visit(self):
                self.visits = getattr(self, "visits", 0) + 1
                self.seen.append(self.visits)
                return self.visits
        class Right(Flag):
            READ = auto()
            WRITE = auto()
            BOTH = READ | WRITE
        """,
        "now = State.ON\nprint(now.visit())\nright = Right.READ | Right.WRITE",
        "print(now.visit(), State.OFF.seen)",
        "State.best = 'ON'",
        "print(State.ON.visits, now.seen, State.best, right is Right.BOTH)",
    ),
    case(
        "a class whose decorator makes one object of it",
        code(
            """
            def singleton(cls):
                made = {}
                def get():
                    if cls not in made:
                        made[cls] = cls()
                    return made[cls]
                return get
            @singleton
            class Only:
                def __init__(self):
                    self.n = 0
            """
        ),
        "a = Only()\na.n += 1",
        "b = Only()\nb.n += 1",
        "print(a is b, a.n, Only().n)",
    ),
)
