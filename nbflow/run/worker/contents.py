"""What files hold: their digests, and what tells their states apart."""

# Called from the audit hook for every open() of the step: plain strings are cheap.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TypeAlias

from blake3 import blake3

from nbflow.records.digest import Digest, of_structure

# While a task runs, these are others.
_stat, _readlink = os.stat, os.readlink

#: What tells two states of one file apart without reading it.
Signature: TypeAlias = tuple[int, int, int, int, int]


def content_digest(path: str) -> Digest | None:
    """Digest of a file, or of all the files below a directory."""
    if not Path(path).is_dir():
        return digest_of_file(path)
    files = sorted(
        os.path.relpath(os.path.join(folder, name), path)
        for folder, _, names in os.walk(path)
        for name in names
    )
    return of_structure(
        "nbflow-directory-1", [[name, digest_of_file(os.path.join(path, name))] for name in files]
    )


def digest_of_file(path: str) -> Digest | None:
    if signature_of(path) is None:
        return None
    try:
        return Digest(blake3(max_threads=blake3.AUTO).update_mmap(path).hexdigest())
    except OSError:
        return None


def signature_of(path: str) -> Signature | None:
    try:
        status = _stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def what_is_at(path: str) -> str:
    """``file``, ``directory``, or nothing."""
    try:
        return "directory" if stat.S_ISDIR(_stat(path).st_mode) else "file"
    except (OSError, ValueError):
        return ""


def link_of(path: str) -> str:
    """Where a link leads; nothing when it is none."""
    try:
        return os.fsdecode(_readlink(path))
    except (OSError, ValueError):
        return ""
