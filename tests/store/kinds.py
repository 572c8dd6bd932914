"""Kinds of object that notebooks make: how each is made, and how a clean process uses it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    name: str
    #: Statements that bind ``x``, run in a namespace that is like a notebook's ``__main__``.
    source: str
    #: An expression over ``x`` that holds in a clean process; for refused kinds the path.
    check: str
    #: Whether loading and storing it again gives the same digest at once.
    settled: bool = True


CARRIED = [
    Kind("integer", "x = 12345678901234567890", "x == 12345678901234567890"),
    Kind("huge integer", "x = 7 ** 9000", "x == 7 ** 9000"),
    Kind("string", "x = 'é' * 10", "x == 'é' * 10"),
    Kind("lone surrogates", "x = '\\ud83d\\ude00'", "x == '\\ud83d\\ude00' and len(x) == 2"),
    Kind("bytes", "x = bytes(range(256))", "x == bytes(range(256))"),
    Kind("bytearray", "x = bytearray(b'ab')", "x == b'ab' and type(x) is bytearray"),
    Kind("NaN in a list", "x = [float('nan'), -0.0]", "x[0] != x[0] and str(x[1]) == '-0.0'"),
    Kind("dict order", "x = {'b': 1, 'a': 2}", "list(x) == ['b', 'a']"),
    Kind("set of strings", "x = {f's{i}' for i in range(1000)}", "len(x) == 1000"),
    Kind("frozenset", "x = frozenset('abcdef')", "x == frozenset('abcdef')"),
    Kind("dict of sets", "x = {'k': set('abcdef')}", "x['k'] == set('abcdef')"),
    Kind("set of tuples", "x = {(i, str(i)) for i in range(50)}", "(3, '3') in x"),
    Kind("big set of tuples", "x = {(i, str(i)) for i in range(30000)}", "(3, '3') in x"),
    Kind("set in an object", "class A: pass\nx = A(); x.s = {'p', 'q', 'r'}", "x.s == set('pqr')"),
    Kind("set twice", "s = {'a', 'b'}\nx = [s, s]", "x[0] is x[1] and x[0] == {'a', 'b'}"),
    Kind("equal strings", "x = [''.join(['a', 'b']), 'ab']", "x == ['ab', 'ab']"),
    Kind("shared list", "a = []\nx = [a, a]", "x[0] is x[1]"),
    Kind("recursive list", "x = []; x.append(x)", "x[0] is x"),
    Kind(
        "recursive objects",
        "class A: pass\na = A(); b = A(); a.o = b; b.o = a\nx = a",
        "x.o.o is x",
    ),
    Kind("lambda", "x = lambda v: v + 1", "x(1) == 2"),
    Kind("closure", "def f(n):\n    return lambda v: v + n\nx = f(3)", "x(1) == 4"),
    Kind(
        "closures that share",
        "def f():\n"
        "    n = 0\n"
        "    def inc():\n"
        "        nonlocal n\n"
        "        n += 1\n"
        "    def get():\n"
        "        return n\n"
        "    return inc, get\n"
        "x = f()",
        "x[0]() is None and x[1]() == 1",
    ),
    Kind(
        "recursive closure",
        "def f():\n"
        "    def g(n):\n"
        "        return 1 if n == 0 else n * g(n - 1)\n"
        "    return g\n"
        "x = f()",
        "x(5) == 120 and x.__closure__[0].cell_contents is x",
    ),
    Kind(
        "function with globals",
        "G = 3\ndef h(v): return v * G\ndef x(v): return h(v)",
        "x(2) == 6",
    ),
    Kind("recursive function", "def x(n): return 1 if n == 0 else n * x(n - 1)", "x(5) == 120"),
    Kind("function of a module", "import numpy as np\ndef x(): return np.pi", "x() > 3"),
    Kind("function of a submodule", "import xml.dom\ndef x(): return xml.dom.Node", "x()"),
    Kind("function without its global", "def x(): return later", "x.__name__ == 'x'"),
    Kind("annotated function", "def x(a: int = 1) -> str: return str(a)", "x() == '1'"),
    Kind("function with set constant", "def x(v): return v in {'a', 'b', 'c', 'd'}", "x('a')"),
    Kind("partial", "import functools\nx = functools.partial(lambda a, b: a - b, 5)", "x(2) == 3"),
    Kind(
        "cached function",
        "import functools\n"
        "@functools.lru_cache(maxsize=3)\n"
        "def x(n): return n if n < 2 else x(n - 1) + x(n - 2)",
        "x(10) == 55 and x.cache_parameters()['maxsize'] == 3",
    ),
    Kind(
        "wrapped function",
        "import functools\n"
        "def d(f):\n"
        "    @functools.wraps(f)\n"
        "    def w(*a): return f(*a) + 1\n"
        "    return w\n"
        "@d\n"
        "def x(a): return a",
        "x(1) == 2 and x.__name__ == 'x' and x.__wrapped__(1) == 1",
    ),
    Kind(
        "mutable default",
        "def x(a, s=[]):\n    s.append(a)\n    return s\nx(1)",
        "x(2) == [1, 2]",
    ),
    Kind(
        "bound method",
        "class A:\n    def m(self): return self.v\na = A(); a.v = 3\nx = a.m",
        "x() == 3",
    ),
    Kind("builtin function", "x = len", "x is len"),
    Kind("ufunc", "import numpy as np\nx = np.add", "x(1, 2) == 3"),
    Kind("itemgetter", "import operator\nx = operator.itemgetter(1)", "x([4, 5]) == 5"),
    Kind("coroutine function", "async def x(): return 1", "x.__code__.co_flags & 0x80"),
    Kind("generator function", "def x():\n    yield 1", "list(x()) == [1]"),
    Kind("dict view", "x = {'a': 1}.keys()", "list(x) == ['a']"),
    Kind("module", "import json as x", "x.dumps([1]) == '[1]'"),
    Kind("BytesIO", "import io\nx = io.BytesIO(b'abc'); x.read(1)", "x.read() == b'bc'"),
    Kind("StringIO", "import io\nx = io.StringIO('abc')", "x.read() == 'abc'"),
    Kind("standard output", "import sys\nx = [sys.stdout]", "x[0] is __import__('sys').stdout"),
    Kind("logger", "import logging\nx = logging.getLogger('a.b')", "x.name == 'a.b'"),
    Kind(
        "object with logger",
        "import logging\n"
        "class A:\n"
        "    def __init__(self): self.log = logging.getLogger('a')\n"
        "x = A()",
        "x.log.name == 'a'",
    ),
    Kind("code object", "x = compile('1 + 1', 'f', 'eval')", "eval(x) == 2"),
    Kind("mapping proxy", "import types\nx = types.MappingProxyType({'a': 1})", "x['a'] == 1"),
    Kind("namespace", "import types\nx = types.SimpleNamespace(a=1)", "x.a == 1"),
    Kind("property", "x = property(lambda self: 3)", "x.fget(None) == 3"),
    Kind(
        "memoryview",
        "x = memoryview(bytearray(b'abcd'))[1:3]",
        "bytes(x) == b'bc' and not x.readonly",
    ),
    Kind(
        "typed memoryview",
        "import array\nx = memoryview(array.array('d', [1, 2]))",
        "x[1] == 2.0",
    ),
    Kind("array", "import array\nx = array.array('i', [1, 2])", "x[1] == 2"),
    Kind("pattern", "import re\nx = re.compile('a+')", "x.match('aa')"),
    Kind("path", "import pathlib\nx = pathlib.Path('a/b')", "x.name == 'b'"),
    Kind(
        "date with zone",
        "import datetime\nx = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)",
        "x.tzinfo.utcoffset(x).seconds == 0",
    ),
    Kind(
        "decimal, fraction, uuid",
        "import decimal, fractions, uuid\n"
        "x = decimal.Decimal('1.10'), fractions.Fraction(1, 3), uuid.UUID(int=1)",
        "str(x[0]) == '1.10'",
    ),
    Kind(
        "defaultdict of lambda",
        "import collections\nx = collections.defaultdict(lambda: 7)",
        "x['a'] == 7",
    ),
    Kind(
        "collections",
        "import collections as c\nx = c.OrderedDict(b=1, a=2), c.Counter('aab'), c.deque([1], 3)",
        "x[1]['a'] == 2 and x[2].maxlen == 3",
    ),
    Kind(
        "random generator",
        "import random\nx = random.Random(1)",
        "x.random() == __import__('random').Random(1).random()",
    ),
    Kind(
        "singletons",
        "x = [..., NotImplemented, type(None)]",
        "x[0] is ... and x[2] is type(None)",
    ),
    Kind("generic alias", "x = list[int]", "x == list[int]"),
    Kind(
        "optional",
        "import typing\nx = typing.Optional[int]",
        "x == __import__('typing').Optional[int]",
    ),
    Kind(
        "type variable",
        "import typing\nT = typing.TypeVar('T', bound=int)\nx = T",
        "x.__bound__ is int",
    ),
    Kind("syntax tree", "import ast\nx = ast.parse('a = 1')", "x.body[0].value.value == 1"),
    Kind("ctypes number", "import ctypes\nx = ctypes.c_int(3)", "x.value == 3"),
    Kind(
        "context manager function",
        "import contextlib\n@contextlib.contextmanager\ndef x():\n    yield 5",
        "x().__enter__() == 5",
    ),
    Kind("class", "class x:\n    a = 1\n    def m(self): return self.a", "x().m() == 1"),
    Kind("instance", "class A:\n    def m(self): return self.v\nx = A(); x.v = 2", "x.m() == 2"),
    Kind("slots", "class A:\n    __slots__ = ('v',)\nx = A(); x.v = 2", "x.v == 2"),
    Kind(
        "hostile instance",
        "class A:\n"
        "    def __eq__(self, o): raise ValueError\n"
        "    def __bool__(self): raise ValueError\n"
        "    def __repr__(self): raise ValueError\n"
        "    __hash__ = None\n"
        "x = [A()]",
        "type(x[0]).__name__ == 'A'",
    ),
    Kind(
        "hostile hash in a set",
        "class A:\n    def __hash__(self): return 1\nx = {A(), A(), 'a', 1}",
        "len(x) == 4",
    ),
    Kind(
        "enum member",
        "import enum\nclass C(enum.Enum):\n    A = 1\n    B = 2\nx = C.B",
        "x is type(x).B and x.value == 2",
    ),
    Kind(
        "enum class",
        "import enum\nclass x(enum.Enum):\n    A = 1\n    Z = 1",
        "x.A.value == 1 and x.Z is x.A",
    ),
    Kind(
        "flag",
        "import enum\nclass F(enum.Flag):\n    A = 1\n    B = 2\nx = F.A | F.B",
        "x.value == 3",
    ),
    Kind(
        "int enum",
        "import enum\nclass C(enum.IntEnum):\n    A = 1\n    def d(self): return self + 1\nx = C.A",
        "x.d() == 2",
    ),
    Kind(
        "exception of two arguments",
        "class E(Exception):\n    def __init__(self, a, b): super().__init__(a)\nx = [E(1, 2)]",
        "type(x[0]).__name__ == 'E' and x[0].args == (1,)",
    ),
    Kind(
        "annotated class",
        "class P:\n    a: int\n    b: 'list' = None\n    def f(self, c: 'P') -> int: pass\nx = P",
        "x.__annotations__ == {'a': int, 'b': 'list'} and x.f.__annotations__['return'] is int",
    ),
    Kind(
        "dataclass",
        "import dataclasses as d\n"
        "@d.dataclass\n"
        "class P:\n"
        "    a: int\n"
        "    b: list = d.field(default_factory=list)\n"
        "x = P(1)",
        "x == type(x)(1) and x.b == [] and __import__('dataclasses').replace(x, a=2).a == 2",
    ),
    Kind(
        "frozen slots dataclass",
        "import dataclasses as d\n"
        "@d.dataclass(frozen=True, slots=True)\n"
        "class P:\n"
        "    a: int\n"
        "x = P(1)",
        "x.a == 1 and hash(x)",
    ),
    Kind(
        "dataclass fields",
        "import dataclasses as d\n@d.dataclass\nclass P:\n    a: int\nx = P",
        "__import__('dataclasses').fields(x)[0].default is __import__('dataclasses').MISSING",
    ),
    Kind(
        "named tuple",
        "import collections\nP = collections.namedtuple('P', 'a b')\nx = P(1, 2)",
        "x.b == 2 and x._replace(a=3).a == 3",
    ),
    Kind(
        "typed named tuple",
        "import typing\nclass P(typing.NamedTuple):\n    a: int\n    b: int = 2\nx = P(1)",
        "x == (1, 2) and x.b == 2",
    ),
    Kind(
        "abstract base",
        "import abc\n"
        "class B(abc.ABC):\n"
        "    @abc.abstractmethod\n"
        "    def m(self): ...\n"
        "class A(B):\n"
        "    def m(self): return 1\n"
        "x = A()",
        "x.m() == 1",
    ),
    Kind(
        "super",
        "class B:\n"
        "    def m(self): return 1\n"
        "class A(B):\n"
        "    def m(self): return super().m() + 1\n"
        "x = A()",
        "x.m() == 2",
    ),
    Kind(
        "metaclass",
        "class M(type):\n    def hi(cls): return 1\nclass A(metaclass=M): pass\nx = A()",
        "type(x).hi() == 1",
    ),
    Kind(
        "local class",
        "def f():\n    class A:\n        v = 1\n    return A()\nx = f()",
        "x.v == 1",
    ),
    Kind("nested class", "class A:\n    class B:\n        v = 1\nx = A.B()", "x.v == 1"),
    Kind(
        "cached property",
        "import functools\n"
        "class A:\n"
        "    @functools.cached_property\n"
        "    def p(self): return 3\n"
        "x = A()",
        "x.p == 3",
    ),
    Kind(
        "class and static methods",
        "class A:\n"
        "    @classmethod\n"
        "    def c(cls): return cls\n"
        "    @staticmethod\n"
        "    def s(): return 1\n"
        "x = A",
        "x.c() is x and x.s() == 1",
    ),
    Kind(
        "generic instance",
        "import typing\n"
        "T = typing.TypeVar('T')\n"
        "class A(typing.Generic[T]):\n"
        "    v = 1\n"
        "x = A[int]()",
        "x.v == 1",
    ),
    Kind(
        "lazy import in a method",
        "class A:\n    def m(self):\n        import json\n        return json.dumps(1)\nx = A()",
        "x.m() == '1'",
    ),
    Kind(
        "classes that refer to each other",
        "class A:\n    def b(self): return B()\nclass B:\n    def a(self): return A()\nx = A()",
        "type(x.b().a()) is type(x)",
    ),
    Kind("exception", "x = ValueError('a', 1)", "x.args == ('a', 1)"),
    Kind(
        "array C",
        "import numpy as np\nx = np.arange(6.).reshape(2, 3)",
        "x[1, 2] == 5 and x.flags.writeable",
    ),
    Kind(
        "array F",
        "import numpy as np\nx = np.asfortranarray(np.arange(6.).reshape(2, 3))",
        "x[1, 2] == 5 and x.flags.f_contiguous",
    ),
    Kind("array strided", "import numpy as np\nx = [np.arange(9)[::2]]", "x[0].sum() == 20"),
    Kind(
        "array of objects",
        "import numpy as np\nx = np.array(['a', None, 1], object)",
        "x[0] == 'a'",
    ),
    Kind(
        "array structured",
        "import numpy as np\nx = np.zeros(3, [('a', 'i4'), ('b', 'f8', (2,))])",
        "x['b'].shape == (3, 2)",
    ),
    Kind(
        "array aligned",
        "import numpy as np\nx = np.zeros(3, np.dtype([('a', 'i1'), ('b', 'f8')], align=True))",
        "x.dtype.isalignedstruct",
    ),
    Kind(
        "array masked",
        "import numpy as np\nx = np.ma.array([1, 2], mask=[0, 1])",
        "x.sum() == 1",
        settled=False,
    ),
    Kind(
        "array read-only",
        "import numpy as np\nx = np.arange(3); x.flags.writeable = False",
        "not x.flags.writeable",
    ),
    Kind(
        "array of new strings",
        "import numpy as np\nx = np.array(['a', 'bc'], np.dtypes.StringDType())",
        "x[1] == 'bc'",
    ),
    Kind(
        "arrays in a dict",
        "import numpy as np\nx = {'a': np.ones(1000), 'b': np.ones(3)}",
        "x['a'].flags.writeable and x['b'].flags.writeable",
    ),
    Kind("one array twice", "import numpy as np\na = np.ones(1000)\nx = [a, a]", "x[0] is x[1]"),
    Kind(
        "numpy generator",
        "import numpy as np\nx = np.random.default_rng(1)",
        "x.random() == __import__('numpy').random.default_rng(1).random()",
    ),
    Kind("matrix", "import numpy as np\nx = np.matrix([[1, 2]])", "x.shape == (1, 2)"),
    Kind("sparse matrix", "import scipy.sparse as s\nx = s.csr_matrix([[0, 1]])", "x[0, 1] == 1"),
    Kind("dtype", "import numpy as np\nx = np.dtype('>i4')", "x.str == '>i4'"),
    Kind(
        "numpy scalar",
        "import numpy as np\nx = np.float32(1.5)",
        "type(x).__name__ == 'float32' and x == 1.5",
    ),
    Kind(
        "data frame",
        "import pandas as pd\n"
        "x = pd.DataFrame({'a': [1, 2], 'b': ['x', None], 'c': pd.Categorical(['u', 'v'])})",
        "x.a.sum() == 3 and x.b[0] == 'x'",
    ),
    Kind(
        "data frame with lambda",
        "import pandas as pd\nx = pd.DataFrame({'a': [1]}); x.attrs['f'] = lambda: 4",
        "x.attrs['f']() == 4",
    ),
    Kind(
        "data frame slice",
        "import pandas as pd\nx = pd.DataFrame({'a': range(100000)})[5:8]",
        "list(x.a) == [5, 6, 7]",
    ),
    Kind(
        "group by",
        "import pandas as pd\nx = pd.DataFrame({'a': [1, 1, 2], 'b': [1, 2, 3]}).groupby('a')",
        "x.b.sum()[1] == 3",
    ),
    Kind(
        "rows of a frame",
        "import pandas as pd\nx = list(pd.DataFrame({'a': [1]}).itertuples())",
        "x[0].a == 1",
    ),
    Kind(
        "series",
        "import pandas as pd\nx = pd.Series([1., None], name='n')",
        "x.name == 'n' and x[0] == 1",
    ),
    Kind(
        "period index",
        "import pandas as pd\nx = pd.Series([1, 2], pd.period_range('2020', periods=2, freq='Y'))",
        "x['2021'] == 2",
    ),
    Kind(
        "polars frame",
        "import polars as pl\nx = pl.DataFrame({'a': [1, None], 'b': ['x', 'y']})",
        "x['b'][1] == 'y'",
    ),
    Kind(
        "polars series",
        "import polars as pl\nx = pl.Series('n', [[1], []])",
        "x.name == 'n' and x.dtype.is_nested()",
    ),
    Kind(
        "polars objects",
        "import polars as pl\n"
        "x = pl.DataFrame({'a': [1]}).with_columns(e=pl.lit('q').cast(pl.Enum(['q'])))",
        "x['e'][0] == 'q'",
    ),
    Kind(
        "lazy frame",
        "import polars as pl\nx = pl.LazyFrame({'a': [1]}).select('a')",
        "x.collect()['a'][0] == 1",
    ),
    Kind(
        "arrow table",
        "import pyarrow as pa\nx = pa.table({'a': [1, None]})",
        "x['a'][0].as_py() == 1",
    ),
    Kind(
        "arrow batch",
        "import pyarrow as pa\nx = pa.record_batch({'a': [1, 2]})",
        "x.num_rows == 2 and type(x).__name__ == 'RecordBatch'",
    ),
    Kind(
        "arrow array inside",
        "import pyarrow as pa\nx = {'a': pa.array([1, 2])[1:], 'c': pa.chunked_array([[1], [2]])}",
        "x['a'][0].as_py() == 2 and x['c'][1].as_py() == 2",
    ),
    Kind(
        "frames in a list",
        "import polars as pl, pandas as pd\n"
        "x = [pl.DataFrame({'a': [1]}), pd.DataFrame({'a': [1]})]",
        "x[0]['a'][0] == x[1]['a'][0]",
    ),
    Kind(
        "linear model",
        "from sklearn.linear_model import LogisticRegression as L\n"
        "x = L().fit([[0.], [1.]], [0, 1])",
        "x.predict([[1.]])[0] == 1",
    ),
    Kind(
        "random forest",
        "from sklearn.ensemble import RandomForestClassifier as R\n"
        "x = R(3, random_state=0).fit([[0.], [1.]], [0, 1])",
        "x.predict([[1.]]).shape == (1,)",
    ),
    Kind(
        "model pipeline with lambda",
        "import numpy as np\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import FunctionTransformer\n"
        "from sklearn.linear_model import LinearRegression\n"
        "f = FunctionTransformer(lambda a: np.array(a) * 2)\n"
        "x = make_pipeline(f, LinearRegression()).fit([[0.], [1.]], [0, 1])",
        "abs(x.predict([[1.]])[0] - 1) < 1e-9",
    ),
    Kind(
        "figure",
        "from matplotlib.figure import Figure\nx = Figure(); x.subplots().plot([1, 2])",
        "len(x.axes) == 1",
        settled=False,
    ),
    Kind(
        "axes",
        "from matplotlib.figure import Figure\nx = Figure().subplots()",
        "x.figure is not None",
        settled=False,
    ),
]

REFUSED = [
    Kind("deep list", "x = []\nfor _ in range(100000): x = [x]", "x"),
    Kind("generator", "x = {'g': (i for i in [1])}", "x['g']"),
    Kind("coroutine", "async def f(): pass\nx = f()\nx.close()", "x"),
    Kind("list iterator", "x = [0, iter([1])]", "x[1]"),
    Kind("map", "x = map(str, [1])", "x"),
    Kind("zip", "x = zip([1])", "x"),
    Kind("enumerate", "x = enumerate([1])", "x"),
    Kind("count", "import itertools\nx = itertools.count()", "x"),
    Kind("dict iterator", "x = iter({1: 2})", "x"),
    Kind("file for reading", "import os\nx = {'f': open(os.devnull)}", "x['f']"),
    Kind("file for writing", "import os\nx = open(os.devnull, 'w')", "x"),
    Kind(
        "binary file",
        "import os\nclass A: pass\nx = A(); x.file = open(os.devnull, 'rb')",
        "x.file",
    ),
    Kind("temporary file", "import tempfile\nx = tempfile.NamedTemporaryFile()", "x"),
    Kind("connection", "import sqlite3\nx = [0, {'c': sqlite3.connect(':memory:')}]", "x[1]['c']"),
    Kind("cursor", "import sqlite3\nx = sqlite3.connect(':memory:').cursor()", "x"),
    Kind("socket", "import socket\nx = socket.socket()", "x"),
    Kind("lock", "import threading\nx = threading.Lock()", "x"),
    Kind("reentrant lock", "import threading\nx = threading.RLock()", "x"),
    Kind("thread local", "import threading\nx = threading.local()", "x"),
    Kind("thread", "import threading\nx = threading.Thread()", "x"),
    Kind("queue", "import queue\nx = queue.Queue()", "x.mutex"),
    Kind(
        "object with lock",
        "import threading\n"
        "class M:\n"
        "    def __init__(self): self.session = threading.Lock()\n"
        "x = M()",
        "x.session",
    ),
    Kind(
        "lock in slots",
        "import threading\nclass M:\n    __slots__ = ('l',)\nx = M(); x.l = threading.Lock()",
        "x.l",
    ),
    Kind(
        "lock in a closure",
        "import threading\ndef f():\n    lock = threading.Lock()\n    return lambda: lock\nx = f()",
        "x.lock",
    ),
    Kind("weak reference", "import weakref\nclass A: pass\na = A()\nx = weakref.ref(a)", "x"),
    Kind(
        "temporary directory", "import tempfile\nx = tempfile.TemporaryDirectory()", "x._finalizer"
    ),
    Kind("weak dictionary", "import weakref\nx = weakref.WeakValueDictionary()", "x"),
    Kind("context variable", "import contextvars\nx = contextvars.ContextVar('v')", "x"),
    Kind("frame", "import sys\nx = sys._getframe()", "x"),
    Kind(
        "traceback",
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    x = e.__traceback__",
        "x",
    ),
    Kind("pointer", "import ctypes\nx = ctypes.pointer(ctypes.c_int(1))", "x"),
    Kind(
        "own ctypes structure",
        "import ctypes\nclass S(ctypes.Structure):\n    _fields_ = [('a', ctypes.c_int)]\nx = S(3)",
        "x",
    ),
    Kind(
        "reduce that raises",
        "class A:\n    def __reduce__(self): raise ValueError('no')\nx = [A()]",
        "x[0]",
    ),
    Kind(
        "attributes without end",
        "class A:\n    def __getattr__(self, n): return self.q\nx = A(); x.v = 1",
        "x",
    ),
    Kind("made-up module", "import types\nx = types.ModuleType('made_up')", "x"),
    Kind("name for a type", "import typing\nU = typing.NewType('U', int)\nx = [U]", "x[0]"),
    Kind(
        "pool",
        "from concurrent.futures import ThreadPoolExecutor\nx = ThreadPoolExecutor(1)",
        "x",
    ),
    Kind(
        "process",
        "import subprocess, sys\nx = subprocess.Popen([sys.executable, '-c', ''])\nx.wait()",
        "x",
    ),
]
