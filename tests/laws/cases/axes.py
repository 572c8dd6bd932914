"""The names of pandas indexes, which frames and columns have in common."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

PANDAS = code("import pandas as pd")
POPULATION = (
    "index = pd.MultiIndex.from_product([['CA', 'NY'], [2000, 2010]])\n"
    "pop = pd.Series([33, 37, 18, 19], index=index)"
)
FRAME = "frame = pd.DataFrame({'total': pop, 'under18': [9, 9, 4, 4]})"

CASES = (
    case(
        "the names of an index through a column are seen in a frame made of it",
        PANDAS,
        POPULATION,
        FRAME,
        "pop.index.names = ['state', 'year']\npop",
        "frame",
        "text = str((frame.index.names, index.names, pop.index.names))",
    ),
    case(
        "the names of an index under its own name",
        PANDAS,
        POPULATION,
        FRAME,
        "index.names = ['a', 'b']",
        "text = str((frame.index.names, pop.index.names))",
        "frame.reset_index()",
    ),
    case(
        "an index gets its names in a function",
        PANDAS,
        code("def call(thing, *names):\n    thing.index.names = names"),
        POPULATION,
        FRAME,
        "call(frame, 'x', 'y')",
        "pop",
        "text = str((index.names, pop.index.names))",
    ),
    case(
        "set_names in place",
        PANDAS,
        POPULATION,
        FRAME,
        "frame.index.set_names(['x', 'y'], inplace=True)",
        "pop",
    ),
    case(
        "rename_axis in place gives the frame alone another index",
        PANDAS,
        "import warnings\nwarnings.simplefilter('ignore')",
        POPULATION,
        FRAME,
        "frame.rename_axis(['x', 'y'], inplace=True)",
        "text = str((frame.index.names, pop.index.names))",
    ),
    case(
        "columns that two frames were made with",
        PANDAS,
        "columns = pd.Index(['a', 'b'])",
        "one = pd.DataFrame([[1, 2]], columns=columns)",
        "two = pd.DataFrame([[3, 4]], columns=columns)",
        "one.columns.name = 'c'",
        "two",
        "text = str((two.columns.name, columns.name))",
        "two.columns.name = 'd'",
        "one",
    ),
    case(
        "a renamed index, and columns that are new besides",
        PANDAS,
        "s = pd.Series([1, 2], index=['x', 'y'])",
        "f = pd.DataFrame({'s': s})",
        "f.index.name = 'k'\nf['t'] = [3, 4]",
        "s",
        "g = f",
        "f['u'] = 5",
        "text = str((s.index.name, g.shape))",
    ),
    case(
        "a renamed index in the cell that binds its column again",
        PANDAS,
        "s = pd.Series([1, 2], index=['x', 'y'])",
        "f = pd.DataFrame({'s': s})",
        "s.index.name = 'k'\ns = s.head(1)",
        "f",
    ),
    case(
        "an index in an object of the notebook, and in a list",
        PANDAS,
        code("class Model:\n    def name(self, name):\n        self.data.index.name = name"),
        "s = pd.Series([1, 2], index=['x', 'y'])",
        "m = Model()\nm.data = pd.DataFrame({'s': s})\nl = [s]",
        "m.name('k')",
        "s",
        "text = str(l)",
    ),
    case(
        "names of a frame that is changed, beside one of its columns' index",
        "import pandas as pd\nframe = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})",
        "columns, other = frame.columns, frame",
        "frame['c'] = frame.a + frame.b",
        "print(other.shape, list(columns))",
        "other.drop(columns='b', inplace=True)",
        "print(frame)",
    ),
    case(
        "an index, a frame and its other name, made by one step",
        "import pandas as pd\na = pd.DataFrame({'a': [1, 2]})\ncolumns, b = a.columns, a",
        "a['c'] = 3",
        "print(b.shape, list(columns))",
    ),
)
