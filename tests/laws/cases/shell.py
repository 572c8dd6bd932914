"""What IPython adds: magics, the shell, displays, plots."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

CASES = (
    case("%time binds", "%time total = sum(range(10))", "x = total + 1"),
    case("%%time runs the cell", "%%time\ntotal = 3\nprint('timed')", "x = total"),
    case(
        "%%capture keeps quiet",
        "%%capture\nprint('unseen')\nvalue = 3",
        "x = value",
    ),
    case(
        "%%capture into a name",
        "%%capture said\nprint('kept')\nvalue = 3",
        "x = said.stdout, value",
    ),
    case(
        "a magic's value",
        """
        here = %pwd
        n = len(here) > 0
        del here
        """,
        "x = n",
    ),
    case(
        "magics without their sign, alone in a cell",
        "matplotlib inline",
        "ls -d",
        "time total = sum(range(10))",
        "x = total",
    ),
    case("a name like a magic's", "ls, d = 5, 2", "ls -d", "hist = ls", "hist"),
    case("a shell line", "!echo from the shell"),
    case("a shell line's output is a value", "lines = !printf 'one\\ntwo\\n'", "x = list(lines)"),
    case("python values in a shell line", "word = 'hi'", "!echo {word} $word"),
    case("a shell cell", "%%bash\necho one\necho two"),
    case(
        "matplotlib inline by magic",
        """
            %matplotlib inline
            import matplotlib.pyplot as plt
            x = 1
            """,
    ),
    case(
        "a plot",
        code("import matplotlib.pyplot as plt"),
        "points = [1, 4, 9]",
        "plt.plot(points)\nplt.title('squares')",
    ),
    case(
        "two plots and a print between them",
        code("import matplotlib.pyplot as plt"),
        """
            plt.plot([1, 2])
            plt.show()
            print('between')
            plt.plot([2, 1])
            plt.show()
            """,
    ),
    case(
        "a figure and its axes as data",
        code("import matplotlib.pyplot as plt"),
        """
            fig, ax = plt.subplots()
            ax.plot([1, 2])
            n = len(ax.lines)
            """,
        "x = n",
    ),
    case(
        "a figure of another step is shown",
        code("import matplotlib.pyplot as plt"),
        "fig, ax = plt.subplots(figsize=(2, 1))\nax.plot([1, 2]);",
        "fig",
    ),
    case(
        "displays of all kinds",
        code("from IPython.display import HTML, Markdown, display"),
        """
            display('text', [1, 2])
            display(HTML('<b>bold</b>'))
            Markdown('*m*')
            """,
    ),
    case(
        "a class with its own display",
        code(
            """
                class Bold:
                    def _repr_html_(self):
                        return '<b>!</b>'
                    def __repr__(self):
                        return '!'
                """
        ),
        "shown = Bold()\nshown",
    ),
    case(
        "a display is updated",
        code("from IPython.display import display"),
        """
            handle = display('first', display_id='one')
            print('x')
            handle.update('second')
            del handle
            """,
    ),
    case(
        "an output is cleared",
        code("from IPython.display import clear_output"),
        """
            for i in range(3):
                clear_output(wait=True)
                print(i)
            """,
    ),
    case("tables are shown as HTML", "import pandas as pd\npd.DataFrame({'a': [1, 2]})"),
    case(
        "libraries see a notebook's shell",
        "import pandas as pd\npd.cut([1, 5, 9] * 12, [0, 3, 6, 10])",
        "print(pd.DataFrame([[10.0**n for n in range(19)]]))",
        "x = type(get_ipython()).__name__",
    ),
    case("the shell is there", "x = type(get_ipython()).__name__ != 'NoneType'"),
    case("pretty printing", "list(range(100))", "{'k' * i: i for i in range(12)}"),
    case(
        "what the compiler warns of, as often as in a kernel",
        "x = 1 is 1",
        "import asyncio\nawait asyncio.sleep(0)\ny = 2 is 2",
        "def f(n):\n    return n is 3",
        "z = f(4)",
    ),
    case(
        "what tells other programs how a notebook shows their output",
        "import os",
        "x = [os.environ.get(name) for name in ('TERM', 'PAGER', 'GIT_PAGER', 'FORCE_COLOR')]",
        "!echo $TERM $CLICOLOR",
    ),
    case(
        "what programs show of the environment",
        "x = !env | grep -c NBFLOW\ny = !printenv NBFLOW_TELL",
        "import subprocess\nz = b'NBFLOW' in subprocess.check_output(['env'])",
    ),
)
