"""Puts the files that a reused task once wrote back in place."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from nbflow.records.digest import of_bytes
from nbflow.records.task import TaskRecord
from nbflow.store.store import Store


def restore_files(record: TaskRecord, store: Store, directory: Path) -> None:
    """Write each file of the record again where it is missing or differs.

    Parameters
    ----------
    directory
        The notebook's directory, to which the record's paths are relative.
    """
    for change in record.changes:
        if change.kind == "file" and change.artifact is not None:
            path = directory / change.subject
            content = store.load(change.artifact, {})
            assert isinstance(content, bytes)
            if not _holds(path, content):
                _replace(path, content)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and (
            of_bytes(path.read_bytes()) == of_bytes(content)
        )
    except OSError:
        return False


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
