"""What tasks run before everything else: set-up cells, and configuration from the cells above."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from nbflow.flow.graph import FlowStep, SetupSource
from nbflow.flow.reach import Needs, Reach
from nbflow.flow.scope import FromDefinition, FromSetup, Placed, Position, Scope
from nbflow.records import digest
from nbflow.records.configuration import Configuration
from nbflow.records.message import Source
from nbflow.records.problem import Problem
from nbflow.records.state import is_state
from nbflow.steps import CodeCell

#: Set-up that concerns the kernel only: nbflow's own extension does nothing in a worker.
_KERNEL_ONLY = ("%load_ext nbflow", "%reload_ext nbflow")
#: Magics that change an ambient state, which a step hands on as it leaves it.
_CARRIED = frozenset({"%env", "%set_env", "%cd"})

_CONFIGURING = "nbflow-config-magic-1"


@dataclass(slots=True)
class Setup:
    """Gathers what tasks run first, and what is wrong with it.

    Parameters
    ----------
    steps
        The wired steps by cell id, and the same in an order in which sources come first.
    """

    cells: Sequence[CodeCell]
    scope: Scope
    steps: Mapping[str, FlowStep]
    order: Sequence[str]
    problems: list[Problem] = field(default_factory=list)
    _found: dict[Position, SetupSource] = field(default_factory=dict)
    _packages: dict[str, frozenset[str]] = field(default_factory=dict)

    def sources(self) -> tuple[SetupSource, ...]:
        """All of it in document order."""
        for index, code in enumerate(self.cells):
            match code.role:
                case "setup":
                    self._shared(index, code)
                case "ordinary":
                    self._magics(index, code, code.facts.config_magics, None)
                case "step":
                    found = code.facts.config_magics
                    magics = [m for m in found if m.partition(" ")[0] not in _CARRIED]
                    if magics and (below := self._below(index)):
                        self._magics(index, code, magics, frozenset(step.id for step in below))
            for told in code.facts.configures:
                self._configuration(index, code, told)
            said: set[Position] = set()
            for name, line in code.facts.surely_calls.items():
                self._calling(index, code, name, line, said)
            if code.cell.id in self.steps:
                self._perhaps(index, code, self.steps[code.cell.id], said)
        return tuple(self._found[position] for position in sorted(self._found))

    def _shared(self, index: int, code: CodeCell) -> None:
        needs = Reach(self.scope, code, (index, 0)).of(code.facts.reads, code.facts.late_reads)
        self.problems += needs.problems
        self.problems += [
            _setup_reads_data(code, name, given.line)
            for name, given in needs.inputs.items()
            if not is_state(name)
        ]
        self._definitions(needs.definitions, None)
        source = Source(code.body, code.cell.number)
        self._found[index, 0] = SetupSource(code.facts.digest, source)

    def _magics(
        self, index: int, code: CodeCell, magics: Sequence[str], steps: frozenset[str] | None
    ) -> None:
        for count, magic in enumerate(magics):
            if not magic.strip().startswith(_KERNEL_ONLY):
                mark = digest.of_structure(_CONFIGURING, magic)
                source = Source(magic, code.cell.number)
                self._found[index, -len(magics) + count] = SetupSource(mark, source, steps)

    def _calling(
        self, index: int, code: CodeCell, name: str, line: int, said: set[Position]
    ) -> None:
        """A function is called: what it tells libraries is said again in the steps below."""
        for binding in self.scope.above(name, (index, line)):
            if not isinstance(binding, FromDefinition) or binding.placed.position in said:
                return
            said.add(binding.placed.position)
            definition = binding.placed.definition
            for told in definition.configures:
                self._configuration(index, code, replace(told, line=line))
            for further in sorted(definition.surely_calls):
                self._calling(index, code, further, line, said)

    def _perhaps(
        self, index: int, code: CodeCell, step: FlowStep, said: Collection[Position]
    ) -> None:
        """What functions tell libraries that the step calls perhaps, or in the middle of things."""
        for placed in step.body.definitions:
            if placed.position not in said:
                for told in placed.definition.configures:
                    read = code.facts.reads
                    line = next((read[n] for n in placed.definition.names if n in read), 1)
                    self._configuration(index, code, replace(told, line=line, repeats=False))

    def _configuration(self, index: int, code: CodeCell, told: Configuration) -> None:
        packages = self._packages_of(told, index)
        if not packages or code.role == "setup" or (told.likely and code.role != "ordinary"):
            return
        steps = self._holding_for(told, index, packages)
        if not steps:
            return
        is_said = code.role == "step" or told.is_for_imports
        needs = self._needs(index, code, told) if is_said else None
        if needs is None:
            self.problems.append(_stranded(code, told))
            return
        self._definitions(needs.definitions, steps)
        text, mark = told.source, told.digest
        held = self._found.get((index, told.line))
        if held is not None and held.source.text != text:
            # One call tells several things.
            text, mark = f"{held.source.text}\n{text}", digest.of_structure(held.digest, mark)
            steps |= held.steps or frozenset()
        source = Source(text, code.cell.number, told.line)
        self._found[index, told.line] = SetupSource(mark, source, steps)

    def _definitions(self, definitions: Sequence[Placed], steps: frozenset[str] | None) -> None:
        for placed in definitions:
            definition = placed.definition
            source = Source(definition.source, placed.cell.number, definition.line)
            held = self._found.get(placed.position)
            if held is not None:
                both = None if held.steps is None or steps is None else held.steps | steps
                self._found[placed.position] = replace(held, steps=both)
            else:
                self._found[placed.position] = SetupSource(definition.digest, source, steps)

    def _packages_of(self, told: Configuration, index: int) -> frozenset[str]:
        """The packages that its first word is imported from; none when it is something else."""
        if told.root in ("", "get_ipython"):
            return frozenset({told.package})
        found: set[str] = set()
        # An import may stand on the same line.
        for binding in self.scope.above(told.root, (index, told.line + 1)):
            match binding:
                case FromDefinition(placed) if placed.definition.modules:
                    found |= _tops(placed.definition.modules)
                case FromSetup(cell):
                    shared = next(c for c in self.cells if c.cell.id == cell.id)
                    for definition in shared.facts.definitions:
                        if told.root in definition.names:
                            found |= _tops(definition.modules)
                case _:
                    return frozenset()
        return frozenset() if told.package and told.package not in found else frozenset(found)

    def _holding_for(
        self, told: Configuration, index: int, packages: frozenset[str]
    ) -> frozenset[str]:
        """The steps below that could see it."""
        return frozenset(
            step.id
            for step in self._below(index)
            if told.everywhere or packages & self._met_by(step)
        )

    def _below(self, index: int) -> list[FlowStep]:
        return [step for step in self.steps.values() if step.index > index]

    def _met_by(self, step: FlowStep) -> frozenset[str]:
        """The packages whose objects a step may hold: of its imports, and of what it is given."""
        if not self._packages:
            for cell in self.order:
                met = set(_imported(self.steps[cell]))
                for source in self.steps[cell].sources():
                    met |= self._packages.get(source, frozenset())
                self._packages[cell] = frozenset(met)
        return self._packages[step.id]

    def _needs(self, index: int, code: CodeCell, told: Configuration) -> Needs | None:
        """The definitions that it needs; None when it needs more than that."""
        names = told.needs | told.calls
        data = {*code.facts.binds, *code.facts.may_bind} - code.defined()
        if not told.repeats or names & data:
            return None
        below = told.line + 1  # an import may stand on the same line
        reads, late = (dict.fromkeys(sorted(each), below) for each in (told.needs, told.calls))
        needs = Reach(self.scope, code, (index, below)).of(reads, late)
        more = needs.inputs or needs.problems or any(placed.own for placed in needs.definitions)
        return None if more else needs


def _imported(step: FlowStep) -> Iterator[str]:
    for needs in (step.body, step.clause):
        for placed in needs.definitions:
            yield from _tops(placed.definition.modules)
    for definition in step.step.code.facts.definitions:
        yield from _tops(definition.modules)


def _tops(modules: Sequence[str]) -> frozenset[str]:
    return frozenset(module.partition(".")[0] for module in modules)


def _setup_reads_data(code: CodeCell, name: str, line: int) -> Problem:
    return Problem(
        "setup-reads-data",
        f"the set-up cell reads `{name}`, which steps or parameters bind",
        "Set-up runs before every task and can use definitions only: move this into a step.",
        code.cell.id,
        code.cell.number,
        line or None,
    )


def _stranded(code: CodeCell, told: Configuration) -> Problem:
    return Problem(
        "process-state",
        f"`{told.text}` holds for the process it runs in only: the steps below run in others",
        "Write it with literals and definitions only, or move the line into a `%%setup` cell: it "
        "then runs before every step."
        if code.role == "step"
        else "Move the line into a `%%setup` cell: it runs before every step.",
        code.cell.id,
        code.cell.number,
        told.line,
        "warning",
    )
