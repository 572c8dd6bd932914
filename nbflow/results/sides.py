"""Reads all of a run that it takes to compare it: its notebook, its numbers, what it has shown."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from nbflow import cells
from nbflow.comparison import Shown, Side, Step
from nbflow.errors import CorruptArtifactError, NbflowError, NotebookError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.notebook import Notebook
from nbflow.records.picture import Picture
from nbflow.records.task import PRECEDENCE, RunRecord, TaskRun
from nbflow.results.columns import columns
from nbflow.results.outputs import Logs, logged, outputs_by_name, stayed_by_name
from nbflow.store.store import Store
from nbflow.store.summaries import summarise

#: Larger artifacts are told by their type and shape alone.
_LARGE = 64_000_000
#: Larger ones that are no frames or arrays, too: numbers, and what holds a few of them.
_SMALL = 10_000
#: A dict of at most so many numbers is told entry by entry; a text, list or dict by so much of it.
_ENTRIES, _TEXT = 20, 60
_BITS = 1000
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


def side(run: RunRecord, store: Store) -> Side:
    """All that is known of a run, with its tasks."""
    by_step: dict[str, list[TaskRun]] = {}
    for task in run.tasks:
        by_step.setdefault(task.step, []).append(task)
    given = [each for task in run.tasks for each in task.outputs.values()]
    missing = store.missing([*given, *(task.log for task in run.tasks if task.log is not None)])
    space: dict[str, Any] = {"__name__": "__main__"}
    steps = {name: _step(tasks, store, missing, space) for name, tasks in by_step.items()}
    document = None
    with contextlib.suppress(NbflowError):  # damaged, or of another version: told as unknown
        if data := store.history.notebook(run):
            document = cells.parse(msgspec.json.decode(data), Path(run.notebook))
    return Side(run, steps, store.history.facts(run), document, today(run.notebook))


def today(path: str) -> Notebook | None:
    """A notebook's file as it is now, if it is there and can be read."""
    try:
        return cells.read(path)
    except NotebookError:
        return None


def numbers(value: object) -> dict[str, float] | None:
    """A value as numbers: one without a name, or a few with names; None if it is none.

    >>> numbers(0.5), numbers({"r2": 0.5}), numbers("text"), numbers(True)
    ({'': 0.5}, {'["r2"]': 0.5}, None, None)
    """
    if (number := _number(value)) is not None:
        return {"": number}
    if type(value) is not dict or not 0 < len(value) <= _ENTRIES:
        return None
    found = {f'["{name}"]': _number(each) for name, each in value.items() if type(name) is str}
    told = {name: number for name, number in found.items() if number is not None}
    return told if len(told) == len(value) else None


def may_be_numbers(artifact: Artifact) -> bool:
    """Whether it is worth loading to see whether it is numbers."""
    kind = artifact.type.rpartition(".")[2].rstrip("0123456789")
    return artifact.bytes <= _SMALL and kind in ("int", "float", "uint", "dict")


def _step(
    tasks: Sequence[TaskRun], store: Store, missing: Collection[Digest], space: dict[str, Any]
) -> Step:
    statuses = {task.status for task in tasks}
    shown: dict[str, Shown] = {}
    for name, artifact in outputs_by_name(tasks).items():
        shown |= _shown(name, artifact, store, artifact.digest in missing, space)
    for name in stayed_by_name(tasks):
        shown.setdefault(name, Shown("stays", "stays in its step"))
    logs = [task.log.digest for task in tasks if task.log is not None]
    put_out: list[Mapping[str, Any]] | None = None
    if not set(logs) & set(missing):
        with contextlib.suppress(CorruptArtifactError):
            put_out = [output for task in tasks for output in logged(store, task)]
    return Step(
        status=next(status for status in PRECEDENCE if status in statuses),
        seconds=sum(task.seconds for task in tasks),
        peak_bytes=max(task.peak_bytes for task in tasks),
        outputs=shown,
        text=None if put_out is None else str(Logs(o for o in put_out if not _pictures(o))),
        pictures=tuple(picture for output in put_out or () for picture in _pictures(output)),
    )


def _shown(
    name: str, artifact: Artifact, store: Store, is_missing: bool, space: dict[str, Any]
) -> dict[str, Shown]:
    if is_missing:
        return {name: Shown("collected", artifact.summary, artifact.digest)}
    there = Shown("there", artifact.summary, artifact.digest)
    kind = artifact.type.rpartition(".")[2]
    tabular = kind in ("DataFrame", "Series", "Table", "ndarray")
    if artifact.bytes > (_LARGE if tabular else _SMALL):
        return {name: there}
    try:
        value = store.load(artifact, space)
        if (found := numbers(value)) is not None:
            return {
                name + part: Shown("there", told(number), artifact.digest, number)
                for part, number in found.items()
            }
        if tabular:
            summary = Shown("there", artifact.summary, artifact.digest, columns=columns(value))
            return {name: summary}
        return {name: Shown("there", _text(value, artifact), artifact.digest)}
    except Exception:  # of the user's own classes, or of a package that is not here any more
        return {name: there}


def told(number: float) -> str:
    """A number as people compare it: six digits that matter.

    >>> told(0.123456789), told(3), told(1e9), told(12_345_678)
    ('0.123457', '3', '1e+09', '12345678')
    """
    return str(number) if isinstance(number, int) else f"{number:.6g}"


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and type(value) is float:
        return value
    if isinstance(value, int) and type(value) is int:
        # Longer ones are no measure of anything, and no float is as large.
        return value if value.bit_length() <= _BITS else None
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        return _number(getattr(value, "item", lambda: None)())
    return None


def _text(value: object, artifact: Artifact) -> str:
    """A short text, list or dict itself; of all else its type, with shape or length."""
    if type(value) in (str, list, tuple, dict):
        rounded = [_rounded(each) for each in value] if isinstance(value, list) else value
        text = repr(rounded)
        if len(text) <= _TEXT:
            return text
    return artifact.summary or summarise(value)


def _rounded(value: object) -> object:
    return float(told(value)) if type(value) is float and math.isfinite(value) else value


def _pictures(output: Mapping[str, Any]) -> tuple[Picture, ...]:
    data = output.get("data", {})
    for kind in _PICTURES:
        if kind in data:
            text = data[kind]
            return (Picture(kind, text if isinstance(text, str) else "".join(text)),)
    return ()
