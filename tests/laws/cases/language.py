"""The language within one cell, its outputs included."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, setup

CASES = (
    case("a star import of what a kernel has settled", "from tempfile import *", "x = tempdir"),
    case(
        "a generator is consumed within its cell",
        """
            numbers = (n * n for n in range(5))
            total = sum(numbers)
            del numbers
            """,
        "x = total + 1",
    ),
    case(
        "comprehensions have scopes of their own",
        "i = 'kept'",
        "x = [i for i in range(3)], {j: k for j, k in enumerate('ab')}, {m % 2 for m in range(4)}",
        "y = i",
    ),
    case(
        "match",
        "command = ('go', 3)",
        """
            match command:
                case ('go', int(n)) if n > 2:
                    x = n
                case _:
                    x = None
            """,
        "y = x",
    ),
    case(
        "try, else, finally",
        "done = []",
        """
            try:
                v = 1
            except ValueError:
                done.append('no')
            else:
                done.append('else')
            finally:
                done.append('finally')
            """,
        "x = list(done)",
    ),
    case(
        "a handled exception prints its traceback's last line",
        """
            import traceback
            try:
                1 / 0
            except ZeroDivisionError as error:
                text = traceback.format_exception_only(error)
            print(*text)
            """,
    ),
    case(
        "while with else",
        "n = 3",
        """
            while n:
                n -= 1
            else:
                ended = True
            """,
        "x = n, ended",
    ),
    case("f-strings", "v = 3.14159\nw = 8", "text = f'{v:>{w}.2f}|{v!r}|{{}}|{v=}'\nprint(text)"),
    case(
        "text that looks like magic",
        'text = """\n%time is not\n!nothing\n%%step either\n"""',
        "lines = text.splitlines()",
    ),
    case(
        "async functions, loops and comprehensions",
        code("""
            import asyncio

            async def count(n):
                for i in range(n):
                    yield i
            """),
        "x = [i async for i in count(3)]",
        """
            y = 0
            async for i in count(4):
                y += i
            """,
    ),
    case(
        "top-level await",
        code("""
            import asyncio

            async def slow(v):
                await asyncio.sleep(0)
                return v * 2
            """),
        "x = await slow(4)",
        "y, z = await asyncio.gather(slow(x), slow(1))",
    ),
    case(
        "standard output and error in order",
        """
            import sys
            print('a')
            print('b', file=sys.stderr)
            """,
    ),
    case(
        "prints without line ends, and many of them", "for i in range(50):\n    print(i, end=' ')"
    ),
    case("the last expression is shown", "[1, 2, {'a': 3}]", "None", "'text';", "x = 5\nx + 1"),
    case(
        "a warning is shown",
        """
        import warnings
        warnings.warn('mind the gap')
        x = 1
        """,
    ),
    case("a docstring is no output", '"""Only words."""\nx = 1'),
    case(
        "shared configuration",
        setup("import numpy as np\nnp.set_printoptions(precision=2, suppress=True)"),
        "values = np.array([1 / 3, 2 / 3])\nvalues",
        "print(values * 10)",
    ),
    case("an assertion that holds", "n = 3\nassert n == 3, 'not three'"),
    case(
        "names that stand in texts",
        "import numpy as np\nimport pandas as pd",
        "a = pd.DataFrame({'v': [1, 2]})\nlow = 1",
        "b = pd.eval('a + a')\nc = a.query('v > @low')",
        "n = eval('low + 1')\nexec('m = low + n')",
        "k = m + n",
    ),
    case("an import that prints", "import this", "x = len(this.s)"),
    case("several statements on a line", "a = 1; b = 2; a + b", "c = b;"),
    case(
        "continuation and comments", "x = (1 +  # one\n     2)\ny = x + \\\n    3", "# only words"
    ),
)
