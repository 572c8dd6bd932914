"""How wide a text will be in a picture, and the text that fits."""

from __future__ import annotations

import unicodedata
from math import fsum


def width(text: str, size: float, *, mono: bool = False) -> float:
    """About how wide the text will be, whichever font the page has; rather too much."""
    # Exact, and so the same to the last bit whatever the version of Python adds up.
    return fsum(map((_MONO if mono else _PLAIN).__getitem__, text)) * size


def short(text: str, length: int) -> str:
    """The text on one line, with no more characters than that.

    >>> short("a long  story", 8)
    'a long…'
    """
    # Of a text of megabytes only the beginning is looked at.
    text = " ".join(text[: 4 * length + 4].split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def fit(text: str, size: float, room: float) -> str:
    """As much of the text as there is room for; nothing where not even some of it fits.

    >>> fit("1 of 4 reused", 10, 50), fit("1 of 4 reused", 10, 12)
    ('1 of 4 r…', '')
    """
    if width(text, size) <= room:
        return text
    left = room - _PLAIN["…"] * size
    for kept, character in enumerate(text):
        left -= _PLAIN[character] * size
        if left < 0:
            return f"{text[:kept]}…" if kept > 1 else ""
    return text


class _Advances(dict[str, float]):
    """How wide each character is, found when it is first met."""

    def __init__(self, mono: bool) -> None:
        self._mono = mono

    def __missing__(self, character: str) -> float:
        self[character] = found = self._of(character)
        return found

    def _of(self, character: str) -> float:
        if unicodedata.east_asian_width(character) in "WF":
            return 1.0
        if self._mono:
            return 0.62
        if character in "iljtfrI.,:;|!'()[] ":
            return 0.36
        return 0.95 if character in "mwMW@%" else 0.66


_PLAIN, _MONO = _Advances(mono=False), _Advances(mono=True)
