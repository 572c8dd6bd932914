"""Where definitions go: on the module's level, or into the functions that need them there."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from nbflow.export.refusing import problem
from nbflow.flow import Flow, FlowStep
from nbflow.flow.enrolling import enrolled_in
from nbflow.flow.scope import FromDefinition, Placed, Position
from nbflow.records.files import is_variable
from nbflow.records.problem import Problem
from nbflow.records.state import owner_of


def bound_by(step: FlowStep) -> frozenset[str]:
    """The names that a step's body binds as data, items of a foreach included."""
    code = step.step.code
    names = {*code.facts.binds, *code.facts.may_bind} - code.defined()
    return frozenset(names.union(step.step.clause.names if step.step.clause else ()))


def data_of(step: FlowStep) -> frozenset[str]:
    """The names that are local to the step's function."""
    return bound_by(step) | {name for name in step.body.inputs if is_variable(name)}


def of_clause(step: FlowStep) -> tuple[tuple[str, ...], tuple[Placed, ...]]:
    """What the items of a foreach need: names of data, and definitions."""
    return tuple(filter(is_variable, step.clause.inputs)), step.clause.definitions


@dataclass(slots=True)
class Definitions:
    """All definitions that an export needs.

    Responsibilities: one statement stands for each name on the module's level; what reads data of
    a step is nested in the function of that step, where the data is.
    """

    flow: Flow
    #: On the module's level, by place in the notebook.
    shared: dict[Position, Placed] = field(default_factory=dict)
    #: By cell id of a step, those that its function holds; its clause's under another key.
    nested: dict[tuple[str, str], tuple[Placed, ...]] = field(default_factory=dict)
    #: By cell id, those of the step's own that its body keeps.
    kept: dict[str, frozenset[Position]] = field(default_factory=dict)
    #: Names with more than one meaning among the definitions.
    disputed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        steps = self.flow.steps.values()
        own = {step.id: list(_own(step)) for step in steps}
        every = [p for step in steps for p in (*step.body.definitions, *of_clause(step)[1])]
        every += [placed for found in own.values() for placed in found]
        every += list(self._of_setup())
        self.disputed = frozenset(_disputed(every))
        for placed in self._of_setup():
            self._share(placed)
        for step in steps:
            ours = frozenset(placed.position for placed in own[step.id])
            reached = [p for p in step.body.definitions if p.position not in ours]
            local = self._local([*reached, *own[step.id]], data_of(step))
            self.nested[step.id, "body"] = tuple(p for p in reached if p.position in local)
            self.kept[step.id] = frozenset(p.position for p in own[step.id]) & local
            given, of_items = of_clause(step)
            local_clause = self._local(of_items, frozenset(given))
            found = tuple(p for p in of_items if p.position in local_clause)
            self.nested[step.id, "clause"] = found
            for placed in (*reached, *own[step.id]):
                if placed.position not in local:
                    self._share(placed)
            for placed in of_items:
                if placed.position not in local_clause:
                    self._share(placed)

    def add(self, placed: Placed) -> None:
        """Have one more on the module's level."""
        self._share(placed)

    @property
    def names(self) -> frozenset[str]:
        """What they bind on the module's level."""
        return frozenset(n for placed in self.shared.values() for n in placed.definition.names)

    def moved(self, step: FlowStep) -> list[Placed]:
        """Definitions of the step's own cell that stand on the module's level."""
        return [p for p in _own(step) if p.position not in self.kept[step.id]]

    def problems(self) -> Iterator[Problem]:
        """What cannot stand in a module as it stands in the notebook."""
        yield from self._classes()
        yield from self._enrolling()
        for step in self.flow.steps.values():
            yield from self._state(step)
            yield from self._both(step)

    def _of_setup(self) -> Iterator[Placed]:
        cells = {code.cell.number: index for index, code in enumerate(self.flow.cells)}
        for source in self.flow.setup:
            index = cells[source.source.number]
            code = self.flow.cells[index]
            for definition in code.facts.definitions:
                if (
                    definition.source == source.source.text
                    and definition.line == source.source.line
                ):
                    yield Placed(definition, (index, definition.line), code.cell)
            if code.role == "setup":
                for definition in code.facts.definitions:
                    yield Placed(definition, (index, definition.line), code.cell)

    def _share(self, placed: Placed) -> None:
        same = (
            other
            for other in self.shared.values()
            if other.definition.digest == placed.definition.digest
            and other.definition.names == placed.definition.names
        )
        if next(same, None) is None:
            self.shared[placed.position] = placed

    def _local(self, definitions: Iterable[Placed], data: frozenset[str]) -> set[Position]:
        """Those that read data of the function, that other ones of these need, or are disputed."""
        definitions = list(definitions)
        local: set[Position] = set()
        names = set(data)
        while True:
            found = {
                placed.position
                for placed in definitions
                if placed.position not in local
                and (
                    not names.isdisjoint(placed.definition.needs | placed.definition.calls)
                    or not self.disputed.isdisjoint(placed.definition.names)
                )
            }
            if not found:
                return local
            local |= found
            names |= {n for p in definitions if p.position in found for n in p.definition.names}

    def _classes(self) -> Iterator[Problem]:
        """A class in two functions would be two classes."""
        users: defaultdict[Position, list[FlowStep]] = defaultdict(list)
        placed: dict[Position, Placed] = {}
        for (cell, _), found in self.nested.items():
            for each in found:
                if each.definition.kind == "class":
                    users[each.position].append(self.flow.steps[cell])
                    placed[each.position] = each
        for cell, positions in self.kept.items():
            for position in positions & users.keys():
                users[position].append(self.flow.steps[cell])
        for position, steps in users.items():
            if len({step.id for step in steps}) > 1:
                definition = placed[position].definition
                reads = definition.needs | definition.calls
                names = sorted(reads.intersection(*[data_of(s) for s in steps[:1]]))
                why = f"reads `{names[0]}`, which steps bind" if names else "is defined anew"
                yield problem(
                    steps[-1],
                    f"class `{placed[position].label}` {why}: a module cannot have it once for all",
                    f"Pass `{names[0]}` to it as an argument." if names else "Name it otherwise.",
                )

    def _enrolling(self) -> Iterator[Problem]:
        """A definition that changes something when it is executed, while steps above see that."""
        first = min((step.index for step in self.flow.steps.values()), default=0)
        nested = {p.position: p for found in self.nested.values() for p in found}
        for (cell, _), found in self.nested.items():
            for placed in found:
                if placed.step and placed.cell.id != cell and self._decorates(placed):
                    yield problem(
                        self.flow.steps[cell],
                        f"`{placed.label}` of step `{placed.step}` is decorated: defined once more "
                        f"for `{self.flow.steps[cell].name}`, it may enrol once more",
                        "Define it in an ordinary cell above all steps.",
                    )
        for position, placed in sorted({**self.shared, **nested}.items()):
            code = self.flow.cells[position[0]]
            names = enrolled_in(self.flow.scope, code, placed)
            if names and (position[0] >= first or position in nested):
                step = next(s for s in self.flow.steps.values() if s.index >= first)
                yield Problem(
                    "not-exportable",
                    f"`{placed.label}` changes `{names[0]}` when it is defined, which the steps "
                    f"above, such as `{step.name}`, do not see yet",
                    "Move its cell above the first step.",
                    placed.cell.id,
                    placed.cell.number,
                    placed.definition.line,
                )

    def _decorates(self, placed: Placed) -> bool:
        """Whether something of the notebook's own hears of it when it is defined."""
        node = ast.parse(placed.definition.source).body[0]
        heard = [*getattr(node, "decorator_list", []), *getattr(node, "bases", [])]
        names = {n.id for each in heard for n in ast.walk(each) if isinstance(n, ast.Name)}
        for name in names:
            for binding in self.flow.scope.above(name, placed.position)[:1]:
                if not isinstance(binding, FromDefinition):
                    return True
                if binding.placed.definition.kind != "import":
                    return True
        return False

    def _state(self, step: FlowStep) -> Iterator[Problem]:
        """State on what would be defined anew in each function."""
        nested = {n for found in self.nested.values() for p in found for n in p.definition.names}
        for name in (*step.outputs, *step.body.inputs):
            owner = owner_of(name)
            if owner is not None and (owner in nested or owner in self.disputed):
                yield problem(
                    step,
                    f"step `{step.name}` keeps something on `{owner}`, which is not one object "
                    "for all steps once it stands in functions",
                    "Keep it in a variable, and hand that on.",
                )

    def _both(self, step: FlowStep) -> Iterator[Problem]:
        """A name that is a definition here, and data there."""
        reached = {
            name
            for placed in (*step.body.definitions, *of_clause(step)[1])
            for name in placed.definition.names
            if placed.cell.id != step.id
        }
        bound = bound_by(step)
        for name in sorted(reached & (data_of(step) | frozenset(step.outputs))):
            how = "binds anew" if name in bound else "takes as data, too"
            yield problem(
                step,
                f"`{name}` is a definition that step `{step.name}` {how}",
                "Give the one or the other another name, or bind the first in a step.",
                step.step.code.facts.binds.get(name),
            )


