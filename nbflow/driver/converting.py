"""Converts a notebook file, runs both it and the flow, and compares what their cells show."""

from __future__ import annotations

import copy
import functools
import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import msgspec
from msgspec.structs import replace
from nbformat import NotebookNode, v4

from nbflow import cells
from nbflow.checks import check
from nbflow.conversion import Conversion, Piece, Spelling, convert, spelled
from nbflow.conversion.drafting import Forced
from nbflow.conversion.kale import is_kale, skipped, without_tags
from nbflow.conversion.roles import LOOKS
from nbflow.directives import parse
from nbflow.driver import executed
from nbflow.driver.chance import unsteady
from nbflow.driver.notebook_flow import NotebookFlow
from nbflow.driver.refusals import ProblemsError
from nbflow.driver.shown import Shown, difference, shown
from nbflow.driver.stars import star_names
from nbflow.errors import NotebookError
from nbflow.flow import Flow
from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.results import FlowRun

#: ``varies``: differs between two plain runs as well. ``unreached``: below what failed.
#: ``skipped``: not run, either way.
Verdict = Literal["equal", "varies", "differs", "unreached", "skipped"]
_EXTENSION = "%load_ext nbflow"
#: A task takes longer to start than these rounds take: many of them are better left a loop.
_MANY, _NO_TIME = 50, 0.005
_TINY = Forced("step", "its loop stays: each of many rounds takes next to no time")


class Outcome(msgspec.Struct, frozen=True):
    """How the outputs of one original code cell compare."""

    verdict: Verdict
    #: What differs.
    told: str = ""


class Compared(msgspec.Struct, frozen=True):
    """The outcomes by position in the original."""

    outcomes: Mapping[int, Outcome]
    #: Position and error of the cell at which the original itself fails.
    fails: tuple[int, str] | None = None
    #: What the flow is warned of, cells numbered as in the original: it may say why.
    warnings: tuple[Problem, ...] = ()

    @property
    def is_equal(self) -> bool:
        verdicts = {outcome.verdict for outcome in self.outcomes.values()}
        return self.fails is None and verdicts <= {"equal", "varies", "skipped"}


