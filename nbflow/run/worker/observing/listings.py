"""What a directory shows to those who list it."""

# Called from the audit hook: plain strings are cheap.

from __future__ import annotations

import fnmatch
import glob
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any

from nbflow.records.digest import Digest, of_structure
from nbflow.run.worker.observing.places import is_installed

#: Names of folders that tell of distributions, and the modules that list these.
OF_DISTRIBUTIONS = "*.*-info"
_METADATA = ("importlib.metadata", "importlib_metadata")
#: Parts of the names of sources that list directories to find modules and packages.
_FINDERS = ("importlib", "pkg_resources")
#: The same of those that read sources to run them.
_RUNNERS = (*_FINDERS, "zipimport", "runpy")
#: Functions that do so for ``%run``.
_EXECUTING = frozenset({"safe_execfile", "execfile"})
#: Modules that list directories for somebody who wants to know certain names.
_MATCHERS = frozenset({"glob", "pathlib"})
#: How they write a pattern as a regular expression.


def listing_digest(directory: str, there: Mapping[str, bool], pattern: str = "") -> Digest:
    """Digest of the names in a directory, those of directories apart; a missing one is empty.

    Parameters
    ----------
    there
        Names that count as there, or not there, whatever the disk says; those of directories end
        with a slash.
    pattern
        Which names count, and then only their being there; with a slash behind it, those of
        directories.
    """
    told = {name.rstrip("/") for name in there}
    names = {name for name in _names(directory, pattern) if name.rstrip("/") not in told}
    names |= {name for name, is_there in there.items() if is_there}
    if not pattern:
        return of_structure("nbflow-listing-2", sorted(names))
    if pattern.endswith("/"):
        names = {name for name in names if name.endswith("/")}
    matches = re.compile(fnmatch.translate(pattern.rstrip("/"))).match
    found = {name for each in names if matches(name := each.rstrip("/"))}
    return of_structure("nbflow-matching-1", sorted(found))


def _names(directory: str, pattern: str) -> Iterator[str]:
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if not _is_hidden(entry.name) or (pattern.startswith(".") and entry.name[0] == "."):
                yield f"{entry.name}/" if entry.is_dir() else entry.name


def pattern_asked(frame: FrameType | None) -> str:
    """Which names count for those who list, as far as these are ``glob`` and its like."""
    while frame is not None and frame.f_globals.get("__name__") in _MATCHERS:
        match frame.f_code.co_name:
            case "_glob1":
                told = frame.f_locals
                return f"{os.fsdecode(told['pattern'])}{'/' * bool(told['dironly'])}"
            case "_rlistdir":
                return "*/" if frame.f_locals["dironly"] else ""
            case "_iterate_directories":
                return "*/"
            case "_select_from":
                selector = frame.f_locals["self"]
                return _part(getattr(selector, "match", None), selector.dironly)
            case "select_wildcard":
                told = frame.f_locals
                return _part(told.get("match"), told.get("dir_only", True))
        frame = frame.f_back
    return ""


def _part(match: Any, of_folders: bool) -> str:
    text = "*" if match is None else _parts.get(match.__self__.pattern, "")
    return f"{text}/" if text and of_folders else text


def note_pattern(pattern: object) -> None:
    """``pathlib`` is asked for paths; of a pattern it keeps only what it compiles."""
    for part in os.fspath(pattern).split("/") if isinstance(pattern, str | os.PathLike) else ():
        _parts.update(dict.fromkeys(_translations(part), part))


def _translations(part: str) -> Iterator[str]:
    yield fnmatch.translate(part)
    if sys.version_info >= (3, 13):
        yield glob.translate(part, recursive=True, include_hidden=True, seps=os.sep)


#: Parts of patterns, by what they are compiled from.
_parts: dict[str, str] = {}


def is_to_run(depth: int) -> bool:
    """Whether the function so many calls up reads a source to run it."""
    frame: FrameType | None = sys._getframe(depth + 1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith("pathlib"):
        frame = frame.f_back
    if frame is None:
        return False
    code = frame.f_code
    is_shell = code.co_name in _EXECUTING and "IPython" in code.co_filename
    return is_shell or any(name in code.co_filename for name in _RUNNERS)


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


def is_for_distributions(depth: int) -> bool:
    """Whether the function so many calls up asks for somebody which distributions there are."""
    frame: FrameType | None = sys._getframe(depth + 1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_METADATA):
        if frame.f_code.co_name == "from_name":
            return False  # who asks for one, reads what there is to it
        frame = frame.f_back
    return frame is not None and not is_installed(frame)


def _is_hidden(name: str) -> bool:
    # Editors, caches and the store come and go beside a notebook.
    is_copy = name.startswith("#") and name.endswith("#")
    return name.startswith(".") or name.endswith("~") or is_copy or name == "__pycache__"
