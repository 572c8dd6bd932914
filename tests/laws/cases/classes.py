"""Classes that are made by calls, or are called otherwise than what they are bound to."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

MAKE = """
def make(n):
    class C:
        size = n
        made = 0
        def __init__(self):
            type(self).made += 1
    return C
"""

CASES = (
    case(
        "a named tuple under another name",
        "from collections import namedtuple\nPoint = namedtuple('P', 'x y')",
        "p = Point(1, 2)",
        "Point.scale = 3",
        "x = isinstance(p, Point), type(p) is Point, p.scale, Point.scale",
        "y = p.scale",
    ),
    case(
        "a typed named tuple and a dataclass under other names",
        code(
            """
            from dataclasses import make_dataclass
            from typing import NamedTuple
            Point = NamedTuple("P", [("x", int)])
            Data = make_dataclass("D", ["a", "b"])
            """
        ),
        "p = Point(1)\nd = Data(1, 2)",
        "x = isinstance(p, Point), isinstance(d, Data), d == Data(1, 2)",
    ),
    case(
        "an enumeration under another name",
        "from enum import Enum\nColor = Enum('C', 'RED GREEN')",
        "c = Color.RED",
        "x = c is Color.RED, isinstance(c, Color), {Color.RED: 1}[c]",
    ),
    case(
        "a class that a call makes",
        "class Base:\n    pass\nFoo = type('Foo', (Base,), {'n': 0})",
        "f = Foo()",
        "Foo.n += 1",
        "x = isinstance(f, Foo), isinstance(f, Base), f.n, Foo.n",
        "y = f.n",
    ),
    case(
        "classes that a function makes",
        MAKE,
        "A = make(1)\nB = make(2)\nC = make(1)",
        "a = A()\nb = B()",
        "x = [isinstance(a, k) for k in (A, B, C)], A.made, B.made, C.made",
        "c = A()",
        "y = A.made, type(c) is type(a), a.made, C.made",
    ),
    case(
        "a class that a decorator replaces",
        """
        def wrap(cls):
            class W(cls):
                extra = 1
            return W
        @wrap
        class Foo:
            n = 0
        """,
        "f = Foo()",
        "Foo.n += 1",
        "x = isinstance(f, Foo), type(f) is Foo, f.n, f.extra",
    ),
    case(
        "a class under two names",
        "class Foo:\n    count = 0\nFoo2 = Foo",
        code("class Bar:\n    count = 0"),
        "f = Foo2()\nBar2 = Bar",
        "Foo2.count += 1\nBar.count += 1",
        "x = isinstance(f, Foo), Foo2 is Foo, Foo.count, f.count, Bar2.count, Bar2 is Bar",
    ),
    case(
        "a class that counts in its own cell",
        """
        class Counter:
            total = 0
            def hit(self):
                Counter.total += 1
        c = Counter()
        c.hit()
        """,
        "x = Counter.total",
        "c.hit()",
        "y = Counter.total, c.total",
    ),
    case(
        "a class that counts its instances from its own cell on",
        """
        class P:
            count = 0
            def __init__(self):
                P.count += 1
        some = [P() for _ in range(3)]
        """,
        "more = [P() for _ in range(2)]",
        "x = P.count, len(some), all(isinstance(p, P) for p in some + more)",
    ),
    case(
        "a class that only its instances show",
        code("class C:\n    n = 0\n    def hit(self):\n        type(self).n += 1"),
        "c = C()",
        "c.hit()",
        "x = c.n",
    ),
    case(
        "plugins that a base, a metaclass and a decorator keep are the classes themselves",
        """
        class Base:
            all = {}
            def __init_subclass__(cls, key, **more):
                super().__init_subclass__(**more)
                Base.all[key] = cls
        class Meta(type):
            made = {}
            def __new__(meta, name, bases, body):
                meta.made[name] = super().__new__(meta, name, bases, body)
                return meta.made[name]
        KEPT = {}
        def keep(key):
            def kept(cls):
                KEPT[key] = cls
                return cls
            return kept
        """,
        "class A(Base, key='a'):\n    pass",
        "class B(Base, key='b'):\n    pass\nclass C(metaclass=Meta):\n    pass",
        "@keep('d')\nclass D:\n    pass",
        "@keep('e')\nclass E:\n    pass",
        "e = KEPT['e']()",
        "x = sorted(Base.all), Base.all['a'] is A, Meta.made['C'] is C",
        "y = sorted(KEPT), isinstance(e, E), KEPT['d'] is D",
    ),
    case(
        "a base is asked for its subclasses",
        code("class Base:\n    pass"),
        "class A(Base):\n    pass",
        code("class B(A):\n    pass"),
        "x = [c.__name__ for c in Base.__subclasses__() + A.__subclasses__()]",
    ),
    case(
        "an exception of the notebook's own, raised below",
        """
        class Bad(Exception):
            def __init__(self, code):
                super().__init__(f"code {code}")
                self.code = code
        """,
        "try:\n    raise Bad(3)\nexcept Bad as bad:\n    errors = [bad]",
        "x = errors[0].code, str(errors[0]), errors[0].args, isinstance(errors[0], Bad)",
    ),
    case(
        "a weak reference and what it refers to",
        "import weakref\nclass N:\n    v = 1\na = N()\nw = weakref.ref(a)",
        "x = w() is a, w().v",
    ),
    case(
        "a class that holds its instances weakly",
        """
        import weakref
        class T:
            all = weakref.WeakSet()
            def __init__(self, n):
                self.n = n
                T.all.add(self)
        a, b = T(1), T(2)
        """,
        "x = sorted(t.n for t in T.all)",
        "c = T(3)\ny = sorted(t.n for t in T.all)",
    ),
    case(
        "a base that counts its instances, and is changed before and after another derives from it",
        code(
            """
                class Account:
                    rate = 1
                    made = 0

                    def __init__(self, money=0):
                        self.money = money
                        Account.made += 1

                    @classmethod
                    def set_rate(cls, rate):
                        cls.rate = rate

                a, b = Account(10), Account()
                """
        ).source,
        "Account.set_rate(2)\nb.rate = 3",
        "class Savings(Account):\n    def __init__(self, money):\n        super().__init__(money)\n"
        "s = Savings(1)",
        "s.money = 3",
        "print(s.money, s.rate, Account.made, isinstance(s, Account))",
    ),
)
