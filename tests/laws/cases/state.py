"""State that steps keep on classes and functions: it flows on like data."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

COUNTER = """
class Counter:
    total = 0
    made = []
    def __init__(self):
        type(self).total += 1
        self.made.append(self.total)
    def see(self):
        return self.total, list(self.made)
"""

CASES = (
    case(
        "what functions and classes are told to say of themselves",
        code("def f(x):\n    'Doc.'\n    return x"),
        code(COUNTER),
        "f.__doc__ = 'Another.'",
        "f.__name__ = f.__qualname__ = 'g'",
        "Counter.__doc__ = 'Counts.'",
        "Counter.see.__doc__ = 'Tells.'",
        "x = f.__doc__, f.__name__, f.__qualname__, Counter.__doc__, Counter.see.__doc__",
    ),
    case(
        "a class that counts its instances, in its methods",
        code(COUNTER),
        "c = Counter()",
        "d = Counter()",
        "x = Counter.total, list(Counter.made)",
        "y = c.see()",
    ),
    case(
        "a class defined in the step that first counts with it",
        COUNTER + "c = Counter()",
        "d = Counter()",
        "x = Counter.total",
        "y = c.see()",
    ),
    case(
        "an attribute of a class set where the source shows it",
        code(COUNTER),
        "Counter.total += 5",
        "before = Counter.total\nCounter.total += 2",
        "x = Counter.total",
    ),
    case(
        "an attribute of a class set by a function",
        code("class Conf:\n    debug = False\ndef set_debug(v):\n    Conf.debug = v"),
        "set_debug(True)",
        "x = Conf.debug",
        "set_debug(3)",
        "y = Conf.debug",
    ),
    case(
        "a class defined again starts anew",
        "class A:\n    n = 0",
        "A.n = 5",
        "x = A.n",
        "class A:\n    n = 1",
        "y = A.n",
    ),
    case(
        "a state that is as it was",
        "class A:\n    n = 0",
        "A.n = 5",
        "A.n = 0",
        "x = A.n",
        "del A.n",
        "y = hasattr(A, 'n')",
    ),
    case(
        "a method put on a class",
        code("class A:\n    def f(self):\n        return 1"),
        "def two(self):\n    return 2",
        "A.f = two",
        "x = A().f()",
    ),
    case(
        "what a class inherits",
        code(
            """
            class A:
                seen = []
                def see(self):
                    self.seen.append(type(self).__name__)
            class B(A):
                pass
            """
        ),
        "B().see()",
        "A().see()",
        "x = B.seen, A.seen is B.seen",
    ),
    case(
        "a class that keeps its instances",
        """
        class P:
            all = {}
            def __init__(self, n):
                self.n = n
                P.all[n] = self
        """,
        "p = P('a')",
        "q = P('b')",
        "x = sorted(P.all), P.all['a'].n, isinstance(P.all['b'], P)",
    ),
    case(
        "an attribute of a function",
        "def f():\n    f.calls += 1\n    return f.calls",
        "f.calls = 0",
        "a = f()",
        "b = f()",
        "x = f.calls",
    ),
    case(
        "a default that is changed",
        "def f(x, acc=[], *, seen={}):\n    acc.append(x)\n    seen[x] = 1\n    return list(acc)",
        "a = f(1)",
        "b = f(2)",
        "x = f(3)",
    ),
    case(
        "a closure that counts",
        code(
            """
            def counted(f):
                n = 0
                def inner(*a):
                    nonlocal n
                    n += 1
                    inner.calls = n
                    return f(*a)
                return inner
            @counted
            def g(x):
                return x
            """
        ),
        "a = g(1)",
        "b = g(2)",
        "x = g(3), g.calls",
    ),
    case(
        "a cache of results",
        code("from functools import lru_cache\n@lru_cache\ndef h(x):\n    return x + 1"),
        "a = h(1)",
        "b = h(1)",
        "x = h(2)",
    ),
    case(
        "an object that stands for a function",
        code(
            """
            class Count:
                def __init__(self, f):
                    self.f = f
                    self.calls = 0
                def __call__(self, *a):
                    self.calls += 1
                    return self.f(*a)
            """
        ),
        "@Count\ndef g(x):\n    return x\ng(0)",
        "a = g(1)",
        "b = g(2)",
        "x = g.calls",
    ),
    case(
        "defaults and attributes of methods",
        """
        class A:
            def add(self, x, seen=[]):
                seen.append(x)
                return list(seen)
            @staticmethod
            def count(n=[]):
                n.append(1)
                return len(n)
            def go(self):
                A.go.calls = getattr(A.go, "calls", 0) + 1
        """,
        "a = A().add(1), A.count(), A().go()",
        "b = A().add(2), A.count(), A().go()",
        "x = A().add(3), A.count(), A.go.calls",
    ),
    case(
        "what decorators keep around functions and methods",
        code(
            """
            import functools
            def counted(f):
                @functools.wraps(f)
                def wrapper(*a):
                    wrapper.calls += 1
                    return f(*a)
                wrapper.calls = 0
                return wrapper
            """
        ),
        """
        @counted
        def g(x, seen=[]):
            seen.append(x)
            return list(seen)
        class A:
            @counted
            def go(self):
                return 1
        """,
        "a = g(1), A().go()",
        "b = g(2), A().go()",
        "x = g(3), g.calls, A.go.calls",
    ),
    case(
        "an inner class and a descriptor",
        """
        class Typed:
            sets = 0
            def __set_name__(self, owner, name):
                self.name = name
            def __set__(self, of, value):
                self.sets += 1
                of.__dict__[self.name] = value
            def __get__(self, of, owner=None):
                return self if of is None else of.__dict__[self.name]
        class Outer:
            value = Typed()
            class Inner:
                made = 0
        """,
        "Outer.Inner.made += 1\no = Outer()\no.value = 1",
        "Outer.Inner.made += 1\no.value = 2",
        "x = Outer.Inner.made, Outer.value.sets, o.value",
    ),
    case(
        "a class that keeps the very instances that have names",
        code(
            """
            class Node:
                all = []
                def __init__(self, n):
                    self.n = n
                    Node.all.append(self)
            """
        ),
        "a = Node(1)",
        "b = Node(2)",
        "a.n = 10",
        "x = [node.n for node in Node.all], Node.all[0] is a, b.n",
        "Node.all[1].n = 20",
        "y = a.n, b.n",
    ),
    case(
        "the same in the cell of the class",
        """
        class Node:
            all = []
            def __init__(self, n):
                self.n = n
                self.__class__.all.append(self)
        a = Node(1)
        """,
        "b = Node(2)",
        "x = [node.n for node in Node.all], Node.all[0] is a",
        "a.n = 10",
        "y = [node.n for node in Node.all], a.n",
    ),
    case(
        "a default that a name holds as well, changed under that name",
        "def add(x, kept=[]):\n    kept.append(x)\n    return kept",
        "a = add(1)",
        "b = add(2)\nprint(a is b)",
        "a.append(99)",
        "print(add(3), b)",
    ),
    case(
        "what a function and a class say of themselves, and another function's code",
        code("class A:\n    n: int = 1\n    def f(self):\n        return 1\nclass B(A):\n    pass"),
        code("def g(x: int, y='a') -> str:\n    return x\ndef h(x, y):\n    return x + 1"),
        "a = A()",
        "A.__name__ = 'Z'\nA.__qualname__ = 'Z'\nA.f.__code__ = (lambda self: 7).__code__",
        "x = type(a) is A, isinstance(B(), A), str(type(a)), a.f(), B().f()\na = 0",
        "g.__code__ = h.__code__\ng.__module__ = 'other'",
        "y = g(1), g.__module__\nz = g",
    ),
    case(
        "annotations that are given and taken",
        code("class A:\n    n: int = 1\ndef g(x: int, y='a') -> str:\n    return x"),
        "A.__annotations__['m'] = float\ndel g.__annotations__['x']",
        "g.__annotations__['y'] = list[int]",
        "x = A.__annotations__\ny = g.__annotations__",
    ),
)
