"""A notebook as nbflow reads it: its cells in document order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

#: The tag of cells in which an error ends nothing but the cell; nbclient and JupyterLab obey it.
FAILING = "raises-exception"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a notebook, as it stands on disk or on the screen."""

    #: The notebook's own id of the cell; what identifies a step across renames and moves.
    id: str
    #: 1-based position among the non-blank code cells, as in ``cell [3]``; 0 for other cells.
    number: int
    kind: Literal["code", "markdown", "raw"]
    source: str
    tags: tuple[str, ...] = ()
    #: The ``nbflow`` entry of the cell's metadata.
    metadata: Mapping[str, Any] = field(default_factory=dict)
    #: Of a markdown heading: whether what is below it is folded away on the screen.
    collapsed: bool = False
    #: The execution count that was saved with it; it says nothing about what the cell means.
    executed: int | None = field(default=None, compare=False)

    @property
    def may_raise(self) -> bool:
        """Whether an exception ends only this cell: those below go on with what it has left."""
        return FAILING in self.tags


class Notebook(msgspec.Struct, frozen=True):
    """The cells of one notebook, and where it lies."""

    #: Absolute path of the file.
    path: str
    cells: tuple[Cell, ...]
    #: Language of the kernel it was written for (``"python"``).
    language: str = "python"
