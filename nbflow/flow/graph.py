"""The flow as a graph: steps, wired by the names they read and write; pure data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import msgspec

from nbflow.flow.files import NO_FILES, FileUse, FlowFiles
from nbflow.flow.reach import Input, Needs, Reach
from nbflow.flow.scope import Scope, Version
from nbflow.records.ambient import DRAWN, OF_LIBRARIES, SETTINGS
from nbflow.records.digest import Digest
from nbflow.records.files import is_file, listing_of
from nbflow.records.hazard import Policy
from nbflow.records.lesson import Learnt, Lesson
from nbflow.records.message import Source
from nbflow.records.parameter import Parameter
from nbflow.records.problem import Problem
from nbflow.records.state import owner_of
from nbflow.steps import CodeCell, Step

#: The two things a worker can be asked to evaluate of a step.
Part: TypeAlias = Literal["body", "clause"]


class FlowStep(msgspec.Struct, frozen=True):
    """A step, wired."""

    step: Step
    #: Index of its cell among the code cells.
    index: int
    body: Needs
    #: What a foreach's clause needs; empty for a plain step.
    clause: Needs
    #: Names that it leaves a version of, ambient states among them.
    outputs: tuple[str, ...]
    #: Settings that a step above may have changed. Its tasks start from them; whether they use
    #: them is seen when they run, and only then does it count.
    settings: Mapping[str, Input]
    #: Global generators that it draws from as it finds them, as far as can be seen.
    draws: frozenset[str]
    #: Names that it hands on together, where they share objects.
    together: frozenset[str]
    #: Cell ids of the steps named by ``--after``.
    after: tuple[str, ...]
    #: For a foreach over another foreach's output: that output, followed element by element.
    elementwise: Version | None = None
    #: What it does with files that steps of the flow write.
    files: FileUse = NO_FILES
    #: Whether its results are reused though no cache can check all that they depend on.
    hazards: Policy = "cache"

    @property
    def id(self) -> str:
        """The cell id, which identifies the step."""
        return self.step.cell.id

    @property
    def name(self) -> str:
        return self.step.name

    def needs(self, part: Part) -> Needs:
        return self.body if part == "body" else self.clause

    def reads(self, name: str) -> bool:
        """Whether its body or clause reads the name, as data or as a definition."""
        return any(
            name in needs.inputs or any(name in p.definition.names for p in needs.definitions)
            for needs in (self.body, self.clause)
        )

    def may_miss(self, above: CodeCell) -> bool:
        """Whether it may read what a cell above would leave, if that one could be run."""
        facts, own = above.facts, self.step.code.facts
        if facts.syntax_error or facts.dynamic or facts.star_imports:
            return True
        if facts.ambient or facts.configures or facts.config_magics or facts.seeds or facts.draws:
            return True
        if facts.files_written or facts.written_by_name:
            return True
        names = {*above.bound(), *above.defined(), *facts.deletes}
        return any(self.reads(n) or n in own.reads or n in own.late_reads for n in names)

    def foreseen(self) -> Lesson:
        """What it is known to read and to leave without being looked at."""
        return Lesson(
            self.draws | (self.files.reads.keys() - self.files.passed),
            frozenset((*self.files.writes, *self.outputs)),
        )

    def imports(self, package: str) -> bool:
        """Whether what its body reaches imports something of a package."""
        modules = (module for p in self.body.definitions for module in p.definition.modules)
        return any(module.partition(".")[0] == package for module in modules)

    def sources(self) -> set[str]:
        """Cell ids of the steps it reads from, or must follow."""
        inputs = (self.body.inputs, self.clause.inputs, self.settings)
        ids = {v.cell for named in inputs for given in named.values() for v in given.versions}
        return ids | set(self.after) | self.files.sources()

    def above(self) -> set[str]:
        """Cell ids of the steps that come before it, though it may not need what they give."""
        return self.sources() | self.files.follows


class SetupSource(msgspec.Struct, frozen=True):
    """A source that runs before tasks, and the digest of its syntax tree."""

    digest: Digest
    source: Source
    #: Cell ids of the steps for which it holds; None for all.
    steps: frozenset[str] | None = None


class Edge(msgspec.Struct, frozen=True):
    """Names that travel from one step to another; none when ``--after`` alone orders them."""

    source: str
    target: str
    names: tuple[str, ...]
    #: Whether a run has shown it, and the source does not.
    observed: bool = False
    #: Whether a run has shown that some of them cannot travel: the target carries the source out
    #: again.
    replayed: bool = False


class Flow(msgspec.Struct, frozen=True):
    """The graph of steps of one notebook: pure data, made anew from the cells at each look."""

    name: str
    path: str
    #: By cell id, in document order.
    steps: Mapping[str, FlowStep]
    parameters: tuple[Parameter, ...]
    #: What tasks run first: set-up cells, configuration and what they reach.
    setup: tuple[SetupSource, ...]
    #: Problems met while reading and wiring; `nbflow.checks` gives the whole list.
    found: tuple[Problem, ...]
    #: Cell ids in an order in which every step comes after those it depends on.
    order: tuple[str, ...]
    cells: tuple[CodeCell, ...]
    setup_cells: tuple[CodeCell, ...]
    #: Index of the first cell that imports a module, by the module's name.
    first_imports: Mapping[str, int]
    scope: Scope
    learnt: Learnt
    files: FlowFiles

    def named(self, name: str) -> FlowStep | None:
        """The step of that name, or None."""
        return next((s for s in self.steps.values() if s.name == name), None)

    def setup_of(self, step: FlowStep) -> tuple[SetupSource, ...]:
        """What the tasks of a step run first."""
        return tuple(each for each in self.setup if each.steps is None or step.id in each.steps)

    def edges(self) -> tuple[Edge, ...]:
        """All edges, by target in document order."""
        edges: dict[tuple[str, str], dict[str, None]] = {}
        for step in self.steps.values():
            for source in step.after:
                edges.setdefault((source, step.id), {})
            for name, given in step.settings.items():
                if name in OF_LIBRARIES and step.imports(name.partition(".")[0]):
                    edges.setdefault((given.versions[0].cell, step.id), {})[name] = None
            for needs in (step.clause, step.body):
                for given in needs.inputs.values():
                    for version in given.versions:
                        edges.setdefault((version.cell, step.id), {})[given.name] = None
            for given in step.files.reads.values():
                for version in given.versions[:1]:
                    edges.setdefault((version.cell, step.id), {})[given.name] = None
        return tuple(
            Edge(
                a,
                b,
                tuple(names),
                bool(names) and self._is_learnt(a, names),
                not self.learnt.get(a, Lesson()).uncarried.isdisjoint(names),
            )
            for (a, b), names in edges.items()
            if a != b
        )

    def closure(self, ids: Iterable[str]) -> set[str]:
        """These steps and all that they depend on."""
        found: set[str] = set()
        todo = list(ids)
        while todo:
            cell = todo.pop()
            if cell not in found:
                found.add(cell)
                todo += [s for s in self.steps[cell].sources() if s in self.steps]
        return found

    def concerned(self, cell: str, new: Lesson, learnt: Learnt) -> set[str]:
        """The steps that a lesson about one of them makes read something else.

        Itself, if it turned out to read what others leave; those below that read what it turned
        out to leave; and all that depend on them.

        Parameters
        ----------
        learnt
            All lessons since the flow was built.
        """
        start = self.steps[cell].index
        left = _with_listings(new.leaves)
        found = {cell} if any(self._is_left_above(n, start, learnt) for n in new.reads) else set()
        for step in map(self.steps.__getitem__, self.order):
            told = learnt.get(step.id, Lesson()).reads
            below = step.index > start and any(
                name in told or self._meets(step, name) for name in left
            )
            if below or not found.isdisjoint(step.sources()):
                found.add(step.id)
        return found

    def _is_left_above(self, name: str, index: int, learnt: Learnt) -> bool:
        if self.scope.above(name, (index, 0)) or self.files.is_left_above(name, index):
            return True
        return any(
            self.steps[cell].index < index and name in _with_listings(lesson.leaves)
            for cell, lesson in learnt.items()
        )

    def _meets(self, step: FlowStep, name: str) -> bool:
        """Whether a step would read what one above it leaves under a name."""
        if is_file(name):
            return name in step.files.every or self.files.shows(step.id, name)
        if name in DRAWN:
            return name in step.draws
        return name in SETTINGS or step.reads(owner_of(name) or name)

    def _is_learnt(self, cell: str, names: Iterable[str]) -> bool:
        lesson = self.learnt.get(cell)
        return lesson is not None and lesson.leaves.issuperset(names)

    def late(self, cell: str, names: Iterable[str]) -> Needs:
        """What functions that travel inside a step's inputs need, as of that step's place."""
        step = self.steps[cell]
        reads = dict.fromkeys(sorted(names), 0)
        return Reach(self.scope, step.step.code, (step.index, 0)).of({}, reads)


def _with_listings(names: frozenset[str]) -> frozenset[str]:
    """Names that a step leaves, and the listings that show the files among them."""
    return names.union(listing_of(name) for name in names if is_file(name))
