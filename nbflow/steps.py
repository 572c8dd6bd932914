"""Code cells with their roles: each cell's mark and facts, and the steps among them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec import structs

from nbflow.analysis import analyse
from nbflow.directives import parse
from nbflow.records.directive import Directive
from nbflow.records.facts import Facts
from nbflow.records.notebook import Cell, Notebook
from nbflow.records.problem import Problem

Role = Literal["step", "foreach", "parameters", "setup", "ordinary"]

#: Names IPython itself binds: what a cell leaves in them is no output.
INTERACTIVE_NAMES = frozenset({"_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh"})


class Clause(msgspec.Struct, frozen=True):
    """What stands after ``for`` in a foreach, taken apart by Python's own grammar."""

    #: An expression that evaluates to the list of items.
    expression: str
    #: What an item is assigned to: ``chunk``, or ``k, v``.
    target: str
    #: The names that the target binds.
    names: tuple[str, ...]
    #: Facts of the expression: the names it reads.
    facts: Facts
    #: The iterable when it is a bare name and nothing filters or nests: then a foreach over
    #: another foreach's output can go element by element.
    source: str | None


class CodeCell(msgspec.Struct, frozen=True):
    """One code cell: its role in the flow, and what its body says."""

    cell: Cell
    role: Role
    directive: Directive | None
    facts: Facts
    #: Text of the nearest markdown heading above; groups steps in pictures.
    heading: str = ""

    @property
    def body(self) -> str:
        """The source to run, line numbers as in the cell."""
        return self.directive.body if self.directive else self.cell.source

    def defined(self) -> frozenset[str]:
        """Names that this cell's definitions bind.

        In a step a literal constant is an output like any other: its readers are drawn below it.
        """
        is_step = self.role in ("step", "foreach")
        return frozenset(
            name
            for definition in self.facts.definitions
            if not (is_step and definition.kind == "constant")
            for name in definition.names
        )

    def bound(self) -> tuple[str, ...]:
        """Names of data that are bound, or changed in place, when the cell has run, in order."""
        facts = self.facts
        # What definitions do when executed, they do again wherever an ordinary cell's are shared.
        enrols = facts.enrols if self.role in ("step", "foreach") else {}
        names = dict.fromkeys((*facts.binds, *facts.may_bind, *facts.mutates, *enrols))
        defined = self.defined()
        return tuple(n for n in names if n not in defined and n not in INTERACTIVE_NAMES)


class Step(msgspec.Struct, frozen=True):
    """A named unit of a flow, defined by one cell."""

    code: CodeCell
    name: str
    kind: Literal["step", "foreach"]
    clause: Clause | None = None

    @property
    def cell(self) -> Cell:
        return self.code.cell

    @property
    def directive(self) -> Directive:
        assert self.code.directive is not None
        return self.code.directive


def code_cells(notebook: Notebook) -> tuple[tuple[CodeCell, ...], tuple[Problem, ...]]:
    """The notebook's code cells in document order, and what is wrong with their marks."""
    cells: list[CodeCell] = []
    problems: list[Problem] = []
    heading = ""
    for cell in notebook.cells:
        if cell.kind == "markdown":
            heading = _last_heading(cell.source) or heading
        if cell.kind != "code":
            continue
        directive, wrong = parse(cell)
        problems += wrong
        facts = analyse(directive.body if directive else cell.source)
        if cell.may_raise:
            facts = _as_far_as_it_gets(facts)
        role: Role = directive.kind if directive else "ordinary"
        cells.append(CodeCell(cell, role, directive, facts, heading))
    return tuple(cells), tuple(problems)


def _as_far_as_it_gets(facts: Facts) -> Facts:
    """The facts of a cell that an exception may end anywhere."""
    may_bind = {**facts.may_bind, **facts.binds}
    excused = facts.excused | facts.reads.keys()
    return structs.replace(facts, binds={}, may_bind=may_bind, excused=excused, surely_calls={})


def steps_of(cells: Sequence[CodeCell]) -> tuple[dict[str, Step], tuple[Problem, ...]]:
    """The steps by cell id, in document order, and the problems of their clauses and names."""
    problems: list[Problem] = []
    steps: dict[str, Step] = {}
    taken = {c.directive.name for c in cells if c.directive and c.directive.name}
    for code in cells:
        if code.role not in ("step", "foreach"):
            continue
        assert code.directive is not None
        clause = None
        if code.role == "foreach":
            if code.directive.clause is None:
                continue  # the mark's own problem says so
            clause = _clause(code.directive.clause)
            if clause is None:
                problems.append(_bad_clause(code))
                continue
        name = code.directive.name or _free_name(code, clause, taken)
        taken.add(name)
        steps[code.cell.id] = Step(code, name, code.role, clause)
    return steps, (*problems, *_duplicates(steps.values()))


def _free_name(code: CodeCell, clause: Clause | None, taken: set[str]) -> str:
    """A step without a name of its own is called after its first output."""
    assert code.directive is not None
    targets = clause.names if clause else ()
    outputs = code.directive.options.outputs or (n for n in code.bound() if n not in targets)
    base = next(iter(outputs), f"cell_{code.cell.number}")
    name, count = base, 2
    while name in taken:
        name, count = f"{base}_{count}", count + 1
    return name


def _duplicates(steps: Iterable[Step]) -> list[Problem]:
    first: dict[str, Step] = {}
    problems: list[Problem] = []
    for step in steps:
        other = first.setdefault(step.name, step)
        if other is not step:
            problems.append(
                Problem(
                    "duplicate-step",
                    f"step `{step.name}` is already defined in cell [{other.cell.number}]",
                    "Give one of the two cells another name.",
                    cell=step.cell.id,
                    number=step.cell.number,
                    line=step.directive.line or None,
                )
            )
    return problems


def _bad_clause(code: CodeCell) -> Problem:
    assert code.directive is not None
    return Problem(
        "bad-clause",
        f"`{code.directive.clause}` is not what may stand after `for` in a comprehension",
        "Write it like `x in xs`, `k, v in d.items()` or `a in xs for b in ys if a < b`.",
        cell=code.cell.id,
        number=code.cell.number,
        line=code.directive.line or None,
    )


def _clause(text: str) -> Clause | None:
    try:
        tree = ast.parse(f"[None for {text}]", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(tree, ast.ListComp):
        return None
    loops = tree.generators
    names: dict[str, None] = {}
    for loop in loops:
        for node in ast.walk(loop.target):
            if isinstance(node, ast.Name):
                names[node.id] = None
            elif isinstance(node, (ast.Attribute, ast.Subscript)):
                return None
    if not names:
        return None
    single = len(loops) == 1 and isinstance(loops[0].target, ast.Name)
    target = next(iter(names)) if single else ", ".join(names) + ("," if len(names) == 1 else "")
    item = target if single else f"({target})"
    expression = f"[{item} for {text}]"
    plain = single and not loops[0].ifs and not loops[0].is_async
    source = loops[0].iter.id if plain and isinstance(loops[0].iter, ast.Name) else None
    return Clause(expression, target, tuple(names), analyse(expression), source)


def _last_heading(markdown: str) -> str:
    lines = [line for line in markdown.splitlines() if line.startswith("#")]
    return lines[-1].lstrip("#").strip() if lines else ""
