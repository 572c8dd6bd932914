"""Compares runs as data: their parameters, code, surroundings, times and what they gave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from nbflow.cells.document import mark_of
from nbflow.records.digest import Digest
from nbflow.records.notebook import Cell, Notebook
from nbflow.records.picture import Picture
from nbflow.records.task import Fact, FactKind, RunRecord, Status
from nbflow.steps import CodeCell, code_cells

#: Which of several numbers is the best; unless somebody says so, nobody can know.
Best: TypeAlias = Literal["max", "min"]


class Column(msgspec.Struct, frozen=True):
    """One column of a frame, or the elements of an array, in a few numbers."""

    name: str
    type: str
    #: Of numbers only; None where there are none.
    low: float | None = None
    mean: float | None = None
    high: float | None = None
    #: How many are missing.
    missing: int = 0


class Shown(msgspec.Struct, frozen=True):
    """What one run gave under one name, as far as it can be told."""

    state: Literal["there", "collected", "stays"]
    #: Type with shape or length, or the value itself; why it is not there.
    summary: str
    digest: Digest | None = None
    number: float | None = None
    columns: tuple[Column, ...] = ()

    def is_same(self, other: Shown) -> bool:
        """Whether nothing tells the two apart."""
        if self.digest is not None and self.digest == other.digest:
            return True
        if self.number is not None and other.number is not None:
            return repr(self.number) == repr(other.number)  # one entry of a dict
        return self.digest is other.digest is None and self.summary == other.summary


class Step(msgspec.Struct, frozen=True):
    """One step in one run."""

    status: Status
    seconds: float
    peak_bytes: int
    #: By name; a dict of numbers is told entry by entry.
    outputs: Mapping[str, Shown] = msgspec.field(default_factory=dict)
    #: What it printed, and what it displayed as text; None when that was collected.
    text: str | None = ""
    pictures: tuple[Picture, ...] = ()


class Side(msgspec.Struct, frozen=True):
    """One of the runs that are compared, with all that is known of it."""

    run: RunRecord
    steps: Mapping[str, Step]
    facts: tuple[Fact, ...]
    #: As it was; None where it is not recorded.
    notebook: Notebook | None
    #: The notebook's file as it is now, if it is there and can be read.
    today: Notebook | None


class Varied(msgspec.Struct, frozen=True):
    """Something that several runs have, each with its value; None of one that lacks it."""

    name: str
    values: tuple[str | None, ...]
    kind: FactKind | Literal["parameter"] = "parameter"

    @property
    def differs(self) -> bool:
        """Whether they do not all have the same."""
        return len(set(self.values)) > 1


class CellCode(msgspec.Struct, frozen=True):
    """A code cell whose source is not the same in all runs; None where there is no such cell."""

    label: str
    sources: tuple[str | None, ...]


class StepTimes(msgspec.Struct, frozen=True):
    """How a step went in each run; None in one that has no such step."""

    step: str
    seconds: tuple[float | None, ...]
    statuses: tuple[Status | None, ...]
    peak_bytes: tuple[int | None, ...]


class Output(msgspec.Struct, frozen=True):
    """What each run gave under one name; None where it gave nothing."""

    step: str
    name: str
    shown: tuple[Shown | None, ...]

    @property
    def differs(self) -> bool:
        """Whether they are known not to be all the same."""
        first, *others = self.shown
        if first is None:
            return any(others)
        return not all(each is not None and first.is_same(each) for each in others)

    @property
    def numbers(self) -> tuple[float | None, ...]:
        """The values that are numbers."""
        return tuple(each.number if each else None for each in self.shown)

    @property
    def is_numeric(self) -> bool:
        """Whether what there is of it is numbers."""
        there = [each for each in self.shown if each is not None and each.state == "there"]
        return bool(there) and all(each.number is not None for each in there)


class PutOut(msgspec.Struct, frozen=True):
    """What a step put out in each run; None where it has no such step."""

    step: str
    texts: tuple[str | None, ...]
    pictures: tuple[tuple[Picture, ...], ...]
    #: Whether what it put out was collected.
    collected: tuple[bool, ...]


class Comparison(msgspec.Struct, frozen=True):
    """Some runs side by side; whatever has one entry for each run is in their order."""

    runs: tuple[RunRecord, ...]
    parameters: tuple[Varied, ...]
    cells: tuple[CellCode, ...]
    #: Versions of packages and of Python, files and modules read, and the like.
    surroundings: tuple[Varied, ...]
    steps: tuple[StepTimes, ...]
    outputs: tuple[Output, ...]
    put_out: tuple[PutOut, ...]
    #: Labels of the cells in which a run's code is another than its notebook's today; None where
    #: that cannot be told.
    other_code: tuple[tuple[str, ...] | None, ...]

    def to_frame(self) -> Any:
        """Parameters, seconds and numbers as a pandas frame: a row each, and a column for each run.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        import pandas as pd

        rows: dict[tuple[str, str], list[object]] = {
            ("parameter", each.name): list(each.values) for each in self.parameters
        }
        rows |= {("seconds", each.step): list(each.seconds) for each in self.steps}
        for each in self.outputs:
            if each.is_numeric:
                rows["output", each.name] = list(each.numbers)
        index = pd.MultiIndex.from_tuples(list(rows), names=["what", "name"])
        return pd.DataFrame(list(rows.values()), index=index, columns=[run.id for run in self.runs])


