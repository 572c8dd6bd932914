"""What is known of whether tasks give the same again: those that did, and those that did not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest, of_bytes
from nbflow.records.reason import Reason
from nbflow.records.task import TaskRecord, results
from nbflow.store.database import Database

_encode = msgspec.json.Encoder().encode
_reasons = msgspec.json.Decoder(Reason)
_KEEP = "INSERT OR REPLACE INTO verified VALUES (?, ?, ?, ?, ?, ?)"


class TaskOutcome(msgspec.Struct, frozen=True):
    """How one task came out when it was done once more."""

    cell: str
    #: What it gave before.
    record: TaskRecord
    #: None when it gave the same.
    doubt: Reason | None


class Verifications:
    """The part of a store that knows which steps are reproducible.

    Responsibilities: a step is in doubt, whatever it reads, from the first task of the same source
    that gave something else for the same inputs, until all its tasks have given the same again.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def doubts(self, flow: str) -> dict[tuple[str, Digest], Reason]:
        """What differed the last time, by cell id and fingerprint."""
        rows = self._database.rows(
            "SELECT cell, recipe, CAST(difference AS BLOB) FROM verified "
            "WHERE flow = ? AND difference IS NOT NULL",
            (flow,),
        )
        return {(cell, Digest(raw.hex())): _reason(data) for cell, raw, data in rows}

    def passed(self, flow: str) -> set[Digest]:
        """The results that tasks have given again, as :func:`result_of` tells them apart."""
        rows = self._database.rows(
            "SELECT result FROM verified WHERE flow = ? AND difference IS NULL", (flow,)
        )
        return {Digest(raw.hex()) for (raw,) in rows}

    def keep(self, flow: str, outcomes: Iterable[TaskOutcome]) -> None:
        """Take in how all the tasks of some steps came out; what was known of them is past."""
        every = list(outcomes)
        with self._database.transaction() as connection:
            for cell, recipe in {(each.cell, each.record.recipe) for each in every}:
                connection.execute(
                    "DELETE FROM verified WHERE flow = ? AND cell = ? AND recipe = ?",
                    (flow, cell, bytes.fromhex(recipe)),
                )
            connection.executemany(_KEEP, (_row(flow, each) for each in every))


def _reason(data: bytes) -> Reason:
    try:
        return _reasons.decode(data)
    except msgspec.MsgspecError:
        # That something differed is known all the same.
        return Reason("not-reproducible", "a result")


def result_of(record: TaskRecord) -> Digest:
    """What tells one result of a task from another, of what it found in the world too."""
    return of_bytes(_encode(record))


def note(
    connection: sqlite3.Connection, flow: str, record: TaskRecord, former: TaskRecord | None
) -> Reason | None:
    """Take in that a task has come out differently than before, if it has."""
    name = None if former is None else differing_name(former, record)
    if former is None or name is None:
        return None
    old, new = (_shown(each, name) for each in (former, record))
    doubt = Reason("not-reproducible", name, old, new)
    connection.execute(_KEEP, _row(flow, TaskOutcome(record.cell, record, doubt)))
    return doubt


def differing_name(former: TaskRecord, record: TaskRecord) -> str | None:
    """The first of the results that two tasks both gave in which they differ."""
    before, after = _results(former), _results(record)
    for name in before:
        if name in after and _digest(before[name]) != _digest(after[name]):
            return name
    fewer, more = sorted((len(former.items), len(record.items)))
    return f"item {fewer}" if fewer < more else None


def _results(record: TaskRecord) -> dict[str, Artifact | None]:
    return results(record.outputs, record.changes, record.items)


def _digest(artifact: Artifact | None) -> str:
    return artifact.digest if artifact is not None else ""


def _shown(record: TaskRecord, name: str) -> str:
    artifact = _results(record).get(name)
    return "" if artifact is None else f"{artifact.summary} #{artifact.digest[:8]}"


def _row(flow: str, outcome: TaskOutcome) -> tuple[object, ...]:
    return (
        flow,
        outcome.cell,
        bytes.fromhex(outcome.record.key),
        bytes.fromhex(outcome.record.recipe),
        bytes.fromhex(result_of(outcome.record)),
        None if outcome.doubt is None else _encode(outcome.doubt),
    )
