"""Every raw read and write of the store's files, so that tests can make the disk fail."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from pathlib import Path

#: One system call takes less than 2 GiB, whatever it is given, without an error.
WRITE_LIMIT = 1 << 30


def create(path: Path) -> int:
    """Open a new file for writing: never an existing one, never through a link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o600)


def write(descriptor: int, data: memoryview) -> int:
    """Write some of the data; returns how many bytes were taken."""
    return os.write(descriptor, data[:WRITE_LIMIT])


def publish(descriptor: int, temporary: Path, target: Path) -> None:
    """Make a written file read-only, and give it its name in one step."""
    os.fchmod(descriptor, 0o444)
    temporary.replace(target)


def write_file(temporary: Path, target: Path, buffers: Iterable[bytes | memoryview]) -> None:
    """Write a file whole: under its own name nobody ever sees a part of it."""
    descriptor = create(temporary)
    try:
        for buffer in buffers:
            left = memoryview(buffer).cast("B")
            while left:
                left = left[write(descriptor, left) :]
        publish(descriptor, temporary, target)
    finally:
        os.close(descriptor)


def map_private(path: Path) -> tuple[mmap.mmap, os.stat_result]:
    """Map a file copy-on-write: writes stay in this process, the file never changes."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY), os.fstat(descriptor)
    finally:
        os.close(descriptor)
