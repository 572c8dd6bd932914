"""A page as text for a terminal: lines that fit, one glyph and colour per status."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from click import style

from nbflow.views.blocks import (
    REST,
    WIDTH,
    Badge,
    Block,
    Code,
    Difference,
    Gallery,
    Heading,
    Line,
    Note,
    Piece,
    Span,
    Table,
)
from nbflow.views.status import Tone, look, tone_of

#: Longest difference that is shown in full, in lines.
DIFFERENCE_LINES = 40
#: Columns in which text can still be read.
_LEAST = 12
_COMMAND = re.compile("`nbflow [^`]+`")
#: In place of a blank: `textwrap` knows the others as such.
_NO_BREAK = "\N{NO-BREAK SPACE}"

_STYLES: Mapping[Tone, Mapping[str, Any]] = {
    "good": {"fg": "green"},
    "old": {"fg": "cyan"},
    "bad": {"fg": "red"},
    "busy": {"fg": "blue"},
    "quiet": {"fg": "bright_black"},
    "warn": {"fg": "yellow"},
    "strong": {"bold": True},
}


def render(blocks: Iterable[Block], columns: int | None = WIDTH) -> str:
    """The blocks one below the other, with colours as ANSI; whoever prints it may strip those.

    Parameters
    ----------
    columns
        Of the terminal; None for what is none, where nothing is cut or wrapped.
    """
    return "\n".join(line for block in blocks for line in _lines(block, columns))


def _lines(block: Block, room: int | None) -> Iterable[str]:
    match block:
        case Line():
            return [_line(block, room)]
        case Table():
            return _table(block, room)
        case Note(severity, message, remedy):
            glyph = paint("✘", "bad") if severity == "error" else paint("!", "warn")
            return _note(glyph, message, remedy, room)
        case Difference(indent=indent):
            return (" " * indent + line for line in _difference(block.lines()))
        case Code(text):
            return [text]
        case Gallery(text, pictures):
            told = ", ".join(f"{len(found)} in {name}" for name, found in pictures)
            return [f"  {text}: {told}; {paint('`--html FILE` shows them side by side', 'quiet')}"]
        case Heading(text, tone, wide):
            lead = f"── {text}{' ' * wide}"
            drawn = wide * ((room or WIDTH) - 1 - width(lead))
            return [paint(lead, tone) + paint("─" * drawn, tone)]


def _line(block: Line, room: int | None) -> str:
    glyph = f"{mark(block.mark)} " if block.mark else ""
    rest = None
    if room is not None:
        others = (p for p in block.pieces if not (isinstance(p, Span) and p.limit == REST))
        taken = block.indent + 2 * bool(glyph) + sum(width(_bare(piece)) for piece in others)
        rest = max(0, room - taken)
    painted = (_painted(piece, rest) for piece in block.pieces)
    return " " * block.indent + glyph + "".join(painted)


def _painted(piece: Piece, rest: int | None) -> str:
    match piece:
        case Span(text, tone, limit):
            if rest is not None and limit is not None:
                text = cut(text, rest if limit == REST else limit)
            return paint(text, tone) if tone else text
        case _:
            return _bare(piece)


def _bare(piece: Piece) -> str:
    return piece.text if isinstance(piece, Span | Badge) else piece


def _table(table: Table, room: int | None) -> Iterator[str]:
    cells = [[_bare(cell) for cell in row.cells] for row in table.rows]
    heads = [table.heads] if table.titled else []
    lines = columns([*heads, *cells], table.limits, table.right, room)
    if heads:
        marks = 2 * any(row.mark for row in table.rows)
        yield " " * (table.indent + marks) + paint(lines.pop(0), "quiet")
    for row, line in zip(table.rows, lines, strict=True):
        glyph = f"{mark(row.mark)} " if row.mark else ""
        yield " " * table.indent + glyph + line


def _note(glyph: str, message: str, remedy: str, room: int | None) -> Iterator[str]:
    first, *others = _wrapped(message, room) or [""]
    yield f"{glyph} {first}"
    for line in others:
        yield f"  {line}"
    for line in _wrapped(remedy, room):
        yield f"  {paint(line, 'quiet')}"


def _wrapped(text: str, room: int | None) -> list[str]:
    if room is None:
        return text.splitlines()
    wide = max(_LEAST, room - 2)
    # A command that is broken in two cannot be pasted.
    text = _COMMAND.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)
    return [
        line.replace(_NO_BREAK, " ")
        for part in text.splitlines()
        for line in textwrap.wrap(part, wide, break_long_words=False, break_on_hyphens=False)
    ]


def _difference(lines: Sequence[str]) -> Iterator[str]:
    for line in lines[:DIFFERENCE_LINES]:
        match line[:1]:
            case "+":
                yield paint(line, "good")
            case "-":
                yield paint(line, "bad")
            case "@":
                yield paint("  …", "quiet")
            case _:
                yield paint(line.rstrip(), "quiet")
    if len(lines) > DIFFERENCE_LINES:
        yield paint(f"… {len(lines) - DIFFERENCE_LINES} more lines", "quiet")


def paint(text: str, tone: Tone) -> str:
    """Text in the colour of a tone, as ANSI."""
    return style(text, **_STYLES[tone]) if text else text


def mark(status: str) -> str:
    """The glyph of a status in its colour: never a colour alone."""
    return paint(look(status).glyph, tone_of(status))


def width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(letter)
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in text
    )


def cut(text: str, columns: int) -> str:
    """The text in one line of at most so many columns, with an ellipsis where it was cut."""
    line = " ".join(text.split())
    if width(line) <= columns:
        return line
    kept, taken = 0, 0
    while kept < len(line) and (taken := taken + width(line[kept])) < columns:
        kept += 1
    return line[:kept].rstrip() + "…" if columns > 0 else ""


def pad(text: str, columns: int, align: Literal["left", "right"] = "left") -> str:
    """The text filled up with blanks to so many columns."""
    blanks = " " * max(0, columns - width(text))
    return blanks + text if align == "right" else text + blanks


def columns(
    rows: Sequence[Sequence[str]],
    limits: Sequence[int],
    right: int = -1,
    room: int | None = WIDTH,
) -> list[str]:
    """Rows as aligned columns, two blanks apart; a last column takes what the room leaves.

    Parameters
    ----------
    limits
        The most columns each cell but the last may take, where not all fit.
    right
        Which column is aligned to the right, if any.
    room
        Of the terminal; None cuts nothing.
    """
    whole = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [
        max((width(row[position]) for row in whole), default=0) for position in range(len(limits))
    ]
    last = max((width(row[-1]) for row in whole), default=0)
    rest = last
    if room is not None and room - 4 - _taken(widths) < last:
        widths = list(map(min, widths, limits))
        # A line that the terminal has to wrap says more than one without its end.
        rest = max(room - 4 - _taken(widths), min(last, _LEAST))
    lines = []
    for row in whole:
        cells = [
            pad(cut(cell, wide), wide, "right" if position == right else "left")
            for position, (cell, wide) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append("  ".join([*cells, cut(row[-1], rest)]).rstrip())
    return lines


def _taken(widths: Iterable[int]) -> int:
    return sum(wide + 2 for wide in widths)
