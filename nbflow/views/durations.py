"""Durations, sizes, counts and moments as people say them."""

from __future__ import annotations

from datetime import datetime

from nbflow.views.wording import Worded


def duration(seconds: float) -> str:
    """A duration in the two units that matter.

    >>> duration(0.0213), duration(190), duration(7260)
    ('0.02 s', '3 m 10 s', '2 h 01 m')
    """
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    minutes = round(seconds / 60)
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} m"
    hours = round(seconds / 3600)
    return f"{hours // 24} d {hours % 24:02d} h"


def about(seconds: float) -> str:
    """An expected duration, to no more digits than a forecast deserves.

    >>> about(0.2), about(42.3), about(250)
    ('under 1 s', 'about 42 s', 'about 4 min')
    """
    if seconds < 1:
        return Worded("under 1 s")
    if seconds < 90:
        return Worded("about %1 s", round(seconds))
    if seconds < 90 * 60:
        return Worded("about %1 min", round(seconds / 60))
    return Worded("about %1 h", round(seconds / 3600))


def size(count: int) -> str:
    """A number of bytes in decimal units.

    >>> size(512), size(1_600_000)
    ('512 B', '1.6 MB')
    """
    if count < 1000:
        return f"{count} B"
    amount = float(count)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def moment(epoch: float) -> str:
    """A moment in local time, to the minute."""
    return datetime.fromtimestamp(epoch).strftime("%Y-%m-%d %H:%M")


def when(epoch: float, now: float) -> str:
    """A moment in local time as one says it: the year only where it is another."""
    then = datetime.fromtimestamp(epoch)
    year = "" if then.year == datetime.fromtimestamp(now).year else f" {then.year}"
    return f"{then.day} {then:%b}{year} {then:%H:%M}"


def plural(count: int, noun: str) -> str:
    """A number with its noun.

    >>> plural(1, "step"), plural(3, "step")
    ('1 step', '3 steps')
    """
    return Worded(f"%1 {noun}" if count == 1 else f"%1 {noun}s", count)
