"""What configures a library, or the shell: it holds in the cells below, not in those above."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

CASES = (
    case(
        "an ordinary cell says where modules are sought, and imports one from there",
        """
            import os
            os.makedirs('lib/deep', exist_ok=True)
            with open('lib/sought_here.py', 'w') as file:
                print('V = 3', file=file)
            with open('lib/deep/sought_deeper.py', 'w') as file:
                print('W = 4', file=file)
            del file
            """,
        code(
            """
            import sys
            sys.path.insert(0, os.path.abspath('lib'))
            if 'lib/deep' not in sys.path:
                sys.path.append('lib/deep')
            """
        ),
        code("def value():\n    from sought_here import V\n    return V"),
        "a = value()",
        "from sought_deeper import W\nb = W, sys.path.count('lib/deep')",
    ),
    case(
        "on the line of its own import",
        "import mpmath; mpmath.mp.dps = 5",
        "import mpmath\nprint(mpmath.pi)",
    ),
    case(
        "what decorators and calls put into libraries",
        """
            import csv
            import matplotlib as mpl
            import pandas as pd
            from matplotlib.colors import ListedColormap
            from IPython.core.magic import register_line_magic
            """,
        """
            def size(frame):
                return len(frame)

            @pd.api.extensions.register_dataframe_accessor('mine')
            class Mine:
                def __init__(self, frame):
                    self.frame = frame

                def size(self):
                    return size(self.frame)

            @register_line_magic
            def shout(line):
                return line.upper()
            """,
        """
            csv.register_dialect('semi', delimiter=';')
            mpl.colormaps.register(ListedColormap(['r', 'g', 'b'], name='few'))
            """,
        "n = pd.DataFrame({'a': [1, 2]}).mine.size()",
        "%shout aloud",
        "x = mpl.colormaps['few'].N, next(csv.reader(['a;b'], dialect='semi'))",
    ),
    case(
        "a precision magic of a step holds below",
        "x = 1 / 3\nx",
        "%precision 2",
        "y = 2 / 3\ny",
        "%precision 5\nz = 1 / 7\nz",
        "x",
    ),
    case(
        "a shell option set by a magic",
        "1\n2",
        "%config InteractiveShell.ast_node_interactivity = 'all'",
        "3\n4",
    ),
    case(
        "a shell option set on the class",
        "from IPython.core.interactiveshell import InteractiveShell",
        "InteractiveShell.ast_node_interactivity = 'all'  # every expression",
        "3\n4",
    ),
    case(
        "an extension loaded by a step",
        "%load_ext autoreload\n%autoreload 2",
        "x = 'autoreload' in get_ipython().extension_manager.loaded",
    ),
    case(
        "printing of formulas, where only the formula is read",
        "import sympy as sp",
        "a = sp.Symbol('a')",
        "sp.init_printing(use_latex=False, pretty_print=True, use_unicode=True)",
        "e = a**2 / 3",
        "e",
    ),
    case(
        "printing of mechanics",
        "from sympy.physics.vector import init_vprinting, dynamicsymbols",
        "init_vprinting(use_latex=False, pretty_print=False)",
        "q = dynamicsymbols('q')",
        "q.diff()",
    ),
    case(
        "printing of formulas, by a star import",
        "from sympy import *",
        "init_printing(use_latex=False, use_unicode=False)",
        "b = Symbol('b')\nb**2",
        "b**3",
    ),
    case(
        "a method that a library adds to another one's objects",
        "import pandas as pd\nfrom tqdm import tqdm",
        "tqdm.pandas(disable=True)",
        "df = pd.DataFrame({'a': [1, 2]})",
        "x = df['a'].progress_apply(lambda v: v + 1).tolist()",
    ),
    case(
        "estimators shown as text",
        "from sklearn import set_config\nfrom sklearn.linear_model import Ridge",
        "set_config(display='text', print_changed_only=False)",
        "text = repr(Ridge())\nRidge()",
    ),
    case(
        "the precision of decimals, and of mpmath",
        "import decimal\nfrom decimal import Decimal\nimport mpmath\nfrom mpmath import mp",
        "decimal.getcontext().prec = 5",
        "mp.dps = 30",
        "x = str(Decimal(1) / Decimal(3)), str(mpmath.pi)",
        "mp.dps += 5",
        "y = str(mpmath.pi), mp.dps",
    ),
    case(
        "a stream that is put back within its cell",
        "import io, sys",
        "old = sys.stdout\nsys.stdout = io.StringIO()\nprint('x')\n"
        "text = sys.stdout.getvalue()\nsys.stdout = old\ndel old",
        "print(text)",
    ),
    case(
        "frames of polars",
        "import polars as pl",
        "pl.Config.set_tbl_rows(3)",
        "df = pl.DataFrame({'a': list(range(9))})\nprint(df)",
    ),
    case(
        "a logger's level",
        "import logging",
        "logging.getLogger('quiet').setLevel(logging.ERROR)",
        "x = logging.getLogger('quiet').level",
    ),
    case(
        "an attribute of a module and of a class",
        "import textwrap\nimport json\nfrom json import JSONEncoder",
        "def plain(self, o):\n    return str(o)",
        "before = textwrap.TextWrapper.break_on_hyphens if hasattr(textwrap.TextWrapper, "
        "'break_on_hyphens') else None",
        "textwrap.TextWrapper.break_on_hyphens = 7\ntextwrap.MINE = {'a': 1}",
        "JSONEncoder.default = plain",
        "x = textwrap.TextWrapper.break_on_hyphens, textwrap.MINE['a'], json.dumps({1: {2j}})",
    ),
    case(
        "an ordinary cell's magics as before",
        code("%precision 3"),
        "x = 1 / 3\nx",
    ),
    case(
        "printing of formulas, set by a function of the notebook",
        "import sympy as sp",
        code("def setup(n=1):\n    print('set up')\n    sp.init_printing(use_latex=False)"),
        "a = sp.Symbol('a')",
        "setup()",
        "e = a**2 / 3\ne",
    ),
    case(
        "a function imports what it configures, and another one calls it",
        code("def quiet():\n    from sklearn import set_config\n    set_config(display='text')"),
        code("def setup():\n    quiet()\n    return 5"),
        "from sklearn.linear_model import Ridge",
        "n = setup()",
        "Ridge()",
    ),
    case(
        "a function configures several things",
        "import decimal\nimport sympy as sp\nimport matplotlib.pyplot as plt",
        code(
            "def setup():\n"
            "    decimal.getcontext().prec = 5\n"
            "    sp.init_printing(use_latex=False)\n"
            "    plt.ioff()\n"
            "    plt.rcParams['font.size'] = 17"
        ),
        "setup()",
        "x = decimal.Decimal(1) / 3\nx",
        "sp.Symbol('a') ** 2",
        "n = plt.rcParams['font.size']",
    ),
    case(
        "a magic that is called as a function",
        "get_ipython().run_line_magic('precision', '2')",
        "y = 2 / 3\ny",
    ),
    case(
        "a magic that is called as a function, in a function",
        code("def setup():\n    get_ipython().run_line_magic('precision', '3')"),
        "setup()",
        "y = 2 / 3\ny",
    ),
    case(
        "magics that a call registers",
        "from IPython.core.magic import Magics, cell_magic, line_magic, magics_class",
        """
            @magics_class
            class Mine(Magics):
                @line_magic
                def upper(self, line):
                    return line.upper()

                @cell_magic
                def carry_out(self, line, cell):
                    self.shell.run_cell(cell)
            """,
        "def lower(line):\n    return line.lower()",
        "get_ipython().register_magics(Mine)",
        "get_ipython().register_magic_function(lower, 'line')",
        "%upper aloud",
        "%lower QUIET",
        "%%carry_out\nprint('there')",
    ),
    case(
        "switches of the standard library",
        """
            import calendar
            import codecs
            import csv
            import gc
            import logging
            import mimetypes
            import os
            import socket
            import sqlite3
            """,
        """
            gc.disable()
            limit = csv.field_size_limit(10**7)
            socket.setdefaulttimeout(5)
            mimetypes.add_type('x/y', '.nbflow')
            calendar.setfirstweekday(6)
            """,
        """
            mask = os.umask(0o077)
            codecs.register_error('star', lambda e: ('*', e.end))
            sqlite3.register_adapter(complex, str)
            logging.addLevelName(25, 'NOTE')
            logging.disable(logging.ERROR)
            """,
        """
            print(gc.isenabled(), csv.field_size_limit(), socket.getdefaulttimeout())
            print(mimetypes.guess_type('a.nbflow'), calendar.firstweekday())
            print(b'a\\xff'.decode('ascii', 'replace'), '\\xe9'.encode('ascii', 'star'))
            print(sqlite3.connect(':memory:').execute('select ?', (1j,)).fetchone())
            logging.error('not told')
            """,
        "logging.disable(logging.NOTSET)",
        """
            open('mine.txt', 'w').close()
            print(oct(os.stat('mine.txt').st_mode), logging.getLevelName(25))
            print(logging.getLogger().isEnabledFor(logging.ERROR))
            """,
    ),
    case(
        "IPython is told how a type is shown",
        code(
            "class Price:\n    pass\ndef text(price):\n    return f'<b>{1 + 1}</b>'\n"
            "ip = get_ipython()\nhtml = ip.display_formatter.formatters['text/html']"
        ),
        "html.for_type(int, lambda n: f'<u>{str(n)}</u>');",
        "html.for_type(Price, text);",
        "get_ipython().display_formatter.formatters['text/plain'].for_type("
        "Price, lambda price, printer, cycle: printer.text('price'));",
        "42",
        "Price()",
    ),
    case(
        "IPython tells of each cell, until it is told not to",
        code("def hello(*told):\n    print('hello')\nip = get_ipython()"),
        "ip.events.register('pre_run_cell', hello)",
        "x = 1",
        "get_ipython().events.unregister('pre_run_cell', hello)",
        "y = 2",
    ),
    case("an alias of a command", "%alias say echo hello", "%say you"),
    case(
        "folders that are left for others",
        "import os\nos.makedirs('sub')",
        "%%capture\n%pushd sub",
        "here = os.path.basename(os.getcwd())",
        "%%capture\n%popd",
        "there = os.path.basename(os.getcwd()) == 'sub'",
    ),
    case(
        "what is put among Python's own names",
        "import builtins\nfrom functools import partial\nbuiltins.print = partial(print, end='!')",
        "print('one')",
    ),
    case(
        "a formatter that is taken away again, and the shell by other names",
        "from IPython import get_ipython as shell\nclass P:\n    pass",
        "shell().display_formatter.formatters['text/plain'].for_type("
        "P, lambda o, p, c: p.text('P'))",
        "P()",
        "shell().display_formatter.formatters['text/plain'].pop(P)",
        "print(shell().display_formatter.format(P())[0]['text/plain'][:1])",
        "shell().run_line_magic('precision', '2')",
        "1 / 3",
    ),
    case(
        "a module that says something as it is loaded is loaded once",
        "%%writefile telling.py\nprint('loading')\nn = 1",
        "import telling\nprint(telling.n)",
        "print('again')\nimport telling\nprint(telling.n)",
        "def look():\n    import telling\n    return telling.n\nx = look()",
        "import importlib\nimport telling\nm = importlib.reload(telling).n",
    ),
)
