"""What becomes of a notebook's cells when it is converted, as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from nbflow.steps import Role

#: What else a cell of several can be: kept as it is, a mark that somebody has set already included.
Became = Role | Literal["kept"]


class Piece(msgspec.Struct, frozen=True):
    """One cell of the converted notebook."""

    #: Positions of the cells that it is made of; of several pieces of one cell, each has it.
    origins: tuple[int, ...]
    became: Became
    #: The source without a mark.
    source: str
    #: Why, for people: what it does, or why it is no step.
    why: str = ""
    #: Of a step or foreach.
    name: str = ""
    clause: str = ""
    outputs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    #: Told apart from the other pieces of its cell: ``before``, ``after``; empty for the main one.
    part: str = ""

    @property
    def is_step(self) -> bool:
        return self.became in ("step", "foreach")


class Conversion(msgspec.Struct, frozen=True):
    """All cells of the converted notebook, in order."""

    pieces: tuple[Piece, ...]

    def of(self, origin: int) -> Sequence[Piece]:
        """The pieces that a cell has become, or is a part of."""
        return [piece for piece in self.pieces if origin in piece.origins]
