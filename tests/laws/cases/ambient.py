"""What belongs to the whole process: generators, options, the environment."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, setup

NUMPY = code("import numpy as np")
PLOT = code("import matplotlib.pyplot as plt")

CASES = (
    case(
        "generators that set-up has seeded",
        setup("import random\n\nimport numpy as np\n\nrandom.seed(1)\nnp.random.seed(2)"),
        "a = random.random(), np.random.rand()",
        "b = random.random()",
        "c = [random.random(), np.random.rand()]",
    ),
    case(
        "a seed holds for the draws of later cells",
        NUMPY,
        "np.random.seed(0)",
        "a = np.random.rand(3)",
        "b = np.random.normal(size=2)",
        "quiet = 1",
        "c = np.random.permutation(5)",
    ),
    case(
        "a cell seeds again",
        NUMPY,
        "np.random.seed(0)\na = np.random.rand()",
        "b = np.random.rand()",
        "np.random.seed(0)\nc = np.random.rand()",
        "d = np.random.rand()",
    ),
    case(
        "a draw before the seed of the same cell",
        NUMPY,
        "np.random.seed(1)",
        "a = np.random.rand()\nnp.random.seed(2)",
        "b = np.random.rand()",
    ),
    case(
        "draws through a function and through a library",
        code(
            "import numpy as np\nimport pandas as pd\ndef noise(n):\n    return np.random.rand(n)"
        ),
        "np.random.seed(3)",
        "a = noise(2)",
        "s = pd.Series(range(20)).sample(5).tolist()",
        "b = noise(2)",
    ),
    case(
        "a function that seeds",
        code("import numpy as np\ndef begin():\n    np.random.seed(8)"),
        "begin()",
        "a = np.random.rand(2)",
    ),
    case(
        "an imported function that seeds and draws",
        code("from numpy.random import rand, seed"),
        "seed(5)",
        "a = rand(2)",
        "b = rand(2)",
    ),
    case(
        "the standard library's generator",
        code("import random"),
        "random.seed(4)",
        "a = [random.random() for _ in range(3)]",
        "items = list(range(9))\nrandom.shuffle(items)",
        "b = random.choice(items)",
    ),
    case(
        "an object that holds the global generator",
        code("import numpy as np\nfrom scipy import stats"),
        "np.random.seed(6)\ndist = stats.norm(loc=2)",
        "a = dist.rvs(3)",
        "b = np.random.rand()",
        "c = dist.rvs(2)",
    ),
    case(
        "a model that draws from the global generator",
        code("import numpy as np\nfrom sklearn.model_selection import train_test_split"),
        "np.random.seed(1)",
        "X = np.random.rand(20, 2)",
        "train, test = train_test_split(X)",
        "n = np.random.randint(100)",
    ),
    case(
        "a style holds below",
        PLOT,
        "before = plt.rcParams['axes.facecolor']",
        "plt.style.use('ggplot')",
        "after = plt.rcParams['axes.facecolor']",
        "plt.rcParams['figure.figsize'] = (3, 2)",
        "size = list(plt.rcParams['figure.figsize'])",
        "plt.plot([1, 2]);",
    ),
    case(
        "a theme set by a function changes the letters of colours, too",
        code(
            """
            import matplotlib.pyplot as plt
            import matplotlib.colors as mc
            def theme():
                mc.colorConverter.colors['b'] = (0.1, 0.2, 0.3)
                plt.rcParams.update({'lines.linewidth': 3})
            """
        ),
        "theme()",
        "x = plt.rcParams['lines.linewidth'], mc.to_rgb('b')",
    ),
    case(
        "printing options",
        code("import numpy as np\nimport pandas as pd"),
        "np.set_printoptions(precision=2)\npd.options.display.max_rows = 4",
        "pd.set_option('display.precision', 1)",
        "np.array([1 / 3])",
        "pd.DataFrame({'a': [1 / 3] * 9})",
        "pd.reset_option('display.max_rows')",
        "pd.DataFrame({'a': [1 / 3] * 9})",
    ),
    case(
        "options in a context that is entered and left by hand",
        "import pandas as pd\nfrom contextlib import ExitStack",
        "context = pd.option_context('display.max_rows', 2)\ncontext.__enter__()",
        "print(pd.Series(range(9)))",
        "stack = ExitStack()\nstack.enter_context(pd.option_context('display.precision', 2))",
        "print(pd.Series([1 / 3, 2, 3]))",
        "stack.close()",
        "print(pd.Series([1 / 3, 2, 3]))",
    ),
    case(
        "the context of decimals under a name, and its traps",
        "import decimal\nfrom decimal import Decimal, getcontext",
        "context = getcontext()\ncontext.prec = 5",
        "a = str(Decimal(1) / 3)",
        "decimal.getcontext().traps[decimal.DivisionByZero] = False",
        "b = str(Decimal(1) / 0), context is getcontext()",
        "decimal.setcontext(decimal.ExtendedContext)",
        "c = str(Decimal(1) / 3)\ndel context",
    ),
    case(
        "errors of special functions",
        "import scipy.special as sc",
        "sc.seterr(all='raise');",
        "try:\n    sc.gammaln(0)\nexcept Exception as error:\n    x = str(error)",
    ),
    case(
        "floating point errors",
        NUMPY,
        "old = np.seterr(all='ignore')",
        "x = np.array([1.0]) / 0",
    ),
    case(
        "a setting that the source does not show",
        NUMPY,
        "getattr(np, 'seterr')(all='ignore')",
        "x = 1",
        "y = np.array([1.0]) / 0",
    ),
    case(
        "the environment and the search path",
        code("import os\nimport sys"),
        "os.environ['NBFLOW_CASE'] = 'set'",
        "a = os.environ['NBFLOW_CASE']",
        "del os.environ['NBFLOW_CASE']\nsys.path.insert(0, 'somewhere')",
        "b = os.environ.get('NBFLOW_CASE'), 'somewhere' in sys.path",
    ),
    case(
        "the arguments of a script",
        code("import argparse\nimport sys"),
        "sys.argv = ['prog', '--n', '3']",
        "p = argparse.ArgumentParser()\np.add_argument('--n', type=int)\na = p.parse_args().n",
        "sys.argv.append('q')",
        "b = sys.argv[1:]",
    ),
    case(
        "the working directory",
        code("import os"),
        "os.makedirs('below', exist_ok=True)\nos.chdir('below')",
        "a = os.path.basename(os.getcwd())",
        "os.chdir('..')",
        "b = os.path.basename(os.getcwd()) == 'below'",
    ),
    case(
        "filters of warnings",
        code("import warnings"),
        "warnings.warn('seen')",
        "warnings.filterwarnings('ignore')",
        "warnings.warn('unseen')",
        "warnings.filterwarnings('default', message='again')",
        "warnings.warn('again')\nwarnings.warn('still unseen')",
        "warnings.simplefilter('error')",
        "try:\n    warnings.warn('raised')\nexcept UserWarning as w:\n    said = str(w)",
    ),
    case(
        "the configuration of logging",
        code("import logging"),
        "logging.basicConfig(level=logging.INFO, format='%(levelname)s %(message)s')",
        "logging.info('told')",
        "logging.getLogger('other').setLevel(logging.ERROR)",
        "logging.getLogger('other').warning('not told')\nlogging.getLogger('more').warning('told')",
    ),
    case(
        "a logger with a handler of its own",
        code("import logging\nimport sys\ndef mine():\n    return logging.getLogger('mine')"),
        """
            mine().setLevel(logging.DEBUG)
            handler = logging.StreamHandler(sys.stdout)
            handler.setFormatter(logging.Formatter('{name}: {message}', style='{'))
            mine().addHandler(handler)
            mine().propagate = False
            """,
        "mine().debug('told')",
        "logging.getLogger('mine.part').info('told')",
        "mine().removeHandler(handler)",
        "mine().info('not told')",
        "mine().propagate = True\nmine().warning('told by the root')",
    ),
    case(
        "all expressions of a cell are shown",
        code("from IPython.core.interactiveshell import InteractiveShell"),
        "InteractiveShell.ast_node_interactivity = 'all'",
        "1\n2",
    ),
    case(
        "the format of figures",
        PLOT,
        "%config InlineBackend.figure_format = 'svg'",
        "fig, ax = plt.subplots(figsize=(1, 1))\nplt.close()\nx = 1",
    ),
    case(
        "a backend that shows nothing",
        PLOT,
        "import matplotlib\nmatplotlib.use('svg')",
        "plt.plot([1, 2])\nplt.savefig('x.svg')",
    ),
    case("precision by magic", "%precision 2", "1 / 3"),
    case(
        "states of generators that are asked for, and put back",
        "import random\nimport numpy as np\nrandom.seed(1)\nnp.random.seed(2)",
        "print(random.random(), np.random.rand())",
        "kept, other = np.random.get_state(), random.getstate()",
        "drawn = np.random.rand(), random.random()",
        "np.random.set_state(kept)\nrandom.setstate(other)\nprint(drawn[0] == np.random.rand())",
        "print(drawn[1] == random.random())",
    ),
    case(
        "scikit-learn's configuration, in a context that one cell enters and another one leaves",
        "import sklearn\ncontext = sklearn.config_context(assume_finite=True)\ncontext.__enter__()",
        "print(sklearn.get_config()['assume_finite'])",
        "context.__exit__(None, None, None)",
        "print(sklearn.get_config()['assume_finite'])",
    ),
    case(
        "what sympy assumes",
        """
        from sympy import Q, ask, symbols
        from sympy.assumptions import global_assumptions
        x = symbols('x')
        global_assumptions.add(Q.positive(x))
        """,
        "print(ask(Q.positive(x)))",
        "global_assumptions.clear()",
        "print(ask(Q.positive(x)))",
    ),
    case(
        "where time zones are looked for",
        "import zoneinfo\nzoneinfo.reset_tzpath(['/nowhere'])",
        "print(zoneinfo.TZPATH)",
    ),
)
