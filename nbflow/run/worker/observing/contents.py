"""What files hold: their digests, and what tells their states apart."""

# Called from the audit hook for every open() of the step: plain strings are cheap.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from blake3 import blake3

from nbflow.records.digest import Digest, of_structure
from nbflow.records.files import LINK, MODE, PIPE

# While a task runs, these are others.
_stat, _readlink = os.stat, os.readlink

#: What tells two states of one file apart without reading it.
Signature: TypeAlias = tuple[int, int, int, int, int]

#: What a file's status tells beside its content.
Status: TypeAlias = Literal["size", "modified", "mode"]
#: A file that was last changed so many nanoseconds ago may be changed again, and still be in the
#: same state as far as the coarsest of file systems tells.
_YOUNG = 2_000_000_000
#: Files up to so many bytes are read faster than they are mapped into memory.
_SMALL = 1 << 16


def content_digest(path: str) -> Digest | None:
    """Digest of a file, or of all the files below a directory."""
    status = _status(path)
    if status is None or not stat.S_ISDIR(status.st_mode):
        return _of_file(path, status)
    files = sorted(
        os.path.relpath(os.path.join(folder, name), path)
        for folder, _, names in os.walk(path)
        for name in names
    )
    return of_structure(
        "nbflow-directory-1", [[name, digest_of_file(os.path.join(path, name))] for name in files]
    )


def module_digest(path: str) -> Digest | None:
    """Digest of what a module says; of one that is no Python source, of its content."""
    from nbflow.analysis.normal import digest_of_module  # late: workers do not ask

    if path.endswith(".py") and (status := _status(path)) and stat.S_ISREG(status.st_mode):
        with suppress(OSError):
            return digest_of_module(Path(path).read_bytes()) or content_digest(path)
    return content_digest(path)


def digest_of_file(path: str) -> Digest | None:
    return _of_file(path, _status(path))


def digest_in_state(path: str, state: Signature) -> Digest | None:
    """Digest of a file as it was in a state; None where it is in another by now."""
    if state[2] > _SMALL:
        digest = digest_of_file(path)
        return digest if signature_of(path) == state else None
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            # Asked afterwards: then what was read is what it holds in that state.
            content = os.read(descriptor, state[2])
            same = _signature(os.fstat(descriptor)) == state
        finally:
            os.close(descriptor)
    except OSError:
        return None
    return Digest(blake3(content).hexdigest()) if same and len(content) == state[2] else None


def _of_file(path: str, status: os.stat_result | None) -> Digest | None:
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    try:
        if status.st_size > _SMALL:
            return Digest(blake3(max_threads=blake3.AUTO).update_mmap(path).hexdigest())
        with open(path, "rb", buffering=0) as file:
            return Digest(blake3(file.readall()).hexdigest())
    except OSError:
        return None


def _status(path: str) -> os.stat_result | None:
    try:
        return _stat(path)
    except (OSError, ValueError):
        return None


def signature_of(path: str) -> Signature | None:
    status = _status(path)
    return None if status is None else _signature(status)


def at_rest(state: Signature, now: int) -> int:
    """A number for a state that no other content will ever have; 0 where it is too young."""
    return 0 if max(state[3], state[4]) > now - _YOUNG else hash(state)


def state_now(path: str) -> int:
    """The same of a file as it is; opened, since only so a network's disk is sure to tell."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return hash(_signature(os.fstat(descriptor)))
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return 0


def _signature(status: os.stat_result) -> Signature | None:
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
    """``file``, ``directory``, ``pipe``, or nothing."""
    status = _status(path)
    if status is None:
        return ""
    if stat.S_ISDIR(status.st_mode):
        return "directory"
    return "file" if stat.S_ISREG(status.st_mode) else PIPE


def status_of(path: str, what: Status) -> str:
    """What is asked of a file without a look into it; nothing where there is none."""
    status = _status(path)
    if status is None:
        return ""
    if what == "mode":
        return f"{status.st_mode:o}"
    if stat.S_ISDIR(status.st_mode):
        return "directory"  # its own size and time say nothing of what lies in it
    return str(status.st_size if what == "size" else status.st_mtime_ns)


def kind_of(path: str) -> str:
    """What a file or a directory is beside its content: a link, or executable, or private."""
    if target := link_of(path):
        return f"{LINK}{target}"
    status = _status(path)
    if status is None:
        return "bytes"
    mode = stat.S_IMODE(status.st_mode)
    return "bytes" if mode == mode_of_new(stat.S_ISDIR(status.st_mode)) else f"{MODE}{mode:o}"


def mode_of_new(directory: bool = False) -> int:
    """What a new file's permissions are, or a directory's."""
    mask = os.umask(0o022)
    os.umask(mask)
    return (0o777 if directory else 0o666) & ~mask


def link_of(path: str) -> str:
    """Where a link leads; nothing when it is none."""
    try:
        return os.fsdecode(_readlink(path))
    except (OSError, ValueError):
        return ""
