"""How each status looks: glyph, word and colours, never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

#: What a text is about: its colour, or (``strong``) its weight.
Tone: TypeAlias = Literal["good", "old", "bad", "busy", "quiet", "warn", "strong"]


class Look(NamedTuple):
    """The look of one status.

    The panel is built from this where no library is installed yet.
    """

    #: One character for terminals and dot.
    glyph: str
    #: SVG path in a 16 × 16 box, stroked.
    icon: str
    #: Ink and ground on a light page, then on a dark one.
    light: tuple[str, str]
    dark: tuple[str, str]


_GREEN = (("#1a7f37", "#dafbe1"), ("#3fb950", "#14301e"))
_BLUE = (("#0969da", "#ddf4ff"), ("#58a6ff", "#132b4a"))
_AMBER = (("#9a6700", "#fff3c4"), ("#d9a521", "#352a0e"))
_RED = (("#cf222e", "#ffebe9"), ("#ff7b72", "#431a1c"))
_ORANGE = (("#bc4c00", "#fff1e5"), ("#f0883e", "#3a2212"))
_VIOLET = (("#8250df", "#f6edff"), ("#b392f0", "#2c2148"))
_GREY = (("#59636e", "#eceff2"), ("#9198a1", "#272e37"))

#: The ink of each tone on a light page, and on a dark one.
INKS: Mapping[Tone, tuple[str, str]] = {
    "good": (_GREEN[0][0], _GREEN[1][0]),
    "old": (_BLUE[0][0], _BLUE[1][0]),
    "bad": (_RED[0][0], _RED[1][0]),
    "busy": (_AMBER[0][0], _AMBER[1][0]),
    "quiet": (_GREY[0][0], _GREY[1][0]),
    "warn": (_ORANGE[0][0], _ORANGE[1][0]),
}

_CHECK = "M4 8.4l2.8 2.8L12.2 5"
_CROSS = "M5 5l6 6M11 5l-6 6"
_SQUARE = "M5.2 5.2h5.6v5.6H5.2z"

#: By the status of a task, of a step before it runs, or of a run.
LOOKS: dict[str, Look] = {
    "completed": Look("✔", _CHECK, *_GREEN),
    "cached": Look("●", "M9.2 2.8L4.6 8.9h3.1l-.9 4.3 4.6-6.1H8.3z", *_BLUE),
    "running": Look("▸", "M6 4.2v7.6L12 8z", *_AMBER),
    "failed": Look("✘", _CROSS, *_RED),
    "queued": Look("·", "M4.2 8h.01M8 8h.01M11.8 8h.01", *_GREY),
    "cancelled": Look("■", _SQUARE, *_GREY),
    "skipped": Look("○", "M4.5 4.8L7.7 8l-3.2 3.2M8.7 4.8L11.9 8l-3.2 3.2", *_GREY),
    "fresh": Look("✔", _CHECK, *_GREEN),
    "stale": Look("↻", "M12.1 6.2A4.5 4.5 0 1 0 12.5 8.6M12.6 3.4v3h-3", *_ORANGE),
    "new": Look("+", "M8 4.2v7.6M4.2 8h7.6", *_VIOLET),
    "not-reproducible": Look("≠", "M4.2 6.4h7.6M4.2 9.6h7.6M10.2 4l-4.4 8", *_ORANGE),
    "blocked": Look("✘", "M8 3.5a4.5 4.5 0 1 0 .01 0zM4.9 4.9l6.2 6.2", *_RED),
    "interrupted": Look("■", "M6 4.6v6.8M10 4.6v6.8", *_AMBER),
    "unknown": Look("?", "M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.6-.9 1.3M8 11.7h.01", *_GREY),
}

_BAR = "M0 0h16v4H0z"
#: What a card is from so far away that no icon is seen: a path in a 16 × 4 box, filled.
SPOTS: Mapping[str, str] = {
    "completed": _BAR,
    "cached": "M0 0h7v4H0zM9 0h7v4H9z",
    "running": "M0 0l16 2L0 4z",
    "failed": "M0 0l8 2 8-2v4L8 2 0 4z",
    "queued": "M0 0h4v4H0zM6 0h4v4H6zM12 0h4v4h-4z",
    "cancelled": "M0 0h6v4H0z",
    "skipped": "M0 1.5h16v1H0z",
    "fresh": _BAR,
    "stale": "M0 4L16 0v4z",
    "new": "M0 1.4h6V0h4v1.4h6v1.2h-6V4H6V2.6H0z",
    "not-reproducible": "M0 0h16v1.2H0zM0 2.8h16V4H0z",
    "blocked": "M0 4L10 0h6L6 4z",
    "interrupted": "M0 0h4v4H0zM12 0h4v4h-4z",
    "unknown": "M2 2l6-2 6 2-6 2z",
    "none": "M6 0h4v4H6z",
}

_TONES: Mapping[str, Tone] = {
    "running": "busy",
    "completed": "good",
    "cached": "old",
    "failed": "bad",
    "cancelled": "warn",
    "interrupted": "warn",
    "fresh": "good",
    "stale": "warn",
    "not-reproducible": "warn",
    "new": "busy",
    "unknown": "warn",
    "blocked": "bad",
}

_NONE = Look("", "M8 4.6a3.4 3.4 0 1 0 .01 0z", *_GREY)


def look(status: str | None) -> Look:
    """The look of a status; a hollow ring for one that has none."""
    return LOOKS.get(status or "", _NONE)


def word_for(status: str) -> str:
    """The status as people read it: its name is also that of a style."""
    return status.replace("-", " ")


def tone_of(status: str) -> Tone:
    """The tone of a status, of a task, a step or a run."""
    return _TONES.get(status, "quiet")


def signs(light: str, dark: str) -> str:
    """Style rules that give every status its ink, ``--sign``, and its ground, ``--disc``.

    Parameters
    ----------
    light, dark
        Selectors of what stands on a light page, and on a dark one.
    """
    rules = []
    for name in [*LOOKS, "none"]:
        for place, (ink, ground) in ((light, look(name).light), (dark, look(name).dark)):
            rules.append(f"{place}.{name} {{ --sign: {ink}; --disc: {ground}; }}\n")
    return "".join(rules)
