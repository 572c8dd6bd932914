"""Random cells over a few names, such that any sequence of them is a notebook worth running.

Names are kept by kind, so that a cell never fails by its types: integers, lists of integers,
functions of one integer, constants, parameters. A cell may well read a name that nothing above it
binds: then the notebook cannot run, and nbflow has to say so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st
from nbformat import NotebookNode

from tests import notebooks

INTEGERS = st.sampled_from(["a", "b", "c"])
LISTS = st.sampled_from(["xs", "ys"])
CONSTANTS = st.sampled_from(["K", "L"])
PARAMETERS = st.sampled_from(["p", "q"])
NUMBERS = st.integers(0, 9)
MODES = st.sampled_from("wa")
READ = st.one_of(INTEGERS, INTEGERS, CONSTANTS, PARAMETERS, NUMBERS.map(str))
#: For places that may never be reached: there a name that nothing binds is no error of Python's,
#: though nbflow may refuse it.
SURE = st.one_of(PARAMETERS, NUMBERS.map(str))


@dataclass(frozen=True, slots=True)
class RandomCell:
    """A cell of a random notebook; an empty name makes it an ordinary one."""

    cell_id: str
    name: str
    body: str
    clause: str = ""

    def node(self) -> NotebookNode:
        if not self.name:
            return notebooks.code(self.body, cell_id=self.cell_id)
        if not self.clause:
            return notebooks.step(self.name, self.body, cell_id=self.cell_id)
        node = notebooks.foreach(self.clause, self.body, cell_id=self.cell_id)
        # Named, for two of them may have the same output.
        node.metadata["nbflow"]["name"] = self.name
        return node

    @property
    def draws(self) -> bool:
        """Whether it draws from the global generator."""
        return "random.randrange" in self.body or "draw()" in self.body

    @property
    def seeds(self) -> bool:
        return "random.seed" in self.body

    def plain(self) -> str:
        return notebooks.loop(self.clause, self.body) if self.clause else self.body


#: Bodies of steps: binding, changing in place, binding perhaps, calling, only looking.
STEPS = st.one_of(
    st.builds("{} = {}".format, INTEGERS, NUMBERS),
    st.builds("{} = {} + {}".format, INTEGERS, READ, READ),
    st.builds("{} += {}".format, INTEGERS, READ),
    st.builds("{} = {}({})".format, INTEGERS, st.sampled_from("fg"), READ),
    st.builds("{} = [{}, {}]".format, LISTS, READ, READ),
    st.builds("{} = sorted({})".format, LISTS, LISTS),
    st.builds("{}.append({})".format, LISTS, READ),
    st.builds("{}[:1] = [{}]".format, LISTS, READ),
    st.builds("{} = sum({})".format, INTEGERS, LISTS),
    st.builds("{} = len({})\ndel {}".format, INTEGERS, LISTS, LISTS),
    st.builds("if {} % 2:\n    {} = {}".format, READ, INTEGERS, SURE),
    st.builds("for v in {}:\n    {} = v + {}".format, LISTS, INTEGERS, SURE),
    st.builds("{} = [v * {} for v in {}]".format, LISTS, SURE, LISTS),
    st.builds("{} = (lambda v: v - {})(3)".format, INTEGERS, READ),
    st.builds("print({}, {})".format, READ, LISTS),
)

#: What the source of the reader or of the changer does not show: aliases, functions that change
#: their argument, generators, the environment, state on a class, files.
HIDDEN = st.one_of(
    st.builds("{} = {}".format, LISTS, LISTS),
    st.builds("put({}, {})".format, LISTS, READ),
    st.builds("{} = [put({}, {}), 1]".format, LISTS, LISTS, SURE),
    st.builds("random.seed({})".format, NUMBERS),
    st.builds("{} = random.randrange(9)".format, INTEGERS),
    st.builds("{} = draw()".format, INTEGERS),
    st.builds("os.environ['NBFLOW_LAW'] = str({})".format, READ),
    st.builds("{} = int(os.environ.get('NBFLOW_LAW', 0))".format, INTEGERS),
    st.builds("Box.total += {}".format, READ),
    st.builds("{} = Box.total".format, INTEGERS),
    st.builds("with open('f.txt', '{}') as f:\n    _ = f.write(str({}))".format, MODES, READ),
    st.builds("with open('f.txt') as f:\n    {} = int(f.read()) % 97".format, INTEGERS),
    st.builds("{} = os.path.exists('f.txt') + 0".format, INTEGERS),
)

#: What lies outside the cells: a file, a module beside the notebook, a package that is installed,
#: a variable, the set-up.
OUTER = st.one_of(
    st.builds("with open('data.txt') as f:\n    {} = int(f.read())".format, INTEGERS),
    st.builds("import tools\n{} = tools.tool({})".format, INTEGERS, READ),
    st.builds("import fakedist\n{} = fakedist.VALUE + {}".format, INTEGERS, READ),
    st.builds("import importlib.metadata as m\n{} = len(m.version('fakedist'))".format, INTEGERS),
    st.builds("{} = int(os.environ['NBFLOW_OUTSIDE']) + {}".format, INTEGERS, READ),
    st.builds("{} = SETTING + {}".format, INTEGERS, READ),
)

OUTER_DEFINITIONS = st.sampled_from(
    [
        "def f(v):\n    import tools\n    return tools.tool(v)",
        "from tools import tool as g",
        "def g(v):\n    import fakedist\n    return v + fakedist.VALUE",
        "def g(v):\n    return v + SETTING",
    ]
)

#: What ordinary cells define: functions of globals and of each other, constants.
DEFINITIONS = st.one_of(
    st.builds("def f(v):\n    return v + {}".format, READ),
    st.builds("def g(v):\n    return v * {}".format, READ),
    st.builds("def f(v):\n    return g(v) + {}".format, READ),
    st.builds("def g(v, by={}):\n    return v - by".format, CONSTANTS),
    st.builds("{} = {}".format, CONSTANTS, NUMBERS),
    st.builds("def put(to, v):\n    to.append(v)\n    return v + {}".format, NUMBERS),
    st.builds("class Box:\n    total = {}".format, NUMBERS),
)

#: What all of them may use; it stands on top of every notebook.
TOP = """\
import os
import random