def compare(sides: Sequence[Side]) -> Comparison:
    """These runs side by side."""
    return Comparison(
        runs=tuple(side.run for side in sides),
        parameters=tuple(_varied([side.run.parameters for side in sides])),
        cells=tuple(_cells([side.notebook for side in sides])),
        surroundings=tuple(_surroundings([side.facts for side in sides])),
        steps=tuple(_times([side.steps for side in sides])),
        outputs=tuple(_outputs([side.steps for side in sides])),
        put_out=tuple(_put_out([side.steps for side in sides])),
        other_code=tuple(
            None
            if side.notebook is None or side.today is None
            else other_code(side.notebook, side.today)
            for side in sides
        ),
    )


def other_code(then: Notebook, now: Notebook) -> tuple[str, ...]:
    """The labels of the code cells that do something else than they did, are new, or are gone.

    A comment, a blank line or another layout is nothing else.
    """
    before, after = _code(then), _code(now)
    changed = {
        name
        for name in before.keys() & after.keys()
        if (before[name].source, before[name].tags, before[name].metadata)
        != (after[name].source, after[name].tags, after[name].metadata)
    }
    if changed:
        meant = [
            {name: _meaning(code) for name, code in _read(notebook, changed)}
            for notebook in (then, now)
        ]
        changed = {name for name in changed if meant[0][name] != meant[1][name]}
    labels = [_label(cell) for name, cell in after.items() if name in changed]
    labels += [f"{_label(cell)} (new)" for n, cell in after.items() if n not in before]
    labels += [f"{_label(c)} (gone)" for n, c in before.items() if n not in after]
    return tuple(labels)


def extremes(numbers: Iterable[float | None]) -> dict[Best, frozenset[int]]:
    """The places of the least and of the greatest number; of none, where all are equal."""
    there = {place: n for place, n in enumerate(numbers) if n is not None and not math.isnan(n)}
    if len(set(there.values())) < 2:
        return {"min": frozenset(), "max": frozenset()}
    least, greatest = min(there.values()), max(there.values())
    return {
        "min": frozenset(place for place, n in there.items() if n == least),
        "max": frozenset(place for place, n in there.items() if n == greatest),
    }


# -- the parts --


def _varied(
    sides: Sequence[Mapping[str, str]], kind: FactKind | Literal["parameter"] = "parameter"
) -> Iterator[Varied]:
    for name in dict.fromkeys(name for side in sides for name in side):
        yield Varied(name, tuple(side.get(name) for side in sides), kind)


