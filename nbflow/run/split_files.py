"""Files that several splits of a foreach write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nbflow.records.files import is_directory
from nbflow.records.problem import Problem
from nbflow.records.task import TaskRecord


def shared_by_splits(records: Iterable[TaskRecord]) -> Iterator[Problem]:
    """Files that more than one split of a foreach has written: their order is left to chance."""
    writers: dict[tuple[str, str], set[int]] = {}
    for record in records:
        for change in record.changes:
            is_file = change.kind == "file" and not is_directory(change.subject)
            if is_file and record.index is not None:
                splits = writers.setdefault((record.cell, change.subject), set())
                splits.add(record.index)
                if len(splits) == 2:
                    yield _shared(record, change.subject)


def _shared(record: TaskRecord, path: str) -> Problem:
    return Problem(
        code="splits-share-file",
        message=f"several splits of `{record.step}` write the file `{path}`, in any order",
        remedy="Have each split write a file of its own, or write it in a step that reads the "
        "splits' list.",
        cell=record.cell,
        severity="warning",
    )
