"""What a view says, as data: lines, tables, differences and code, for a terminal or a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from typing import Literal, TypeAlias

import msgspec

from nbflow.records.picture import Picture
from nbflow.views.status import Tone

#: Every line of text that can be cut fits into so many columns, unless a terminal has others.
WIDTH = 80
#: As much of a line as its other pieces leave.
REST = 0


class Span(msgspec.Struct, frozen=True):
    """Text with a tone."""

    text: str
    tone: Tone | None = None
    #: The most columns of a terminal that it takes, or REST. A notebook wraps, and cuts nothing.
    limit: int | None = None


class Badge(msgspec.Struct, frozen=True):
    """The word for a status, which a notebook shows with the icon and on the ground of it."""

    status: str
    text: str


#: Names and code in a text stand in `backticks`.
Piece: TypeAlias = str | Span | Badge


class Line(msgspec.Struct, frozen=True):
    """Some pieces in one line; without any it parts what is above it from what is below."""

    pieces: tuple[Piece, ...] = ()
    #: A status, for the glyph in front of the line. A notebook needs none beside a badge.
    mark: str = ""
    #: How many columns it is set in.
    indent: int = 0


class Row(msgspec.Struct, frozen=True):
    """One row of a table."""

    cells: tuple[Piece, ...]
    #: As of a line.
    mark: str = ""


class Table(msgspec.Struct, frozen=True):
    """Rows of equally many cells."""

    rows: tuple[Row, ...]
    #: Over the columns, in a notebook only: in a terminal the words speak for themselves.
    heads: tuple[str, ...]
    #: The most columns of a terminal that each cell but the last may take where not all fit; the
    #: last takes what is left.
    limits: tuple[int, ...]
    #: Which column is aligned to the right, if any.
    right: int = -1
    indent: int = 2
    #: Whether a terminal shows what stands over the columns, too.
    titled: bool = False


class Note(msgspec.Struct, frozen=True):
    """A problem: a message, and the remedy below it."""

    severity: Literal["error", "warning"]
    message: str
    remedy: str


class Difference(msgspec.Struct, frozen=True):
    """What differs between two texts, line by line."""

    before: str
    after: str
    indent: int = 0

    def lines(self) -> list[str]:
        """Lines that begin with ``+``, ``-`` or a blank; with ``@`` where some are left out."""
        lines = unified_diff(self.before.splitlines(), self.after.splitlines(), lineterm="", n=2)
        # Without the header, which would name two files, and the first hunk's line numbers.
        return list(lines)[3:]


class Code(msgspec.Struct, frozen=True):
    """Text in a fixed width, which may hold a terminal's colours: a traceback, a log, a value."""

    text: str


class Heading(msgspec.Struct, frozen=True):
    """A line that stands over what follows."""

    text: str
    tone: Tone
    #: Whether a terminal draws it out to the right margin.
    wide: bool = False


class Gallery(msgspec.Struct, frozen=True):
    """Pictures next to each other; a terminal says how many there are."""

    text: str
    #: What stands under them, and the pictures.
    pictures: tuple[tuple[str, tuple[Picture, ...]], ...]


Block: TypeAlias = Line | Table | Note | Difference | Code | Heading | Gallery


def texts(block: Block) -> Iterator[str]:
    """All that a block says in words, as it was given."""
    pieces: tuple[Piece, ...] = ()
    match block:
        case Line(pieces):
            pass
        case Table(rows, heads):
            pieces = (*heads, *(cell for row in rows for cell in row.cells))
        case Note(_, message, remedy):
            pieces = (message, remedy)
        case Heading(text) | Gallery(text):
            pieces = (text,)
    for piece in pieces:
        yield piece if isinstance(piece, str) else piece.text


def line(*pieces: Piece, mark: str = "", indent: int = 0) -> Line:
    """A line of these pieces."""
    return Line(pieces, mark, indent)
