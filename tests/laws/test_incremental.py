"""Law 2: after any edits a run gives what a clean run gives, and what is current never runs."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import nbflow
from nbflow.errors import FlowError
from tests import notebooks
from tests.laws import random_cells
from tests.laws.random_cells import RandomCell

NAMES = {"a", "b", "c", "xs", "ys"}
DEFAULTS = {"p": 2, "q": 5}
#: What lies outside the cells, each with its number.
OUTSIDE = {"file": 1, "module": 1, "package": 1, "set-up": 1, "variable": 1}
#: Where packages are installed, beside the notebook.
SITE = "site"


@dataclass(frozen=True)
class State:
    """A notebook, and the parameters it is run with."""

    cells: tuple[RandomCell, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=OUTSIDE.copy)

    @property
    def setup(self) -> str:
        return f"SETTING = {self.outside['set-up']}"

    def put_down(self, folder: Path) -> None:
        """What the cells find in their directory, and in the environment."""
        (folder / "data.txt").write_text(str(self.outside["file"]))
        source = f"def tool(v):\n    return v * {self.outside['module']}\n"
        (folder / "tools.py").write_text(source)
        self._install(folder / SITE)
        os.environ["NBFLOW_OUTSIDE"] = str(self.outside["variable"])

    def _install(self, site: Path) -> None:
        """A package as an installer leaves it; there are versions whose code is the same."""
        number = self.outside["package"]
        shutil.rmtree(site, ignore_errors=True)
        version = "1." * number + "0"
        info = site / f"fakedist-{version}.dist-info"
        info.mkdir(parents=True)
        (site / "fakedist.py").write_text(f"VALUE = {number // 2}\n")
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: fakedist\nVersion: {version}\n"
        )
        (info / "RECORD").write_text("fakedist.py,,\n")

    def draws_unseeded(self) -> bool:
        """Whether a cell draws from a generator that no cell has seeded: there is no truth then."""
        seeds = [index for index, cell in enumerate(self.cells) if cell.seeds]
        first = min(seeds, default=len(self.cells))
        return any(cell.draws for cell in self.cells[:first])


class Edits(RuleBasedStateMachine):
    """Edits a notebook at random, and after each edit compares the run with the truth."""

    def __init__(self) -> None:
        super().__init__()
        # Of two sources of one second and one length, Python itself would take the first.
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(sys, "dont_write_bytecode", True)
        self.patch.setenv("NBFLOW_OUTSIDE", "")
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "notebook.ipynb"
        self.patch.syspath_prepend(self.path.parent / SITE)
        self.state = State()
        #: States that ran to their end: all of their tasks are in the store.
        self.completed: list[State] = []
        self.made = 0

    def teardown(self) -> None:
        self.patch.undo()
        self.folder.cleanup()

    @initialize()
    def start(self) -> None:
        # What most other cells read; all of it can be edited and deleted later.
        for body in ("a = 1", "b = a + p", "xs = [a, b, 3]", "def f(v):\n    return v + q"):
            name = "" if body.startswith("def") else self.fresh("step")
            self.insert(RandomCell(self.fresh("cell"), name, body), len(self.state.cells))
        self.check()

    @rule(data=st.data())
    def add(self, data: st.DataObject) -> None:
        cell = data.draw(random_cells.outer_cells(self.fresh("cell"), self.fresh("step")))
        self.insert(cell, data.draw(st.integers(0, len(self.state.cells))))
        self.check()

    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        at = self.some(data)
        cell = self.state.cells[at]
        new = data.draw(random_cells.outer_cells(cell.cell_id, cell.name or self.fresh("step")))
        self.put(at, new)
        self.check()

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        at = self.some(data)
        cell = self.state.cells[at]
        self.delete_at(at)
        self.insert(cell, data.draw(st.integers(0, len(self.state.cells))))
        self.check()

    @precondition(lambda self: len(self.state.cells) > 2)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.delete_at(self.some(data))
        self.check()

    @rule(name=st.sampled_from(sorted(DEFAULTS)), value=random_cells.NUMBERS)
    def give_parameter(self, name: str, value: int) -> None:
        parameters = {**self.state.parameters, name: value}
        self.state = replace(self.state, parameters=parameters)
        self.check()

    @rule(what=st.sampled_from(sorted(OUTSIDE)), value=random_cells.NUMBERS)
    def change_outside(self, what: str, value: int) -> None:
        self.state = replace(self.state, outside={**self.state.outside, what: value})
        self.check()

    @precondition(lambda self: self.state in self.completed)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        at = self.some(data)
        if self.state.cells[at].name:
            self.put(at, replace(self.state.cells[at], name=self.fresh("step")))
            self.check(all_cached=True)

    @precondition(lambda self: self.state in self.completed)
    @rule(data=st.data(), number=st.integers(0, 99))
    def rewrite(self, data: st.DataObject, number: int) -> None:
        at = self.some(data)
        self.put(at, random_cells.cosmetic(self.state.cells[at], number))
        self.check(all_cached=True)

    @precondition(lambda self: self.completed)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        self.state = data.draw(st.sampled_from(self.completed))
        self.check(all_cached=True)

    def fresh(self, word: str) -> str:
        self.made += 1
        return f"{word}_{self.made}"

    def some(self, data: st.DataObject) -> int:
        return data.draw(st.integers(0, len(self.state.cells) - 1))

    def insert(self, cell: RandomCell, at: int) -> None:
        cells = self.state.cells
        self.state = replace(self.state, cells=(*cells[:at], cell, *cells[at:]))

    def put(self, at: int, cell: RandomCell) -> None:
        self.delete_at(at)
        self.insert(cell, at)

    def delete_at(self, at: int) -> None:
        cells = self.state.cells
        self.state = replace(self.state, cells=(*cells[:at], *cells[at + 1 :]))

    def check(self, *, all_cached: bool = False) -> None:
        """The one predicate: the run is the truth, and running it again runs nothing."""
        if not any(cell.name for cell in self.state.cells) or self.state.draws_unseeded():
            return
        self.write()
        truth = top_to_bottom(self.state)
        if truth is None:
            assert not self.completes(), "a notebook that fails from top to bottom completed"
            return
        if not truth:
            # A step that does not reach what fails there may complete, but the cell is named.
            assert not self.completes() or self.names_an_ordinary_cell()
            return
        statuses = self.run_and_compare(truth)
        assert not all_cached or statuses <= {"cached"}
        assert self.run_and_compare(truth) <= {"cached"}
        if self.state not in self.completed:
            self.completed.append(self.state)

    def write(self) -> None:
        defaults = "\n".join(f"{name}: int = {value}" for name, value in DEFAULTS.items())
        first = notebooks.parameters(defaults, cell_id="parameters")
        top = notebooks.code(random_cells.TOP, cell_id="top")
        setup = notebooks.setup(self.state.setup, cell_id="set-up")
        self.state.put_down(self.path.parent)
        document = notebooks.notebook(
            first, top, setup, *(cell.node() for cell in self.state.cells)
        )
        notebooks.write(document, self.path)

    def run_and_compare(self, truth: dict[str, dict[str, Any]]) -> set[str]:
        """Run, compare every value with the truth, and return the statuses that there were."""
        with contextlib.closing(nbflow.load(self.path)) as flow:
            run = flow.run(executor="inline", workers=2, **self.state.parameters)
            assert run.status == "completed", [task.error for task in run.tasks if task.error]
            given: dict[str, dict[str, Any]] = {cell.cell_id: {} for cell in self.state.cells}
            for task in run.tasks:
                assert task.reasons or task.status == "cached", f"{task.task} ran without a reason"
                for name in NAMES & set(task.outputs):
                    given[task.cell][name] = getattr(run[task.step], name)
        last: dict[str, Any] = {}
        for cell_id, values in given.items():
            assert values.items() <= truth[cell_id].items(), cell_id
            last |= values
        final = truth[self.state.cells[-1].cell_id]
        assert {name: last.get(name) for name in final} == final
        return {task.status for task in run.tasks}

    def names_an_ordinary_cell(self) -> bool:
        ordinary = {cell.cell_id for cell in self.state.cells if not cell.name}
        with contextlib.closing(nbflow.load(self.path)) as flow:
            return any(problem.cell in ordinary for problem in flow.problems)

    def completes(self) -> bool:
        with contextlib.closing(nbflow.load(self.path)) as flow:
            try:
                run = flow.run(executor="inline", workers=2, **self.state.parameters)
            except FlowError:
                return False
            return bool(run.status == "completed")


def top_to_bottom(state: State) -> dict[str, dict[str, Any]] | None:
    """The values of the names after each cell, by cell id.

    None where a step fails; nothing where a definition fails that stands in no step.
    """
    space: dict[str, Any] = {**DEFAULTS, **state.parameters}
    exec(random_cells.TOP, space)
    exec(state.setup, space)
    truth: dict[str, dict[str, Any]] = {}
    with a_process_of_its_own():
        state.put_down(Path.cwd())
        for cell in state.cells:
            try:
                exec(cell.plain(), space)
            except (NameError, OSError):
                return None if cell.name else {}
            truth[cell.cell_id] = copy.deepcopy({name: space[name] for name in NAMES & set(space)})
    return truth


@contextlib.contextmanager
def a_process_of_its_own() -> Iterator[None]:
    """As good as one: an empty directory, and nothing that is set or imported there stays."""
    state, environment, path = random.getstate(), dict(os.environ), list(sys.path)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        sys.path[:0] = [folder, str(Path(folder) / SITE)]
        try:
            yield
        finally:
            for name in ("tools", "fakedist"):
                sys.modules.pop(name, None)
            sys.path[:] = path
            random.setstate(state)
            os.environ.clear()
            os.environ.update(environment)


TestEdits = pytest.mark.timeout(1200)(Edits.TestCase)
# Each step is two runs of a flow, so there are fewer of them than of other random tests.
TestEdits.settings = settings(
    max_examples=settings().max_examples // 3, stateful_step_count=settings().max_examples // 8 + 5
)
