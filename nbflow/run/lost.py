"""Which tasks make again what was lost from the store, and what is said when none can."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nbflow.records.artifact import Artifact
from nbflow.records.task import ErrorText, TaskRecord
from nbflow.run.tasks import Task

#: How often one task runs again in a run; a disk that loses its results each time is broken.
_TIMES = 2


def makers_of(tasks: Iterable[Task], digests: Collection[str]) -> list[Task] | None:
    """A task for each of the digests that gave it; None when some have none that may run again."""
    left = set(digests)
    makers: list[Task] = []
    for task in tasks:
        given = _given(task) & left
        # One that runs again already is waited for, however often it has.
        if given and (task.former is not None or task.remade < _TIMES):
            makers.append(task)
            left -= given
    return None if left else makers


def same_results(record: TaskRecord, former: TaskRecord) -> bool:
    """Whether what other tasks can have read is the same."""
    return (record.outputs, record.items, _files(record)) == (
        former.outputs,
        former.items,
        _files(former),
    )


def lost_for_good(task: Task) -> ErrorText:
    """The error of a task whose inputs cannot be had."""
    message = (
        f"what step `{task.step.name}` reads is missing from the store or damaged there, though "
        "the steps that make it ran again.\nCheck the disk, or choose another folder with --store."
    )
    return ErrorText("CorruptArtifactError", message, (), task.step.step.cell.number)


def _given(task: Task) -> set[str]:
    record = task.record or task.former
    made = [*task.joined.values()]
    if record is not None:
        made += [*record.outputs.values(), *record.items, *filter(None, _files(record).values())]
    made += [artifact.joint for artifact in made if artifact.joint is not None]
    return {artifact.digest for artifact in made}


def _files(record: TaskRecord) -> dict[str, Artifact | None]:
    return {change.subject: change.artifact for change in record.changes if change.kind == "file"}