def put(to, v):
    to.append(v)
    return v


def draw():
    return random.randrange(9)


class Box:
    total = 0
"""

#: Clause and body of a foreach: over what may be empty, or over what is not.
SPLITS = st.one_of(
    st.tuples(
        st.one_of(
            st.builds("v in {}".format, LISTS),
            st.builds("v in range({} % 4)".format, READ),
            st.builds("v in {} if v % 2".format, LISTS),
        ),
        st.builds("{} = v * {}".format, LISTS, SURE),
    ),
    st.tuples(
        st.builds("v in ({}, {})".format, READ, READ),
        st.builds("{} = v * {}".format, LISTS, READ),
    ),
)


def cells(cell_id: str, name: str) -> st.SearchStrategy[RandomCell]:
    """A cell of any kind: mostly steps."""
    step = STEPS.map(lambda body: RandomCell(cell_id, name, body))
    split = SPLITS.map(lambda pair: RandomCell(cell_id, name, pair[1], pair[0]))
    definition = DEFINITIONS.map(lambda body: RandomCell(cell_id, "", body))
    hidden = HIDDEN.map(lambda body: RandomCell(cell_id, name, body))
    return st.one_of(step, hidden, step, split, definition)


def outer_cells(cell_id: str, name: str) -> st.SearchStrategy[RandomCell]:
    """A cell of any kind, or one that depends on what lies outside the cells."""
    outer = OUTER.map(lambda body: RandomCell(cell_id, name, body))
    definition = OUTER_DEFINITIONS.map(lambda body: RandomCell(cell_id, "", body))
    return st.one_of(cells(cell_id, name), cells(cell_id, name), outer, definition)


_START = ("a = 1", "b = a + p", "xs = [a, b, 3]", "def f(v):\n    return v + q", "c = f(a)")


@st.composite
def documents(draw: st.DrawFn) -> NotebookNode:
    """A notebook that begins with what most cells read."""
    drawn = [
        RandomCell(f"start-{n}", "" if body.startswith("def") else f"start_{n}", body)
        for n, body in enumerate(_START)
    ]
    for number in range(draw(st.integers(2, 8))):
        drawn.append(draw(cells(f"cell-{number}", f"step_{number}")))
    return notebooks.notebook(
        notebooks.code(TOP, cell_id="top"),
        notebooks.parameters("p = 2\nq = 5", cell_id="parameters"),
        *(cell.node() for cell in drawn),
    )


def cosmetic(cell: RandomCell, number: int) -> RandomCell:
    """The same cell written otherwise."""
    bodies = [
        f"# note {number}\n{cell.body}",
        f"\n\n{cell.body}  # note {number}",
        f"{cell.body}\n\n# the end",
        cell.body.replace(" = ", "  =  ").replace(", ", " , "),
    ]
    return replace(cell, body=bodies[number % len(bodies)])
