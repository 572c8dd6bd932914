"""The notebook as far as the kernel knows it: the file, and the cells that were executed since."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import msgspec

from nbflow.cells.document import DERIVED, mark_of
from nbflow.magics.told import Told
from nbflow.records.notebook import Cell, Notebook

#: How the id of a cell begins that nobody has given one.
_NAMELESS = "executed-"


class _Executed(msgspec.Struct, frozen=True):
    cell: Cell
    #: Seconds since the epoch.
    at: float


class LiveDocument:
    """Puts the file and what was executed together into one notebook.

    Order and markdown are the file's. A cell's text is the later of the two: as it was executed,
    or as it was saved since. A cell that the file does not hold yet stands behind all others; a
    cell that was deleted, on the screen or in the file, is gone.

    Parameters
    ----------
    path
        Where the notebook lies, or would lie.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: tuple[Cell, ...] = ()
        self._saved = 0.0
        self._executed: dict[str, _Executed] = {}
        #: When each was told of: a front end tells of a deleted cell once.
        self._deleted: dict[str, float] = {}
        #: Ids of front ends that are not the notebook's own, with the id of the cell they mean.
        self._meant: dict[str, str] = {}
        self._last: str | None = None
        self._numbers = count(1)

    def saved(self, cells: Iterable[Cell], at: float) -> None:
        """Take in the whole notebook as it was at a time: as saved, or as on the screen."""
        if at >= self._saved:
            self._file, self._saved = tuple(cells), at
            for cell in self._file:
                if self._deleted.get(cell.id, at) < at:  # its deletion was undone
                    del self._deleted[cell.id]

    def executed(self, source: str, told: Told, at: float) -> Cell:
        """Take in a cell that is executed, and give it with its id and its marks."""
        self._deleted |= dict.fromkeys(told.deleted, at)
        cell_id = self._identify(source, told)
        self._deleted.pop(cell_id, None)
        before = self._before(cell_id)
        cell = Cell(cell_id, 0, "code", source, told.tags, told.metadata)
        if before is not None and told.cell_id != cell_id and not (told.tags or told.metadata):
            # Who does not send the notebook's own id need not send the cell's metadata either.
            cell = replace(cell, tags=before.tags, metadata=before.metadata)
        self._executed[cell_id] = _Executed(cell, at)
        self._last = cell_id
        return cell

    def cell(self, cell_id: str) -> Cell | None:
        """A cell as it was executed last."""
        one = self._executed.get(cell_id)
        return one.cell if one is not None else None

    def notebook(self) -> Notebook:
        """The cells in document order, numbered."""
        cells = [self._latest(cell) for cell in self._file if cell.id not in self._gone()]
        held = {cell.id for cell in self._file}
        cells += [
            one.cell
            for cell_id, one in self._executed.items()
            if cell_id not in held and cell_id not in self._gone()
        ]
        numbers = count(1)
        return Notebook(
            str(self.path),
            tuple(
                replace(cell, number=next(numbers))
                if cell.kind == "code" and cell.source.strip()
                else cell
                for cell in cells
            ),
        )

    @property
    def unplaced(self) -> frozenset[str]:
        """Ids of executed cells that the file lacks, if there is one: they count as the last."""
        held = {cell.id for cell in self._file}
        return frozenset(self._executed.keys() - held - self._gone() if self._saved else ())

    @property
    def is_behind(self) -> bool:
        """Whether there is a file, and it lacks a cell that was executed and so its place."""
        return bool(self.unplaced)

    def only_saved(self) -> frozenset[str]:
        """Ids of cells that are known by the file alone, where the screen has others than that."""
        if not self.is_behind:
            return frozenset()
        return frozenset(cell.id for cell in self._file) - self._executed.keys()

    def outdated(self) -> frozenset[str]:
        """Ids of cells that were executed here with another text than the notebook has now."""
        return frozenset(
            cell.id
            for cell in self._file
            if (one := self._executed.get(cell.id)) is not None
            and one.at < self._saved
            and one.cell.source != cell.source
        )

    def _before(self, cell_id: str) -> Cell | None:
        """A cell as it was executed or saved last."""
        held = next((cell for cell in self._file if cell.id == cell_id), None)
        return self._latest(held) if held is not None else self.cell(cell_id)

    def _latest(self, cell: Cell) -> Cell:
        one = self._executed.get(cell.id)
        return one.cell if one is not None and one.at >= self._saved else cell

    def _gone(self) -> frozenset[str]:
        """Ids of deleted cells; one that was executed before the file was saved without it, too."""
        held = {cell.id for cell in self._file}
        unsaved = {
            cell_id
            for cell_id, one in self._executed.items()
            if held and cell_id not in held and one.at < self._saved
        }
        return frozenset(self._deleted.keys() | unsaved)

    def _known(self) -> Mapping[str, Cell]:
        cells = {cell.id: cell for cell in self._file if cell.kind == "code"}
        return cells | {cell_id: one.cell for cell_id, one in self._executed.items()}

    def _identify(self, source: str, told: Told) -> str:
        known = self._known()
        name = told.cell_id
        if name is not None:
            if name in known:
                return name
            if name in self._meant:
                return self._meant[name]
        # An id of the notebook's own means that cell and no other. A file may have no such ids,
        # though, and VS Code sends addresses.
        is_own = name is not None and ":" not in name
        free = [
            cell
            for cell in self._behind_the_last(known.values())
            if not is_own or cell.id.startswith((DERIVED, _NAMELESS))
        ]
        cell_id = self._alike(free, source, told, known.keys() & set(self._meant.values()))
        if cell_id is None:
            cell_id = name if name is not None and is_own else f"{_NAMELESS}{next(self._numbers)}"
        if name is not None and name != cell_id:
            self._meant[name] = cell_id
        return cell_id

    def _behind_the_last(self, cells: Iterable[Cell]) -> list[Cell]:
        """The cells, those first that stand below the one that was executed last."""
        cells = list(cells)
        ids = [cell.id for cell in cells]
        start = ids.index(self._last) + 1 if self._last in ids else 0
        return cells[start:] + cells[:start]

    def _alike(
        self, cells: Iterable[Cell], source: str, told: Told, taken: Iterable[str]
    ) -> str | None:
        """The cell that says, is marked or defines the same, unless another id means it."""
        free = [cell for cell in cells if cell.id not in taken]
        for cell in free:
            if cell.source == source:
                return cell.id
        mark = mark_of(source, told.tags, told.metadata)
        if mark is None:
            defined = _defined(source)
            found = (cell.id for cell in free if defined and _defined(cell.source) == defined)
        else:
            # A mark without a name or clause tells nobody which cell it is.
            found = (
                cell.id
                for cell in free
                if mark[1] and mark_of(cell.source, cell.tags, cell.metadata) == mark
            )
        return next(found, None)


def _defined(source: str) -> frozenset[str]:
    """The functions and classes of a cell: one that defines the same is that cell, edited."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return frozenset()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(each.name for each in statements if isinstance(each, kinds))
