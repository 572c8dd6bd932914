"""Compares what a task gives with what is recorded of it, down to the first element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.message import Finished
from nbflow.records.reason import Reason
from nbflow.records.task import TaskRecord, results
from nbflow.store.difference import Differing, first_difference
from nbflow.store.store import Store


def difference(store: Store, record: TaskRecord, again: Finished) -> Reason | None:
    """The first output in which two attempts differ, with the first element of it that does."""
    after = results(again.outputs, again.changes, again.items)
    before = results(record.outputs, record.changes, record.items)
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if (old and old.digest) != (new and new.digest):
            return _told(store, name, old, new, again.data)
    return None


def uncompared(record: TaskRecord) -> tuple[str, ...]:
    """The outputs of a task that cannot be carried out of their process, and so not compared."""
    return tuple(one.path for one in record.uncarried)


def _told(
    store: Store,
    name: str,
    old: Artifact | None,
    new: Artifact | None,
    data: Mapping[Digest, bytes],
) -> Reason:
    if old is None or new is None:
        shown = (each.summary if each else "nothing" for each in (old, new))
        return Reason("not-reproducible", name, *shown)
    # Classes and functions of the notebook belong to what is compared, not to this process.
    space: dict[str, Any] = {"__name__": "__main__"}
    try:
        values = store.load(old, space), store.artifacts.load(new, data, dict(space))
    except Exception as error:  # of the user's own classes, as they are loaded
        told = f"{type(error).__name__} when loaded"
        return Reason("not-reproducible", name, old.summary, f"{new.summary} ({told})")
    found = first_difference(*values)
    if found is None:
        # Equal in all that can be told apart, and stored differently all the same.
        found = Differing("", *(f"{each.summary} #{each.digest[:8]}" for each in (old, new)))
    return Reason("not-reproducible", name + found.where, found.before, found.after)
