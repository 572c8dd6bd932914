"""How a file differs from what a task read, for people: sizes, and the first line that differs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from nbflow.records.digest import Digest, of_bytes
from nbflow.records.reason import Reason
from nbflow.records.task import Fact

#: So much of a line is shown.
_SHOWN = 60


def changed_file(
    fact: Fact, now: str, path: Path, kept: Callable[[Digest], bytes | None]
) -> Reason:
    """The reason for which a task runs again whose file holds something else now.

    Parameters
    ----------
    fact
        What the task read.
    now
        Digest of what the file holds.
    kept
        Gives the content of a digest, where it has been kept.
    """
    before = kept(Digest(fact.value))
    after, size = _read(path, now, whole=before is not None)
    number, old, new = _first_difference(before, after)
    sizes = (len(before) if before is not None else fact.size, size)
    told = [_told(*each) for each in zip(sizes, (number, number), (old, new), strict=True)]
    return Reason("file", fact.subject, *told)


def _read(path: Path, digest: str, *, whole: bool) -> tuple[bytes | None, int | None]:
    """A file's content and size; None for either that is not known."""
    try:
        if not whole:
            return None, path.stat().st_size
        content = path.read_bytes()
    except OSError:
        return None, None
    return (content, len(content)) if of_bytes(content) == digest else (None, None)


def _first_difference(before: bytes | None, after: bytes | None) -> tuple[int, str, str]:
    """Number and texts of the first line that differs; 0 where none is known."""
    if before is None or after is None:
        return 0, "", ""
    lines = (content.decode("utf-8", "replace").splitlines() for content in (before, after))
    for number, (old, new) in enumerate(zip_longest(*lines), 1):
        if old != new:
            return number, _line(old), _line(new)
    return 0, "", ""  # they end their lines otherwise


def _line(text: str | None) -> str:
    if text is None:
        return "nothing"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _told(size: int | None, number: int, text: str) -> str:
    parts = [f"{size:,} bytes"] if size is not None else []
    parts += [f"line {number}: {text}"] if number else []
    return ", ".join(parts) or "of a size that is not known"
