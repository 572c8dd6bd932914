"""What a directory shows to those who list it."""

# Called from the audit hook: plain strings are cheap.

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import FrameType

from nbflow.records.digest import Digest, of_structure
from nbflow.run.worker.observing.places import is_installed

#: Parts of the names of sources that list directories to find modules and packages.
_FINDERS = ("importlib", "pkg_resources")


def listing_digest(directory: str, there: Mapping[str, bool]) -> Digest:
    """Digest of the names in a directory, those of directories apart; a missing one is empty.

    Parameters
    ----------
    there
        Names that count as there, or not there, whatever the disk says; those of directories end
        with a slash.
    """
    told = {name.rstrip("/") for name in there}
    names = {name for name in _names(directory) if name.rstrip("/") not in told}
    names |= {name for name, is_there in there.items() if is_there}
    return of_structure("nbflow-listing-2", sorted(names))


def _names(directory: str) -> Iterator[str]:
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if not _is_hidden(entry.name):
                yield f"{entry.name}/" if entry.is_dir() else entry.name


def is_for_an_import(depth: int) -> bool:
    """Whether the function so many calls up looks for modules, not for data."""
    frame: FrameType | None = sys._getframe(depth + 1)
    asks = False
    while frame is not None and "pkgutil" in frame.f_code.co_filename:
        # For somebody, who may look for plug-ins.
        asks, frame = True, frame.f_back
    if frame is None or (asks and is_installed(frame)):
        return True
    return any(finder in frame.f_code.co_filename for finder in _FINDERS)


def _is_hidden(name: str) -> bool:
    # Editors, caches and the store come and go beside a notebook.
    return name.startswith(".") or name.endswith("~") or name == "__pycache__"
