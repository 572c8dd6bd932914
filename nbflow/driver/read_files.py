"""The files that a flow reads and that it has not written: what its export cannot do without."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from nbflow.records.task import TaskRecord

#: How many bytes an export takes along in all; larger data is better fetched than copied.
MOST = 20_000_000


class ReadFile(NamedTuple):
    """A file that was there before the flow ran, and that it reads."""

    #: As the steps name it: from the notebook's folder where it lies below that.
    name: str
    path: Path
    bytes: int
    sha256: str
    #: Whether an export takes it along.
    is_copied: bool


def read_files(
    records: Iterable[TaskRecord], folder: Path, without: Iterable[str], texts: Sequence[str]
) -> tuple[ReadFile, ...]:
    """The files that tasks read and none of them wrote, by name.

    Those below the notebook's folder are taken along, the smallest first, as far as they go.

    Parameters
    ----------
    without
        Names of files that an export has anyway.
    texts
        Of the cells: what lies elsewhere is called as there, if it is.
    """
    written: defaultdict[str, set[str]] = defaultdict(set)
    read: dict[str, str] = {}
    for record in records:
        for change in record.changes:
            if change.kind == "file":
                written[change.subject].add(change.artifact.digest if change.artifact else "")
        for fact in record.facts:
            if fact.kind == "file" and fact.value:
                read.setdefault(fact.subject, fact.value)
                if fact.value not in written[fact.subject]:
                    read[fact.subject] = fact.value
    left = {*without}
    needed = [n for n, digest in read.items() if n not in left and digest not in written[n]]
    found: list[ReadFile] = []
    room = MOST
    for name in sorted(needed, key=lambda name: (_size(folder / name), name)):
        path, size = folder / name, _size(folder / name)
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts
        said = name if inside else _said(path, folder, texts)
        if not said:
            continue
        # A file that the flow changes is no longer what it was when the flow read it.
        same = path.is_file() and not written[name]
        copied = inside and same and size <= room
        room -= size if copied else 0
        found.append(ReadFile(said, path, size, _hash(path) if same else "", copied))
    return tuple(sorted(found))


def _said(path: Path, folder: Path, texts: Sequence[str]) -> str:
    """How the cells name a file that lies elsewhere; empty if they do not: a library's own."""
    whole, short = path.as_posix(), Path(os.path.relpath(path, folder)).as_posix()
    for told in (short, whole):
        if any(told in text for text in texts):
            return told
    return whole if any(path.name in text for text in texts) else ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
