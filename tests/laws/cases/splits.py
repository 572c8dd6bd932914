"""Foreach: each output is the list that a plain loop would have made."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, foreach

CASES = (
    case(
        "a foreach and its join",
        "numbers = [1, 2, 3]",
        foreach("n in numbers", "square = n * n"),
        "total = sum(square)",
    ),
    case("a foreach over a call", foreach("i in range(4)", "cube = i**3"), "x = cube"),
    case(
        "a grid by a second for, and a condition",
        foreach("a in (1, 2, 3) for b in 'xyz' if a != 2", "cell = f'{b}{a}'"),
        "x = cell",
    ),
    case(
        "keys and values",
        "ages = {'Ada': 36, 'Bob': 41}",
        foreach("name, age in ages.items()", "line = f'{name} is {age}'"),
        "text = '; '.join(line)",
    ),
    case(
        "nothing to loop over",
        "empty = []",
        foreach("item in empty", "out = item + 1"),
        "n = len(out)",
    ),
    case(
        "functions that are enrolled where they are defined",
        code(
            """
                HANDLERS = {}

                def register(name):
                    def enrol(function):
                        HANDLERS[name] = function
                        return function
                    return enrol
                """
        ),
        code("@register('sum')\ndef total(numbers):\n    return sum(numbers)"),
        code("@register('max')\ndef top(numbers):\n    return max(numbers)"),
        "numbers = [1, 2, 3]",
        foreach("name in sorted(HANDLERS)", "result = HANDLERS[name](numbers)"),
        "x = result, sorted(HANDLERS)",
    ),
    case(
        "two outputs",
        foreach("n in range(3)", "low = n - 1\nhigh = n + 1"),
        "pairs = list(zip(low, high))",
    ),
    case(
        "a foreach over the output of a foreach",
        foreach("n in range(4)", "square = n * n"),
        foreach("s in square", "half = s / 2"),
        "total = sum(half)",
    ),
    case(
        "splits read other data too",
        "base = 100",
        foreach("n in range(3)", "moved = base + n"),
        "base = 0",
        "x = moved, base",
    ),
    case(
        "splits print in their order",
        foreach("word in ['one', 'two', 'three']", "size = len(word)\nprint(word, size)"),
    ),
    case(
        "splits of arrays",
        code("import numpy as np"),
        "data = np.arange(10)",
        foreach("chunk in np.array_split(data, 3)", "part = chunk.sum()"),
        "total = sum(part)",
    ),
    case(
        "functions and classes in splits",
        code(
            """
                class Pair:
                    def __init__(self, a):
                        self.a = a

                def make(n):
                    return Pair(n)
                """
        ),
        foreach("n in range(3)", "pair = make(n)"),
        "x = [p.a for p in pair], all(isinstance(p, Pair) for p in pair)",
    ),
    case(
        "a joined list is changed and read again",
        foreach("n in range(3)", "value = n"),
        "value.append(99)",
        "x = sum(value)",
    ),
    case(
        "a split changes its own item",
        "rows = [[1], [2]]",
        foreach("row in [list(r) for r in rows]", "row.append(0)\ndone = row"),
        "x = rows, done",
    ),
)