class Converting:
    """One notebook on its way to a marked one.

    Parameters
    ----------
    path
        The notebook's file.
    spelling
        How marks are written.

    Raises
    ------
    NotebookError
        The file is no notebook, or no plain one.
    """

    def __init__(self, path: Path, spelling: Spelling) -> None:
        self.path = path.absolute()
        self.spelling: Spelling = spelling
        self.notebook: Notebook = cells.read(path)
        self._document = executed.read(path, self.notebook)
        for cell in self.notebook.cells:
            directive = parse(cell)[0]
            if directive is not None and directive.kind == "foreach":
                raise NotebookError(
                    f"cell [{cell.number}] of `{path}` is a foreach already: no plain kernel runs "
                    "it, so there is nothing to compare with",
                    "Mark the other cells by hand, or take this mark off.",
                )
        self._skipped = skipped(self.notebook)
        self.conversion: Conversion = self._converted({})
        self._forced: dict[int, Forced] = {}
        #: By position, how long cells took in the last run from top to bottom, in seconds.
        self._took: dict[int, float] = {}

    def document(self, *, with_extension: bool = True) -> NotebookNode:
        """The marked notebook, with the outputs that the original had."""
        document: NotebookNode = copy.deepcopy(self._document)
        document.cells = [self._cell(piece) for piece in self.conversion.pieces]
        is_loaded = any(_EXTENSION in cell.source for cell in document.cells)
        marked = any(piece.became not in ("kept", "ordinary") for piece in self.conversion.pieces)
        if with_extension and self.spelling == "magic" and marked and not is_loaded:
            first = next(n for n, c in enumerate(document.cells) if c.cell_type == "code")
            document.cells.insert(first, v4.new_code_cell(_EXTENSION, id="load-ext"))
        return document

    def compare(self, on_stage: Callable[[str], None]) -> Compared:
        """Run both and compare; a cell that differs is tried as something simpler.

        Parameters
        ----------
        on_stage
            Told what is being done.
        """
        on_stage("running it from top to bottom")
        plain, fails = self._plainly()
        again: list[Shown] | None = None
        with TemporaryDirectory(prefix="nbflow-") as store:
            # A cell is tried as something else once, so that this comes to an end.
            for attempt in itertools.count():
                on_stage("running the flow" if not attempt else "running what has changed")
                flow, wired, tiny = self._as_flow(Path(store))
                groups = self._groups()
                found = {group: _difference(group, plain, flow) for group in groups}
                if any(found.values()) and again is None:
                    on_stage("running it from top to bottom once more, since something differs")
                    again, _ = self._plainly()
                # A cell that is meant to fail ends neither.
                pairs = enumerate(zip(plain, flow, strict=True))
                ends = (n for n, (one, other) in pairs if other.error not in ("", one.error))
                stopped = next(ends, len(flow))
                end = min(stopped, self._compared(fails, flow))
                varying = [n for n, one in enumerate(plain) if again and one != again[n]]
                chance = self._by_chance(wired, varying)
                outcomes = {
                    position: _outcome(group, told, chance, end)
                    for group, told in found.items()
                    for position in group
                } | dict.fromkeys(self._skipped, Outcome("skipped"))
                simpler = self._simpler(outcomes) | dict.fromkeys(tiny, _TINY)
                if not simpler:
                    break
                self._forced |= simpler
                self.conversion = self._converted(self._forced)
        return Compared(outcomes, fails, self._warnings(wired))

    def _converted(self, forced: Mapping[int, Forced]) -> Conversion:
        stars = functools.partial(star_names, directory=self.path.parent)
        return convert(self.notebook, stars, forced)

    def _cell(self, piece: Piece) -> NotebookNode:
        cell: NotebookNode = copy.deepcopy(self._document.cells[piece.origins[-1]])
        own = self.notebook.cells[piece.origins[-1]].id.removeprefix("derived-")
        cell.id = f"{own[:50]}-{piece.part}" if piece.part else own
        if piece.became == "kept":
            return cell
        written = spelled(piece, self.spelling)
        cell.source = written.source
        tags = tuple(cell.metadata.get("tags", ()))
        tags = (*(without_tags(tags) if is_kale(self.notebook) else tags), *written.tags)
        cell.metadata.pop("tags", None)
        if tags:
            cell.metadata["tags"] = list(tags)
        if written.metadata:
            cell.metadata["nbflow"] = dict(written.metadata)
        if piece.part:
            cell.outputs, cell.execution_count = [], None
        for origin in reversed(piece.origins[:-1]):
            cell.outputs = [*copy.deepcopy(self._document.cells[origin].outputs), *cell.outputs]
        return cell

    def _plainly(self) -> tuple[list[Shown], tuple[int, str] | None]:
        """What each cell shows in one fresh kernel, and where it failed."""
        # Late: a kernel's client takes long to import.
        from nbflow.driver.kernel import OrdinaryKernel

        document = copy.deepcopy(self._document)
        outputs = [Shown() for _ in document.cells]
        with OrdinaryKernel(document, self.path) as kernel:
            count = 0
            for position, cell in enumerate(self.notebook.cells):
                if not cell.number or position in self._skipped:
                    continue
                directive = parse(cell)[0]
                count += 1
                body = directive.body if directive else cell.source
                began = time.monotonic()
                error = kernel.run(position, body, count)
                self._took[position] = time.monotonic() - began
                outputs[position] = shown(document.cells[position].outputs)
                if error is not None:
                    return outputs, (position, f"{error.name}: {error.message}")
        return outputs, None

    def _compared(self, fails: tuple[int, str] | None, flow: Sequence[Shown]) -> int:
        """The last position that can be compared; definitions are not run where they stand."""
        if fails is None:
            return len(flow)
        is_step = any(p.became in ("step", "foreach") for p in self.conversion.of(fails[0]))
        return fails[0] if is_step or flow[fails[0]].error else fails[0] - 1

    def _as_flow(self, store: Path) -> tuple[list[Shown], Flow, set[int]]:
        """What each original cell shows in the flow (of merged cells, the last); the flow; loops.

        Of the loops, those whose rounds are not worth a task each.
        """
        document = self.document(with_extension=False)
        for piece, cell in zip(self.conversion.pieces, document.cells, strict=True):
            if piece.origins[-1] in self._skipped:
                cell.cell_type = "raw"
        notebook = cells.parse(document, self.path)
        found = [Shown() for _ in self.notebook.cells]
        with NotebookFlow(notebook, store) as flow:
            if flow.flow.steps:
                try:
                    run = flow.run()
                except ProblemsError as error:
                    for problem in error.problems:
                        if problem.severity == "error" and problem.cell is not None:
                            place = [cell.id for cell in notebook.cells].index(problem.cell)
                            origin = self.conversion.pieces[place].origins[-1]
                            found[origin] = Shown(error=f"refused: {problem.message}")
                    return found, flow.flow, set()
                executed.execute(document, flow.flow, run, {})
            else:
                return self._plainly()[0], flow.flow, set()
            wired = flow.flow
            tiny = {o for p in self.conversion.pieces if self._is_tiny(p, run) for o in p.origins}
        outputs: dict[int, list[NotebookNode]] = {}
        for piece, cell in zip(self.conversion.pieces, document.cells, strict=True):
            if cell.cell_type == "code":
                outputs.setdefault(piece.origins[-1], []).extend(cell.outputs)
        for origin, each in outputs.items():
            found[origin] = shown(each)
        return found, wired, tiny

    def _is_tiny(self, piece: Piece, run: FlowRun) -> bool:
        """Whether it is a foreach whose rounds take no time, by how long the loop took."""
        if piece.became != "foreach":
            return False
        rounds = sum(task.step == piece.name and task.index is not None for task in run.tasks)
        took = [self._took[origin] for origin in piece.origins if origin in self._took]
        return bool(took) and rounds >= _MANY and sum(took) < rounds * _NO_TIME

    def _warnings(self, flow: Flow) -> tuple[Problem, ...]:
        pieces = dict(zip(self._ids(), self.conversion.pieces, strict=True))
        return tuple(
            replace(each, number=self.notebook.cells[pieces[each.cell].origins[-1]].number)
            for each in check(flow)
            if each.severity == "warning" and each.cell is not None
        )

    def _ids(self) -> list[str]:
        """The ids of the flow's cells: they are made of the pieces, in order."""
        return [cell.id for cell in self.document(with_extension=False).cells]

    def _by_chance(self, flow: Flow, varying: Sequence[int]) -> set[int]:
        """Positions of the cells that may show something else at each run."""
        pieces = dict(zip(self._ids(), self.conversion.pieces, strict=True))
        seen = [one for one, piece in pieces.items() if set(piece.origins) & set(varying)]
        return {o for one in unsteady(flow, seen) for o in pieces[one].origins} | set(varying)

    def _groups(self) -> list[tuple[int, ...]]:
        """The original code cells; those that were made one together."""
        grouped: dict[int, tuple[int, ...]] = {}
        for piece in self.conversion.pieces:
            if self.notebook.cells[piece.origins[-1]].number:
                grouped[piece.origins[-1]] = piece.origins
        return list(grouped.values())

    def _simpler(self, outcomes: Mapping[int, Outcome]) -> dict[int, Forced]:
        """What cells that differ could be instead."""
        result: dict[int, Forced] = {}
        for position, outcome in outcomes.items():
            if outcome.verdict != "differs" or position in self._forced:
                continue
            for piece in self.conversion.of(position):
                if piece.became == "foreach":
                    why = f"its loop stays: as a foreach it {outcome.told}"
                    result[position] = Forced("step", why)
                elif piece.became == "ordinary" and piece.why == LOOKS:
                    result[position] = Forced("step", "looks at what stays in a step")
        return result


def _difference(group: Sequence[int], plain: Sequence[Shown], flow: Sequence[Shown]) -> str:
    return difference(_joined([plain[n] for n in group]), flow[group[-1]])


def _outcome(group: Sequence[int], told: str, chance: Collection[int], end: int) -> Outcome:
    if group[-1] > end:
        return Outcome("unreached")
    if not told:
        return Outcome("equal")
    if not told.startswith("fails") and not set(group).isdisjoint(chance):
        return Outcome("varies", "shows something else at each run, as it is")
    return Outcome("differs", told)


def _joined(parts: Sequence[Shown]) -> Shown:
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[-1],
        stdout="".join(part.stdout for part in parts),
        stderr="".join(part.stderr for part in parts),
        values=tuple(value for part in parts for value in part.values),
    )