def _own(step: FlowStep) -> Iterator[Placed]:
    code = step.step.code
    defined = code.defined()
    for definition in code.facts.definitions:
        if definition.kind != "constant" and defined.issuperset(definition.names):
            own = frozenset(
                name
                for name in definition.needs - defined
                if code.facts.binds.get(name, 1 << 30) < definition.line
            )
            yield Placed(definition, (step.index, definition.line), code.cell, step.name, own)


def _disputed(every: Collection[Placed]) -> Iterator[str]:
    meanings: defaultdict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    for placed in every:
        for name in placed.definition.names:
            meanings[name].add(_meaning(placed, name))
    for name, found in meanings.items():
        if len(found) > 1:
            yield name


def _meaning(placed: Placed, name: str) -> tuple[str, tuple[str, ...]]:
    """What an import says of one name; of another definition, all that it says."""
    definition = placed.definition
    if definition.kind == "import":
        tree = ast.parse(definition.source).body[0]
        if isinstance(tree, ast.Import | ast.ImportFrom):
            module = tree.module or "" if isinstance(tree, ast.ImportFrom) else ""
            for alias in tree.names:
                bound = alias.asname or alias.name.partition(".")[0]
                if bound == name:
                    full = alias.name if alias.asname or module else alias.name.partition(".")[0]
                    return ("import", (module, full))
    return (definition.digest, definition.names)


def definition_of(flow: Flow, name: str, position: Position) -> Placed | None:
    """The import or class that a name stands for above a place, for annotations."""
    for binding in flow.scope.above(name, position)[:1]:
        if isinstance(binding, FromDefinition) and binding.placed.definition.kind in (
            "import",
            "class",
        ):
            return binding.placed
    return None
