"""Registries that definitions fill when they are executed: decorators, generic functions, bases."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, foreach

REGISTER = """
REG = {}
def register(f):
    REG[f.__name__] = f
    return f
"""
ENROL = """
ALL = []
def enrol(f):
    ALL.append(f)
    return f
"""
FOO = "@register\ndef foo(a):\n    return a + 1"
BAR = "@register\ndef bar(a):\n    return a * 5"
USE = "x = {name: f(2) for name, f in REG.items()}\nsame = REG['foo'] is foo"
APP = """
class App:
    def __init__(self):
        self.routes = []
    def route(self, path):
        def add(f):
            self.routes.append((path, f))
            return f
        return add
"""
GENERIC = """
from functools import singledispatch
@singledispatch
def kind(x):
    return 'any'
"""

CASES = (
    case(
        "a registry in ordinary cells", code(REGISTER), code(FOO), code(BAR), USE, "y = list(REG)"
    ),
    case("a registry in one ordinary cell", code(REGISTER + FOO + "\n" + BAR), USE),
    case("a registry in steps", REGISTER, FOO, BAR, USE, "y = list(REG), bar(1)"),
    case("a registry in an ordinary cell, filled by steps", code(REGISTER), FOO, BAR, USE),
    case(
        "a registry filled by all kinds of cells",
        code(REGISTER + "@register\ndef zero(a):\n    return 0"),
        FOO,
        code(BAR),
        USE,
        "@register\ndef late(a):\n    return 3",
        "y = list(REG), bar(1), late(2)",
    ),
    case(
        "a list of functions has each of them once",
        ENROL,
        "@enrol\ndef foo(a):\n    return a + 1",
        "@enrol\ndef bar(a):\n    return a * 5",
        "x = [f(2) for f in ALL], ALL[0] is foo",
        "y = len(ALL), bar(foo(1))",
    ),
    case(
        "a list of functions is read by splits",
        code(ENROL),
        "@enrol\ndef foo(a):\n    return a + 1\n@enrol\ndef bar(a):\n    return a * 5",
        foreach("i in range(2)", "v = ALL[i](5)"),
        "x = v, len(ALL)",
    ),
    case(
        "a registry of registries",
        """
        from collections import defaultdict
        hooks = defaultdict(list)
        def on(name):
            def add(f):
                hooks[name].append(f)
                return f
            return add
        """,
        "@on('a')\ndef one():\n    return 1\n@on('a')\ndef two():\n    return 2",
        "@on('b')\ndef three():\n    return 3",
        "x = {k: [f() for f in v] for k, v in hooks.items()}",
        "y = one() + three(), hooks['a'][0] is one, {k: len(v) for k, v in hooks.items()}",
    ),
    case(
        "a generic function",
        GENERIC,
        "@kind.register(int)\ndef _(x):\n    return 'int'",
        "@kind.register\ndef _(x: str):\n    return 'str'",
        "x = kind(1), kind('a'), kind(2.0)",
    ),
    case(
        "a class that keeps a registry",
        code(
            """
            class Registry:
                items = {}
                @classmethod
                def add(cls, f):
                    cls.items[f.__name__] = f
                    return f
            """
        ),
        code("@Registry.add\ndef foo(x):\n    return x"),
        "@Registry.add\ndef bar(x):\n    return x * 2",
        "x = sorted(Registry.items), [f(3) for f in Registry.items.values()]",
    ),
    case(
        "a base that hears of its subclasses",
        """
        class Base:
            plugins = []
            def __init_subclass__(cls):
                Base.plugins.append(cls)
        """,
        "class A(Base):\n    pass",
        "class B(Base):\n    pass",
        "x = [c.__name__ for c in Base.plugins]",
        "y = A.__name__, len(Base.plugins)",
    ),
    case(
        "an object that functions are registered with",
        APP,
        "app = App()",
        "@app.route('/a')\ndef a():\n    return 1",
        "@app.route('/b')\ndef b():\n    return 2",
        "x = [(p, f()) for p, f in app.routes]",
        "y = a(), b(), len(app.routes)",
    ),
    case(
        "an object that functions of ordinary cells are registered with",
        APP,
        "app = App()",
        code("@app.route('/a')\ndef a():\n    return 1"),
        "x = [(p, f()) for p, f in app.routes]",
        code("@app.route('/b')\ndef b():\n    return 2"),
        "y = a(), b(), [p for p, f in app.routes]",
    ),
    case(
        "a generic function that a call tells",
        GENERIC + "kind.register(str, lambda x: 'str')",
        code("def real(x):\n    return 'float'\nkind.register(float, real)"),
        "kind.register(int, lambda x: 'int')",
        "x = kind(1), kind(1.0), kind('a'), kind(None)",
    ),
    case(
        "a generic method that a call tells",
        code(
            """
            from functools import singledispatchmethod
            class View:
                @singledispatchmethod
                def show(self, x):
                    return "any"
            """
        ),
        "View.show.register(str, lambda self, x: 'str')",
        "x = View().show('a'), View().show(1)",
    ),
    case(
        "an abstract class that a call tells",
        code("from abc import ABC\nclass Shape(ABC):\n    pass\nclass Square:\n    pass"),
        "Shape.register(Square)",
        "x = isinstance(Square(), Shape), issubclass(Square, Shape)",
    ),
    case(
        "abstract classes of the standard library that calls tell",
        "import numbers\nfrom collections.abc import Sequence\nclass Mine:\n    pass",
        "Sequence.register(Mine)\nnumbers.Number.register(Mine)",
        "m = Mine()",
        "x = isinstance(m, Sequence), isinstance(m, numbers.Number), type(m) is Mine",
    ),
    case(
        "what calls register in libraries",
        code("import codecs\nimport copy\nimport copyreg\nimport sqlite3\nimport pandas as pd"),
        """
        class P:
            def __init__(self, n):
                self.n = n
        class Of:
            def __init__(self, of):
                self.of = of
            def size(self):
                return len(self.of)
        def find(name):
            return codecs.lookup("utf-8") if name == "mine" else None
        """,
        """
        copyreg.pickle(P, lambda p: (P, (p.n + 1,)))
        sqlite3.register_adapter(P, lambda p: p.n)
        codecs.register(find)
        pd.api.extensions.register_dataframe_accessor("mine")(Of)
        """,
        "x = copy.copy(P(1)).n, b'a'.decode('mine'), pd.DataFrame({'a': [1]}).mine.size()",
        "y = sqlite3.connect(':memory:').execute('select ?', (P(7),)).fetchone()",
    ),
    case(
        "what a level of logging is called",
        code("import logging"),
        "logging.addLevelName(25, 'NOTICE')\nlogging.addLevelName(logging.INFO, 'info')",
        "x = logging.getLevelName(25), logging.getLevelName(20), logging.getLevelName(30)",
        "logging.addLevelName(logging.INFO, 'INFO')",
        "y = logging.getLevelName(25), logging.getLevelName(20)",
    ),
    case(
        "a mock counts its calls",
        code("from unittest.mock import Mock"),
        "told = Mock(return_value=1)\nclass Api:\n    def get(self):\n        return 'real'",
        "def run(tell):\n    return tell('a', key=2)\nran = run(told)",
        "told.assert_called_once_with('a', key=2)\ntold(3)",
        "x = told.call_count, told.call_args_list == [(('a',), {'key': 2}), ((3,),)]",
    ),
    case(
        "a patch that one cell starts and another one stops",
        code("from unittest.mock import patch\nclass Api:\n    def get(self):\n        return 1"),
        "faked = patch.object(Api, 'get', return_value=2)\n_fake = faked.start()",
        "x = Api().get()",
        "stopped = bool(faked.stop()), Api().get()",
    ),
)
