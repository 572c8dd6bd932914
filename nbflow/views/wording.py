"""Texts that keep their words apart from their values, for pages in another language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

#: A text for a page: as it is, or words with their values, which may be such texts themselves.
Text: TypeAlias = "str | list[Text]"

_PLACE = re.compile(r"%(\d)")


class Worded(str):
    """English words with values in the place of ``%1``, ``%2``, …, and so the text that they make.

    >>> told = Worded("parameter `%1` changed", "n")
    >>> str(told), told.words, told.values
    ('parameter `n` changed', 'parameter `%1` changed', ('n',))
    """

    words: str
    values: tuple[str, ...]

    def __new__(cls, words: str, *values: str | int) -> Worded:
        told = tuple(str(value) if isinstance(value, int) else value for value in values)
        made = super().__new__(cls, _PLACE.sub(lambda place: told[int(place[1]) - 1], words))
        made.words, made.values = words, told
        return made

    def __getnewargs__(self) -> tuple[str, ...]:  # type: ignore[override]
        return (self.words, *self.values)


def joined(*texts: str) -> str:
    """Several things to say of one; what is empty is left out."""
    said = [text for text in texts if text]
    if len(said) < 2:
        return said[0] if said else ""
    return Worded(" · ".join(f"%{at}" for at, _ in enumerate(said, 1)), *said)


def apart(text: str, each: Callable[[str], str]) -> Text:
    """The text as a page is told it: its words, which are looked up there, and its values.

    Parameters
    ----------
    each
        Makes whatever is nobody's words fit for a page.
    """
    if not isinstance(text, Worded):
        return each(text)
    return [text.words, *(apart(value, each) for value in text.values)]
