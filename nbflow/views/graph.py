"""The graph that the pictures draw: cards and arrows, without anything behind them."""

from __future__ import annotations

import unicodedata
from typing import Literal

import msgspec

#: Marks that turn the direction of what follows them, outside their own text too.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class GraphNode(msgspec.Struct, frozen=True):
    """One card."""

    id: str
    #: Any text; long ones are shortened, with the whole as a tooltip.
    label: str
    kind: Literal["step", "foreach", "parameters", "group"] = "step"
    #: A task's status, or a step's (``stale``, ``fresh``, ``new``, ``unknown``); None: not known.
    status: str | None = None
    #: What stands behind the status: ``"0.02 s"``.
    detail: str = ""
    #: Of a foreach, how many splits it has; None when not known yet. Of a group, how many steps.
    count: int | None = None
    #: Of a foreach or a group that runs, how many of them are done.
    done: int | None = None
    #: Why it runs: told in full where there is room.
    reasons: tuple[str, ...] = ()
    #: The first lines of what differs in the source, if that is why.
    differs: tuple[str, ...] = ()
    #: What it gives: names, with type, shape and size.
    values: tuple[tuple[str, str], ...] = ()
    #: Of one that runs: when it began, in seconds since the epoch; None for others.
    began: float | None = None
    #: Of one that runs, or would run: how many seconds it takes altogether, by earlier runs.
    expected: float | None = None
    #: Of a group: how many of its steps have which status.
    tally: tuple[tuple[str, int], ...] = ()


class GraphEdge(msgspec.Struct, frozen=True):
    """One arrow, from the card that makes the names to the card that reads them."""

    source: str
    target: str
    names: tuple[str, ...] = ()
    #: Found by watching a run instead of predicted from the source.
    observed: bool = False
    #: The reader carries the maker out again, since the names cannot travel.
    replayed: bool = False


def shown(text: str) -> str:
    """The text as a picture can hold it, with a sign for what no document or reader can."""
    if text.isprintable():
        return text
    return "".join(
        "\ufffd"
        if letter in _TURNS
        or (unicodedata.category(letter) in ("Cc", "Cs", "Cn") and letter not in "\n\t")
        else letter
        for letter in text
    )