def _cells(notebooks: Sequence[Notebook | None]) -> Iterator[CellCode]:
    """The cells that differ, in document order; what is not recorded differs from nothing."""
    sides = [None if each is None else _code(each) for each in notebooks]
    recorded = [side for side in sides if side is not None]
    for name in dict.fromkeys(name for side in recorded for name in side):
        found = [side.get(name) for side in recorded]
        if len({cell and cell.source for cell in found}) > 1:
            every = [side.get(name) if side is not None else None for side in sides]
            cell = next(cell for cell in found if cell is not None)
            yield CellCode(_label(cell), tuple(each.source if each else None for each in every))


def _surroundings(sides: Sequence[Iterable[Fact]]) -> Iterator[Varied]:
    """What not all runs have seen alike, where all have looked."""
    kinds = dict.fromkeys(fact.kind for side in sides for fact in side)
    for kind in kinds:
        of_kind = [_by_subject(fact for fact in side if fact.kind == kind) for side in sides]
        yield from _varied(of_kind, kind)


def _by_subject(facts: Iterable[Fact]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for fact in facts:
        # A file that the run itself has written may have been seen in several states.
        values.setdefault(fact.subject, []).append(fact.value)
    return {subject: " ".join(dict.fromkeys(each)) for subject, each in values.items()}


def _times(sides: Sequence[Mapping[str, Step]]) -> Iterator[StepTimes]:
    for name in _names(sides):
        found = [side.get(name) for side in sides]
        yield StepTimes(
            name,
            tuple(step.seconds if step else None for step in found),
            tuple(step.status if step else None for step in found),
            tuple(step.peak_bytes if step else None for step in found),
        )


def _outputs(sides: Sequence[Mapping[str, Step]]) -> Iterator[Output]:
    for step in _names(sides):
        given = [side[step].outputs if step in side else {} for side in sides]
        for name in dict.fromkeys(name for each in given for name in each):
            yield Output(step, name, tuple(each.get(name) for each in given))


def _put_out(sides: Sequence[Mapping[str, Step]]) -> Iterator[PutOut]:
    for name in _names(sides):
        found = [side.get(name) for side in sides]
        yield PutOut(
            name,
            tuple(step.text if step else None for step in found),
            tuple(step.pictures if step else () for step in found),
            tuple(step is not None and step.text is None for step in found),
        )


def _names(sides: Sequence[Mapping[str, Step]]) -> dict[str, None]:
    return dict.fromkeys(name for side in sides for name in side)


# -- cells --


def _code(notebook: Notebook) -> dict[str, Cell]:
    return {cell.id: cell for cell in notebook.cells if cell.kind == "code" and _does(cell.source)}


def _does(source: str) -> bool:
    """Whether it is more than nothing, comments, and commands to nbflow itself."""
    lines = (line.strip() for line in source.splitlines())
    return any(line and not line.startswith(("#", "%flow")) for line in lines)


def _read(notebook: Notebook, names: Iterable[str]) -> Iterator[tuple[str, CodeCell]]:
    wanted = set(names)
    cells = tuple(cell for cell in notebook.cells if cell.id in wanted)
    for code in code_cells(Notebook(notebook.path, cells))[0]:
        yield code.cell.id, code


def _meaning(code: CodeCell) -> tuple[object, ...]:
    directive = code.directive
    told = (directive.name, directive.clause, directive.options) if directive else ()
    # What is no Python has no digest to tell it by.
    text = code.cell.source if code.facts.syntax_error else ""
    return code.role, *told, code.facts.digest, text


def _label(cell: Cell) -> str:
    marked = mark_of(cell.source, cell.tags, cell.metadata)
    name = f" {marked[1]}" if marked and marked[1] else ""
    return f"cell [{cell.number}]{name}"
