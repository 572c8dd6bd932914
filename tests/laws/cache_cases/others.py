"""Parameters, values, fan-out and failures: C09 to C18, C46 to C54."""

# A row on each line: they are to be compared.
# ruff: noqa: E501

from __future__ import annotations

from tests.laws.cache_cases.case import Case, edits, gives, nothing, puts

OTHER = "%%step b\ny = 5"
_TYPED = {
    "C09 another number": ("p: int = 1", 2, "a"),
    "C09 the same number": ("p: int = 1", 1, ""),
    "C09 an integer for a float": ("p: float = 1.0", 1, ""),
    "C11 a dict in the same order": ("p: dict = {'v': 1, 'w': 2}", {"v": 1, "w": 2}, ""),
    "C11 a dict in another order": ("p: dict = {'v': 1, 'w': 2}", {"w": 2, "v": 1}, "a"),
}
#: Steps whose value a downstream step reads; nothing changes, so nothing runs again.
_STABLE = {
    "C10 not a number": "v = float('nan')",
    "C12 a set of texts": "v = {'one', 'two', 'three', 'four'}",
    "C12 a frozenset in a dict": "v = {'k': frozenset(['one', 'two', 'three'])}",
    "C12 a set of tuples": "v = {('one', 1), ('two', 2), ('three', 3)}",
    "C13 a shared object": "w = [1]\nv = [w, w]\ndel w",
    "C13 equal objects": "v = [[1], [1]]",
    "C13 interned texts": "v = ['one' * 3, ''.join(['one', 'one', 'one'])]",
    "C46 a view": "import numpy as np\nv = np.arange(9).reshape(3, 3)[:, 1]",
    "C46 in the order of columns": "import numpy as np\nv = np.asfortranarray(np.ones((2, 3)))",
    "C46 read-only": "import numpy as np\nv = np.arange(3)\nv.flags.writeable = False",
    "C46 the other endianness": "import numpy as np\nv = np.arange(3, dtype='>i4')",
    "C48 a slice of arrow": "import pyarrow as pa\nv = pa.table({'v': range(1000)}).slice(5, 3)",
    "C48 a slice of polars": "import polars as pl\nv = pl.DataFrame({'v': range(1000)}).slice(5, 3)",
    "C49 an object that refuses to be compared": (
        "class V:\n    def __eq__(self, o):\n        raise ValueError\n"
        "    def __hash__(self):\n        raise ValueError\n"
        "    def __repr__(self):\n        raise ValueError\n"
        "    def __bool__(self):\n        raise ValueError\nv = V()"
    ),
    "C23 a cached function": (
        "import functools\n@functools.lru_cache\ndef f(n):\n    return n + 1\nv = f(1)"
    ),
    "C54 a generator": "v = (i for i in range(3))",
    "C54 an open file": "v = open('d.txt')",
}
_FRAME = (
    "%%step f\nimport pandas as pd\n"
    "df = pd.DataFrame({'v': [1, 2], 'c': pd.Categorical(['s', 't'], ['s', 't'])}, index=[0, 1])",
    "%%step a\nx = repr(df), repr(df.dtypes), df.attrs, list(df.c.cat.categories)",
    OTHER,
)
_FRAMES = {
    "a column renamed": edits("'v': [1", "'u': [1"),
    "another index": edits("index=[0, 1]", "index=[0, 2]"),
    "attributes": edits("index=[0, 1])", "index=[0, 1])\ndf.attrs['k'] = 1"),
    "another dtype": edits("[1, 2]", "[1.0, 2.0]"),
    "the order of categories": edits("['s', 't'])}", "['t', 's'])}"),
    "the order of rows": edits("[1, 2]", "[2, 1]"),
}

CASES = (
    *(
        Case(
            words.split(" ", 1)[0],
            words.split(" ", 1)[1],
            (f"%%parameters\n{declared}", "%%step a\nx = repr(p)", OTHER),
            gives(p=value),
            reruns,
            everyday=words == "C09 another number",
        )
        for words, (declared, value, reruns) in _TYPED.items()
    ),
    *(
        Case(
            words.split(" ", 1)[0],
            words.split(" ", 1)[1],
            (f"%%step v\n{source}", "%%step a\nx = type(v).__name__", OTHER),
            nothing,
            files={"d.txt": "one"},
            everyday=words == "C12 a set of texts",
        )
        for words, source in _STABLE.items()
    ),
    *(Case("C47", title, _FRAME, change, "f a") for title, change in _FRAMES.items()),
    Case(
        "C15",
        "one element of a large array",
        (
            "%%step v\nimport numpy as np\nv = np.zeros(5_000_000)\nv[1234] = 1",
            "%%step a\nx = v.sum()",
            OTHER,
        ),
        edits("v[1234] = 1", "v[1234] = 2"),
        "v a",
    ),
    Case(
        "C16",
        "a list that a cell above appends to",
        ("%%step v\nL = [1]", "%%step w\nL.append(2)", "%%step a\nx = list(L)", OTHER),
        edits("append(2)", "append(3)"),
        "w a",
    ),
    Case(
        "C17",
        "a value that a step below changes",
        ("%%step v\nL = [1]", "%%step w\nL.append(2)\nn = len(L)", "%%step a\nx = sum(L)", OTHER),
        edits("n = len(L)", "n = len(L) + 1"),
        "w",
    ),
    Case(
        "C18",
        "a step that changes what it is given",
        ("%%step v\nL = [1]", "%%step a\nL.append(2)\nx = list(L)", OTHER),
        edits("x = list(L)", "x = tuple(L)"),
        "a",
    ),
    Case(
        "C51",
        "another order of the items",
        ("%%step v\nitems = [1, 2, 3]", "%%foreach i in items\nt = i * 2", OTHER),
        edits("[1, 2, 3]", "[3, 2, 1]"),
        "v t",
    ),
    Case(
        "C51",
        "one item more",
        ("%%step v\nitems = [1, 2]", "%%foreach i in items\nt = i * 2", "%%step a\nx = t"),
        edits("[1, 2]", "[1, 2, 3]"),
        "v t a",
    ),
    Case(
        "C51",
        "no items",
        ("%%step v\nitems = [1, 2]", "%%foreach i in items\nt = i * 2", "%%step a\nx = t"),
        edits("[1, 2]", "[]"),
        "v t a",
    ),
    Case(
        "C51",
        "items twice",
        ("%%step v\nitems = [1, 1]", "%%foreach i in items\nt = i * 2", "%%step a\nx = t"),
        nothing,
    ),
    Case(
        "C52",
        "a step that failed",
        ("%%step a\nraise ValueError('no')", OTHER),
        nothing,
        "a",
    ),
    Case(
        "C52",
        "a step that failed, and works by now",
        ("%%step a\nx = int(open('d.txt').read())", OTHER),
        puts("d.txt", "1"),
        "a",
        files={"d.txt": "none"},
    ),
    Case(
        "C53",
        "a full disk that the step catches",
        ("%%step a\ntry:\n    raise OSError(28, 'full')\nexcept OSError:\n    x = 0", OTHER),
        nothing,
    ),
)
