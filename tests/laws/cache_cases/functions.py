"""Changes of functions and classes: C19 to C26."""

from __future__ import annotations

from tests.laws.cache_cases.code import HELPER, OTHER, STEP, edited

_EDITED = {
    "C19 a default": (("def helper(v, w=1):\n    return v + w", STEP, OTHER), "w=1", "w=2"),
    "C19 a keyword-only default": (
        ("def helper(v, *, w=1):\n    return v + w", STEP, OTHER),
        "w=1",
        "w=2",
    ),
    "C19 a default taken from a global": (
        ("BASE = 1", "def helper(v, w=BASE):\n    return v + w", STEP, OTHER),
        "BASE = 1",
        "BASE = 2",
    ),
    "C19 a mutable default": (
        ("def helper(v, w=[1]):\n    return v + len(w)", STEP, OTHER),
        "[1]",
        "[1, 1]",
    ),
    "C20 what a closure holds": (
        (
            "def make(n):\n    def inner(v):\n        return v + n\n    return inner",
            "%%step m\nadd = make(1)",
            "%%step a\nx = add(1)",
            OTHER,
        ),
        "make(1)",
        "make(2)",
    ),
    "C21 one of two lambdas on a line": (
        ("%%step a\nf, g = (lambda v: v + 1), (lambda v: v + 2)\nx = f(1), g(1)", OTHER),
        "v + 2",
        "v + 3",
    ),
    "C21 the later of one name in two cells": (
        (HELPER, "%%step c\nz = helper(1)", "def helper(v):\n    return v - 1", STEP, OTHER),
        "v - 1",
        "v - 2",
    ),
    "C22 a decorator's body": (
        (
            "def twice(f):\n    def inner(v):\n        return f(v) * 2\n    return inner",
            "@twice\ndef helper(v):\n    return v + 1",
            STEP,
            OTHER,
        ),
        "f(v) * 2",
        "f(v) * 3",
    ),
    "C22 a decorator with wraps": (
        (
            "import functools",
            "def twice(f):\n    @functools.wraps(f)\n    def inner(v):\n"
            "        return f(v) * 2\n    return inner",
            "@twice\ndef helper(v):\n    return v + 1",
            STEP,
            OTHER,
        ),
        "f(v) * 2",
        "f(v) * 3",
    ),
    "C22 what is decorated with wraps": (
        (
            "import functools",
            "def twice(f):\n    @functools.wraps(f)\n    def inner(v):\n"
            "        return f(v) * 2\n    return inner",
            "@twice\ndef helper(v):\n    return v + 1",
            STEP,
            OTHER,
        ),
        "return v + 1",
        "return v + 2",
    ),
    "C22 the argument of a decorator": (
        (
            "def times(n):\n    def wrap(f):\n        return lambda v: f(v) * n\n    return wrap",
            "@times(2)\ndef helper(v):\n    return v + 1",
            STEP,
            OTHER,
        ),
        "@times(2)",
        "@times(3)",
    ),
    "C22 a decorator of a library": (
        ("import functools", "@functools.cache\ndef helper(v):\n    return v + 1", STEP, OTHER),
        "v + 1",
        "v + 2",
    ),
    "C23 the function of a partial": (
        (
            "import functools",
            "def base(n, v):\n    return n + v",
            "%%step a\nx = functools.partial(base, 1)(1)",
            OTHER,
        ),
        "n + v",
        "n - v",
    ),
    "C23 the argument of a partial": (
        (
            "import functools",
            "def base(n, v):\n    return n + v",
            "%%step a\nhelper = functools.partial(base, 1)\nx = helper(1)",
            OTHER,
        ),
        "base, 1",
        "base, 2",
    ),
    "C23 a bound method": (
        (
            "class K:\n    def m(self, v):\n        return v + 1",
            "%%step a\nhelper = K().m\nx = helper(1)",
            OTHER,
        ),
        "v + 1",
        "v + 2",
    ),
    "C23 a callable object": (
        (
            "class K:\n    def __call__(self, v):\n        return v + 1",
            "%%step k\nhelper = K()",
            "%%step a\nx = helper(1)",
            OTHER,
        ),
        "v + 1",
        "v + 2",
    ),
    "C23 a staticmethod": (
        (
            "class K:\n    @staticmethod\n    def m(v):\n        return v + 1",
            "%%step a\nx = K.m(1)",
            OTHER,
        ),
        "v + 1",
        "v + 2",
    ),
    "C24 a method": (
        ("class K:\n    def m(self):\n        return 1", "%%step a\nx = K().m()", OTHER),
        "return 1",
        "return 2",
    ),
    "C24 a method of a base class": (
        (
            "class B:\n    def m(self):\n        return 1",
            "class K(B):\n    pass",
            "%%step a\nx = K().m()",
            OTHER,
        ),
        "return 1",
        "return 2",
    ),
    "C24 a metaclass": (
        (
            "class M(type):\n    @property\n    def n(cls):\n        return 1",
            "class K(metaclass=M):\n    pass",
            "%%step a\nx = K.n",
            OTHER,
        ),
        "return 1",
        "return 2",
    ),
    "C24 a default of a dataclass": (
        (
            "from dataclasses import dataclass",
            "@dataclass\nclass K:\n    n: int = 1",
            "%%step a\nx = K().n",
            OTHER,
        ),
        "int = 1",
        "int = 2",
    ),
    "C24 a member of an enum": (
        (
            "import enum",
            "class K(enum.Enum):\n    A = 1",
            "%%step a\nx = K.A.value",
            OTHER,
        ),
        "A = 1",
        "A = 2",
    ),
    "C24 a property": (
        (
            "class K:\n    @property\n    def n(self):\n        return 1",
            "%%step a\nx = K().n",
            OTHER,
        ),
        "return 1",
        "return 2",
    ),
    "C26 a function by getattr of a class": (
        (
            "class K:\n    def m(self):\n        return 1",
            "%%step a\nx = getattr(K(), 'm')()",
            OTHER,
        ),
        "return 1",
        "return 2",
    ),
}
#: The same, where more than the step ``a`` runs again.
_MORE = {
    "C20 what a closure holds": "m a",
    "C23 a callable object": "k a",
}

CASES = edited(_EDITED, _MORE)
