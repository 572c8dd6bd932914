"""Functions, classes and imports: shared as source, seen as one kernel would see them."""

from __future__ import annotations

import sys

from tests.laws.cases.case import case
from tests.notebooks import code

CASES = (
    case(
        "a definition waits for another that waits for data",
        """
            from dataclasses import dataclass
            Square = str

            @dataclass
            class Cage:
                squares: list[Square]

            def make(text) -> Cage:
                return Cage(text.split())

            known = ['first']

            def checked(function):
                assert function.__name__ in known
                return function
            """,
        "@checked\ndef first(cage):\n    return cage.squares[0]",
        "cage = make('a b')\nx = first(cage)",
    ),
    case(
        "a definition needs what its own step has bound",
        """
            Words = set
            words = Words(['tea', 'milk'])

            def known(word: str, among: Words = words) -> bool:
                return word in among
            """,
        "x = known('tea'), known('oil'), len(words)",
    ),
    case(
        "a function reads a global when it is called",
        code("def scaled(v):\n    return v * factor"),
        "factor = 2",
        "a = scaled(10)",
        "factor = 3",
        "b = scaled(10)",
    ),
    case(
        "a global read through two functions",
        code("""
            def inner():
                return base + 1

            def outer():
                return inner() * 2
            """),
        "base = 10",
        "x = outer()",
    ),
    case(
        "a function calls one that is defined below it",
        code("def first(n):\n    return second(n) + 1"),
        code("def second(n):\n    return n * 10"),
        "x = first(4)",
    ),
    case(
        "a function is defined again",
        code("def f():\n    return 'one'"),
        "a = f()",
        code("def f():\n    return 'two'"),
        "b = f()",
        "c = a + b",
    ),
    case(
        "a helper is defined again, its caller is not",
        code("def helper():\n    return 1"),
        code("def caller():\n    return helper() + 100"),
        "a = caller()",
        code("def helper():\n    return 2"),
        "b = caller()",
    ),
    case(
        "a default argument is that of its definition",
        "base = 5",
        code("def plus(v, base=base):\n    return v + base"),
        "a = plus(1)",
        "base = 50",
        "b = plus(1)",
    ),
    case(
        "a default argument from a constant",
        code("""
            limit = 3

            def cut(text, limit=limit):
                return text[:limit]
            """),
        "x = cut('abcdef')",
    ),
    case(
        "closures keep what they close over",
        code("def adder(n):\n    return lambda v: v + n"),
        "three = adder(3)\nfour = adder(4)",
        "x = three(10), four(10)",
    ),
    case(
        "a counter by nonlocal, made and used in one step",
        """
            def counter():
                n = 0
                def step():
                    nonlocal n
                    n += 1
                    return n
                return step
            tick = counter()
            seen = [tick(), tick()]
            """,
        "last = seen[-1]",
    ),
    case(
        "a function of a step reads the data of that step",
        """
            offset = 3
            def shift(v):
                return v + offset
            """,
        "x = shift(1)",
        "offset = 30",
        "y = shift(1)",
    ),
    case("a lambda is data", "square = lambda v: v * v", "x = list(map(square, range(4)))"),
    case(
        "a lambda that reads a global later bound again",
        "factor = 2\ntimes = lambda v: v * factor",
        "a = times(5)",
        "factor = 7",
        "b = times(5)",
    ),
    case(
        "recursion, and two functions that call each other",
        code(
            """
                def even(n):
                    return n == 0 or odd(n - 1)

                def odd(n):
                    return n != 0 and even(n - 1)
                """
        ),
        "x = even(10), odd(7)",
    ),
    case(
        "decorators",
        code(
            """
                import functools

                def twice(f):
                    @functools.wraps(f)
                    def wrapper(*args):
                        return f(f(*args))
                    return wrapper
                """
        ),
        code(
            """
                @twice
                def increase(n):
                    return n + 1

                @functools.cache
                def fib(n):
                    return n if n < 2 else fib(n - 1) + fib(n - 2)
                """
        ),
        "x = increase(1), fib(30), increase.__name__",
    ),
    case(
        "a class is used across cells",
        code(
            """
                class Account:
                    rate = 0.1
                    def __init__(self, owner, sum=0):
                        self.owner, self.sum = owner, sum
                    def interest(self):
                        return self.sum * self.rate
                """
        ),
        "account = Account('Ada', 200)",
        "x = account.interest(), isinstance(account, Account), type(account) is Account",
    ),
    case(
        "a class made in a step is the same class below",
        """
            class Point:
                def __init__(self, x):
                    self.x = x
            p = Point(3)
            """,
        "same = isinstance(p, Point)\nq = Point(p.x + 1)",
        "x = [p.x, q.x]",
    ),
    case(
        "inheritance across cells",
        code("""
            class Animal:
                def name(self):
                    return 'animal'
            """),
        code("""
            class Dog(Animal):
                def name(self):
                    return 'dog, ' + super().name()
            """),
        "dog = Dog()",
        "x = dog.name(), isinstance(dog, Animal)",
    ),
    case(
        "a class is defined again; old instances stay what they were",
        code("""
            class Greeter:
                def hello(self):
                    return 'old'
            """),
        "one = Greeter()",
        "a = one.hello()",
        code("""
            class Greeter:
                def hello(self):
                    return 'new'
            """),
        "two = Greeter()",
        "b = two.hello(), isinstance(two, Greeter)",
    ),
    case(
        "dataclasses",
        code(
            """
                from dataclasses import dataclass, field, replace

                @dataclass(frozen=True)
                class Item:
                    name: str
                    price: float = 1.0
                    tags: list = field(default_factory=list)
                """
        ),
        "items = [Item('a'), Item('b', 2.5, ['x'])]",
        "dear = replace(items[0], price=9)\nequal = items[0] == Item('a')",
        "print(dear, equal)",
    ),
    case(
        "an enumeration keeps identity",
        code(
            """
                from enum import Enum, auto

                class Colour(Enum):
                    RED = auto()
                    BLUE = auto()
                """
        ),
        "chosen = Colour.RED\ntally = {Colour.RED: 1, Colour.BLUE: 2}",
        "x = chosen is Colour.RED, tally[Colour.RED], Colour.BLUE in tally",
    ),
    case(
        "named tuples",
        code(
            """
                from typing import NamedTuple

                class Size(NamedTuple):
                    w: int
                    h: int = 1
                """
        ),
        "size = Size(2)",
        "w, h = size\nx = size.w * h, size._replace(h=5)",
    ),
    case(
        "slots, properties, class and static methods",
        code(
            """
                class Slim:
                    __slots__ = ('v',)
                    def __init__(self, v):
                        self.v = v
                    @property
                    def double(self):
                        return self.v * 2
                    @classmethod
                    def three(cls):
                        return cls(3)
                    @staticmethod
                    def four():
                        return 4
                """
        ),
        """
            slim = Slim.three()
            v = slim.v
            del slim
            """,
        "x = Slim(v).double, Slim.four()",
    ),
    case(
        "an exception of the notebook's own",
        code(
            """
                class Odd(ValueError):
                    pass

                def check(n):
                    if n % 2:
                        raise Odd(n)
                """
        ),
        """
            try:
                check(3)
            except Odd as error:
                caught = error
            """,
        "x = isinstance(caught, Odd), caught.args",
    ),
    case("star import", code("from math import *"), "x = sqrt(16) + floor(pi)"),
    case(
        "a module that a package is asked for, and that a library has loaded in another cell",
        code("import sys\nimport xml\ndef node():\n    return xml.dom.minidom.Node.TEXT_NODE"),
        code("def load():\n    import xml.dom.minidom"),
        "load()",
        "x = node()\ny = xml.dom.minidom.parseString('<a/>').toxml()",
    ),
    case(
        "names for types",
        code("from typing import Dict, List, Optional\nfrom dataclasses import dataclass"),
        code("Number = int\nPoint = Dict[str, 'Node']\nMaybe = Optional[int]\nEither = int | None"),
        code(
            "@dataclass\nclass Node:\n    at: Maybe\n    n: Number = 0\n"
            "    near: Optional[Point] = None"
        ),
        code("Nodes = List[Node]\ndef first(nodes: Nodes) -> Node:\n    return nodes[0]"),
        "nodes = [Node(3)]",
        "x = first(nodes).at\ny = Node.__annotations__['at'] == Maybe == Either\n"
        "z = Nodes == List[Node]",
    ),
    case(
        "who has called data like types",
        "List = [3, 4]\nDict = {'a': 5}\ni = 1\nlist = [6, 7]",
        "x = List[i]\ny = Dict['a']\nz = list[i]\nw = List[0] | 8",
        "i = 0\nDict['a'] = 6\nList.reverse()",
        "v = x, y, z, w",
    ),
    case(
        "imports of all kinds",
        code(
            """
                import os.path
                import xml.dom as dom
                from collections import Counter as Tally, deque
                """
        ),
        "x = os.path.join('a', 'b'), dom.__name__",
        "y = Tally('hello')\nz = deque([1, 2], maxlen=2)",
    ),
    case(
        "an import that may fail",
        code(
            """
                try:
                    import surely_not_installed as module
                except ImportError:
                    module = None
                """
        ),
        "x = module is None",
    ),
    case(
        "an import below the function that needs it",
        code("def root(v):\n    return math.sqrt(v)"),
        code("import math"),
        "x = root(9)",
    ),
    case(
        "an import inside a step is known below",
        "import json\nx = json.dumps([1])",
        "y = json.loads(x)",
    ),
    case(
        "a definition under a condition",
        code("""
            import sys
            if sys.version_info >= (3, 0):
                def modern():
                    return True
            """),
        "x = modern()",
    ),
    case(
        "a local module beside the notebook",
        "from pathlib import Path\n"
        "Path('helper_of_case.py').write_text('def twice(v):\\n    return 2 * v\\n')\nready = True",
        """
            assert ready
            import helper_of_case
            x = helper_of_case.twice(4)
            """,
    ),
    case(
        "class bodies read constants and make comprehensions",
        code(
            """
                width = 3

                class Grid:
                    size = width * 2
                    cells = [i * 2 for i in range(3)]
                """
        ),
        "x = Grid.size, Grid.cells",
    ),
    case("the module is __main__", "x = __name__", code("def f(): pass"), "y = f.__module__"),
    case(
        "partial, methods and operators as data",
        code("import functools, operator"),
        """
            double = functools.partial(operator.mul, 2)
            upper = str.upper
            join = '-'.join
            """,
        "x = double(4), upper('a'), join('abc')",
    ),
)
if sys.version_info >= (3, 14):
    CASES += (
        case(
            "annotations that name what comes below, or nothing",
            code("import typing\nfrom dataclasses import dataclass"),
            "@dataclass\nclass Node:\n    label: str\n    next: Leaf | None = None",
            "def walk(node: Nothing) -> Leaf:\n    return node.next",
            "@dataclass\nclass Leaf:\n    size: int",
            "node = Node('a', Leaf(3))",
            "print(walk(node), typing.get_type_hints(Node), Leaf.__annotations__)",
        ),
    )
