"""Paths that start from an open directory, as ``os.fwalk`` and ``dir_fd`` have them."""

# Plain strings, as the rest of what observes.
# ruff: noqa: PTH118

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

#: Told of a file that is about to be opened, and how.
Tell: TypeAlias = Callable[[str, int], None]

# While a task runs, these are others.
_readlink = os.readlink
#: What Python says of functions: whoever uses one asks first.
_SUPPORTS = (
    os.supports_dir_fd,
    os.supports_fd,
    os.supports_follow_symlinks,
    os.supports_effective_ids,
)


def place_in(descriptor: object, path: Any = "") -> str | None:
    """Where a path leads from an open directory; None where nobody tells."""
    with suppress(OSError, TypeError):
        return os.path.join(_readlink(f"/proc/self/fd/{descriptor}"), os.fsdecode(path))
    return None


@contextmanager
def watching(tell: Tell) -> Iterator[None]:
    """Tell of what is opened so; the audit hook hears the rest of the path only."""
    original = os.open

    def opening(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is not None and (place := place_in(dir_fd, path)) is not None:
            tell(place, flags)
        return original(path, flags, mode, dir_fd=dir_fd)

    stand_for(original, opening)
    os.open = opening
    try:
        yield
    finally:
        os.open = original


def stand_for(original: object, other: object) -> None:
    """Have Python say the same of a function that takes the place of another one."""
    vars(other)["__wrapped__"] = original
    for supporting in _SUPPORTS:
        if original in supporting:
            supporting.add(other)  # type: ignore[arg-type]
