"""Files that steps write flow like names: what they are called, and how their paths are written.

A path is relative to the notebook's directory when below it; a directory's ends with a slash.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection

#: In place of the digest of a file that changed while it was read. No file ever has this one, so a
#: result that has read it is never reused.
CHANGED = "changed"
#: The same in place of that of a pipe: who reads it takes away what was in it.
PIPE = "pipe"
_PREFIX = "file:"

#: Files of more bytes are neither kept nor brought into place.
LARGEST = 1 << 30

#: For more files than these in one directory, the directory stands in what is learnt of a step.
_MOST_IN_ONE = 100

#: The types of files that are more than their content: who may do what with it, where that is not
#: what new files allow, and what a link leads to, stand behind.
MODE = "mode:"
LINK = "link:"

#: Names on a disk are bytes. Those that are no text are these in Python, and no text either; in
#: records they are the last signs that there are, which nobody uses.
_BYTES = {0xDC00 + byte: 0x10FF00 + byte for byte in range(0x80, 0x100)}
_SIGNS = {sign: byte for byte, sign in _BYTES.items()}

#: What a directory that is there holds, as far as its version is concerned.
DIRECTORY = b""


def file_name(path: str) -> str:
    """The name under which a file flows."""
    return _PREFIX + path


def is_file(name: str) -> bool:
    """Whether a name is that of a file, not of a variable."""
    return name.startswith(_PREFIX)


def is_variable(name: str) -> bool:
    """Whether a name is that of a variable, of no file and no state."""
    return name.isidentifier()


def path_of(name: str) -> str:
    """The path of the file that flows under a name."""
    return name.removeprefix(_PREFIX)


def as_recorded(path: str) -> str:
    """A path of this machine as records have it, which hold nothing but text."""
    return path if path.isascii() else path.translate(_BYTES)


def on_disk(path: str) -> str:
    """The path of this machine that records call so.

    >>> on_disk(as_recorded("caf\\udce9.csv")) == "caf\\udce9.csv"
    True
    """
    return path if path.isascii() else path.translate(_SIGNS)


def is_directory(path: str) -> bool:
    """Whether a path is written as that of a directory."""
    return path.endswith("/")


def parents_of(path: str) -> tuple[str, ...]:
    """The directories that a path leads through, the nearest first."""
    found: list[str] = []
    parent = posixpath.dirname(path.rstrip("/"))
    while parent.strip("/"):  # POSIX has two roots, `/` and `//`
        found.append(f"{parent}/")
        parent = posixpath.dirname(parent)
    return tuple(found)


def holder_of(path: str) -> str:
    """The directory whose listing shows a path; ``.`` is the notebook's."""
    return posixpath.dirname(path.rstrip("/")) or "."


def listing_of(name: str) -> str:
    """The name of the listing that shows a file."""
    return file_name(f"{holder_of(path_of(name))}/")


def gathered(names: Collection[str]) -> frozenset[str]:
    """Names of files that were read; of many in one directory, that of its listing."""
    if len(names) <= _MOST_IN_ONE:
        return frozenset(names)
    folders = [name.rpartition("/")[0] for name in names]
    many = {folder for folder, count in Counter(folders).items() if count > _MOST_IN_ONE}
    by_folder = dict(zip(folders, names, strict=True))
    apart = [n for folder, n in zip(folders, names, strict=True) if folder not in many]
    return frozenset(apart).union(listing_of(by_folder[folder]) for folder in many)


def as_written(literal: str, directory: str) -> str:
    """The path that a text in a notebook of this directory stands for."""
    path = posixpath.normpath(posixpath.join(directory, literal))
    if path == posixpath.normpath(directory):
        return "./"
    below = path.removeprefix(directory.rstrip("/") + "/")
    return below.rstrip("/") + "/" if literal.endswith("/") else below
