"""A terminal's colours in a text: pieces of it, each with the colours and weight it is shown in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

#: Colours and weight; other sequences move a cursor or name a window, and say nothing here.
_SEQUENCE = re.compile(
    r"\x1b\[([\d;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]"
)
#: How far apart red, green and blue are in the cube of 216 colours.
_CUBE = (36, 6, 1)
_GREYISH = 40


class Ink(msgspec.Struct, frozen=True):
    """How a piece of text is shown."""

    #: One of a terminal's own colours, 0 to 7: those can be made readable on any page.
    colour: int | None = None
    #: Whether it stands on a ground of its own.
    marked: bool = False
    bold: bool = False


def pieces(text: str) -> Iterator[tuple[str, Ink]]:
    """The text without its escape sequences, in pieces of one ink each."""
    ink, start = Ink(), 0
    for match in _SEQUENCE.finditer(text):
        if match.start() > start:
            yield text[start : match.start()], ink
        start = match.end()
        if match[1] is not None:
            ink = _changed(ink, [int(code or 0) for code in re.split("[;:]", match[1])])
    if start < len(text):
        yield text[start:], ink


def _changed(ink: Ink, codes: list[int]) -> Ink:
    while codes:
        code = codes.pop(0)
        match code:
            case 0:
                ink = Ink()
            case 1 | 22:
                ink = replace(ink, bold=code == 1)
            case _ if 30 <= code <= 37 or 90 <= code <= 97:
                ink = replace(ink, colour=code % 10)
            case 38:
                ink = replace(ink, colour=_extended(codes))
            case 39:
                ink = replace(ink, colour=None)
            case _ if 40 <= code <= 47 or 100 <= code <= 107:
                ink = replace(ink, marked=True)
            case 48:
                _extended(codes)
                ink = replace(ink, marked=True)
            case 49:
                ink = replace(ink, marked=False)
    return ink


def _extended(codes: list[int]) -> int | None:
    """The colour that follows 38 or 48, taken off the codes: ``5;n`` or ``2;r;g;b``."""
    match codes:
        case [5, n, *_]:
            del codes[:2]
            if n < 16:
                return n % 8
            return None if n >= 232 else _nearest(*((n - 16) // step % 6 * 51 for step in _CUBE))
        case [2, red, green, blue, *_]:
            del codes[:4]
            return _nearest(red, green, blue)
    codes.clear()
    return None


def _nearest(*parts: int) -> int | None:
    """The terminal's own colour that comes nearest; none for a grey, which suits one page only."""
    low, high = min(parts), max(parts)
    if high - low < _GREYISH:
        return None
    return sum(1 << place for place, part in enumerate(parts) if 2 * part > low + high)
