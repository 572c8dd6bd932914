"""Lines that fit: columns, cut text, and one glyph and colour per status."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from click import style

from nbflow.views.status import look

#: Every text view fits into so many columns.
WIDTH = 80

Tone: TypeAlias = Literal["good", "old", "bad", "busy", "quiet", "warn"]

_COLOURS: Mapping[Tone, str] = {
    "good": "green",
    "old": "cyan",
    "bad": "red",
    "busy": "blue",
    "quiet": "bright_black",
    "warn": "yellow",
}

#: The tone of each status, of a task, a step or a run.
_TONES: Mapping[str, Tone] = {
    "running": "busy",
    "completed": "good",
    "cached": "old",
    "failed": "bad",
    "cancelled": "warn",
    "interrupted": "warn",
    "fresh": "good",
    "stale": "warn",
    "new": "busy",
    "unknown": "warn",
    "blocked": "bad",
}


def paint(text: str, tone: Tone) -> str:
    """Text in the colour of a tone, as ANSI; whoever prints it strips that where it must."""
    return style(text, fg=_COLOURS[tone]) if text else text


def tone_of(status: str) -> Tone:
    """The tone of a status."""
    return _TONES.get(status, "quiet")


def mark(status: str) -> str:
    """The glyph of a status in its colour: never a colour alone."""
    return paint(look(status).glyph, tone_of(status))


def width(text: str) -> int:
    """How many columns of a terminal the text takes."""
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


def columns(rows: Sequence[Sequence[str]], limits: Sequence[int], right: int = -1) -> list[str]:
    """Rows as aligned columns, two blanks apart; a last column takes what the width leaves.

    Parameters
    ----------
    limits
        The most columns each cell but the last may take.
    right
        Which column is aligned to the right, if any.
    """
    widths = [
        min(limit, max((width(row[position]) for row in rows), default=0))
        for position, limit in enumerate(limits)
    ]
    lines = []
    for row in rows:
        cells = [
            pad(cut(cell, wide), wide, "right" if position == right else "left")
            for position, (cell, wide) in enumerate(zip(row, widths, strict=False))
        ]
        rest = WIDTH - 4 - sum(wide + 2 for wide in widths)
        lines.append("  ".join([*cells, cut(row[-1], rest)]).rstrip())
    return lines


def plural(count: int, noun: str) -> str:
    """A number with its noun.

    >>> plural(1, "step"), plural(3, "step")
    ('1 step', '3 steps')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
