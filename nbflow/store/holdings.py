"""What a store holds, and for whom: every artifact, and the results and runs that name it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.task import Fact, TaskRecord
from nbflow.store.busy import working
from nbflow.store.history import stories
from nbflow.store.store import Store

_T = TypeVar("_T")

_facts = msgspec.json.Decoder(tuple[Fact, ...])
_records = msgspec.json.Decoder(TaskRecord)
_bases = msgspec.json.Decoder(Artifact | None)


@dataclass(frozen=True, slots=True)
class Result:
    """One record, as far as it concerns what is kept."""

    number: int
    key: bytes
    flow: str
    cell: str
    step: str
    recipe: Digest
    #: When a run last computed or reused it, seconds since the epoch.
    used: float
    #: The artifacts it names, as ``flow/step/name`` for people; its list of facts, and texts it
    #: has read, as nothing.
    names: dict[Digest, str] = field(compare=False)


class Holdings(msgspec.Struct, frozen=True):
    """A store at one moment."""

    #: Every artifact that is stored, and its bytes: those in files, and those in the history.
    files: dict[Digest, int]
    rows: dict[Digest, int]
    #: When each of the files was last written or found there already, in nanoseconds.
    times: dict[Digest, int]
    #: Oldest first.
    results: tuple[Result, ...]
    #: What is needed whatever becomes of the results: logs, lists, what files held before.
    others: frozenset[Digest]
    #: The runs in progress, and what is like one: name of the flow and when it began.
    live: tuple[tuple[str, float], ...]
    #: Bytes of what was damaged and put aside, or was left half-written.
    aside: int
    #: Whether it is told what the user's own files held. If not, what nothing names may be that.
    is_told: bool

    def bytes(self, digest: Digest) -> int:
        """How much an artifact takes; nothing if it is not there."""
        return self.files.get(digest, 0) + self.rows.get(digest, 0)

    @property
    def total(self) -> int:
        """Bytes of all artifacts."""
        return sum(self.files.values()) + sum(self.rows.values())


def holdings(store: Store) -> Holdings:
    """Look through a store. Whose signature a record bears does not matter here."""
    used, live, others = _history(store)
    bases = [
        _sound(_bases, data)
        for (data,) in store.database.rows("SELECT CAST(data AS BLOB) FROM base")
    ]
    others |= {base.digest for base in bases if isinstance(base, Artifact)}
    files = list(artifact_files(store.artifacts.root))
    sizes = store.database.rows("SELECT digest, length(CAST(data AS BLOB)) FROM content")
    rows = {Digest(raw.hex()): size for raw, size in sizes}
    return Holdings(
        files={digest: status.st_size for digest, _, status in files},
        rows=rows,
        times={digest: status.st_mtime_ns for digest, _, status in files},
        results=tuple(_results(store, used, rows)),
        others=frozenset(others),
        live=(*live, *working(store.database)),
        aside=sum(size for _, size, _ in leftovers(store.artifacts.root)),
        is_told=not any(isinstance(base, _Damaged) for base in bases),
    )


def artifact_files(root: Path) -> Iterator[tuple[Digest, Path, os.stat_result]]:
    """The files that bear the name of a digest, whatever they hold."""
    for path in root.glob("[0-9a-f][0-9a-f]/*"):
        digest = path.parent.name + path.name
        if len(digest) == 64 and not set(digest) - set("0123456789abcdef"):
            try:
                yield Digest(digest), path, path.lstat()
            except FileNotFoundError:
                continue  # collected meanwhile


def leftovers(root: Path) -> Iterator[tuple[Path, int, float]]:
    """Files that are no artifact's: put aside, or never completed; with size and time."""
    for folder in ("quarantine", "temporary"):
        for path in root.glob(f"{folder}/*"):
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if not stat.S_ISDIR(status.st_mode):
                yield path, status.st_size, status.st_mtime


def named_by(record: TaskRecord) -> Iterator[tuple[str, Artifact]]:
    """The artifacts that a record names, each by what it is called."""
    yield from record.outputs.items()
    for change in record.changes:
        if change.artifact is not None:
            yield change.subject, change.artifact
    yield from ((f"item {index}", item) for index, item in enumerate(record.items))
    if record.log is not None:
        yield "log", record.log


def _results(
    store: Store, used: dict[tuple[str, str, float], float], kept: Mapping[Digest, int]
) -> Iterator[Result]:
    texts: dict[bytes, dict[Digest, str]] = {}
    rows = store.database.rows(
        "SELECT number, key, flow, cell, CAST(data AS BLOB), CAST(facts AS BLOB) "
        "FROM record ORDER BY number"
    )
    for number, key, flow, cell, data, facts in rows:
        record = _sound(_records, data)
        if isinstance(record, _Damaged):
            continue  # of no use to anybody
        task = record.step if record.index is None else f"{record.step}[{record.index}]"
        if facts not in texts:
            texts[facts] = dict.fromkeys(_texts(store, Digest(facts.hex())) & kept.keys(), "")
        names = {Digest(facts.hex()): "", **texts[facts]}
        for name, artifact in named_by(record):
            names[artifact.digest] = f"{flow}/{task}/{name}"
            if artifact.joint is not None:
                names[artifact.joint.digest] = f"{flow}/{task}/{name}"
        when = max(record.started, used.get((flow, record.key, record.started), 0.0))
        yield Result(number, key, flow, cell, record.step, record.recipe, when, names)


def _texts(store: Store, facts: Digest) -> set[Digest]:
    """Digests of the files that a task has read; some of them are kept to be compared with."""
    found = _sound(_facts, store.content(facts) or b"")
    if isinstance(found, _Damaged):
        return set()
    return {Digest(fact.value) for fact in found if fact.kind == "file"}


def _history(
    store: Store,
) -> tuple[dict[tuple[str, str, float], float], list[tuple[str, float]], set[Digest]]:
    """When each result was last used, which runs are in progress, and what only runs name."""
    used: dict[tuple[str, str, float], float] = {}
    live: list[tuple[str, float]] = []
    others: set[Digest] = set()
    for run in stories(store.database):
        if run.goes_on:
            live.append((run.flow, run.started))
        for task in run.tasks:
            if task.key is not None:
                mark = (run.flow, task.key, task.started)
                used[mark] = max(used.get(mark, 0.0), run.started)
            # The lists of splits are short; what is in them is its splits' own.
            others |= {item.digest for item in task.outputs.values() if item.codec == "splits"}
            if task.status == "failed" and task.log is not None:
                others.add(task.log.digest)
    return used, live, others


class _Damaged:
    """In place of a row that cannot be read."""


def _sound(decoder: msgspec.json.Decoder[_T], data: bytes) -> _T | _Damaged:
    try:
        return decoder.decode(data)
    except msgspec.MsgspecError:
        return _Damaged()
