"""What is remembered of the files that flows write: what is theirs, and what was there before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

import msgspec

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.task import TaskRecord
from nbflow.store.database import Database
from nbflow.store.signing import sign, verify

_encode = msgspec.json.Encoder().encode
_bases = msgspec.json.Decoder(Artifact | None)
_WRITTEN = "INSERT OR IGNORE INTO written VALUES (?, ?, ?)"


class KeptFiles:
    """The part of a store that knows the files of its flows.

    Responsibilities: what a flow has written is told apart from what is the user's own, also after
    a task was killed while it wrote.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    def written(self, flow: str) -> dict[str, set[str]]:
        """Digests of all that tasks of a flow have ever left in files, by path."""
        rows = self._database.rows("SELECT path, digest FROM written WHERE flow = ?", (flow,))
        found: dict[str, set[str]] = {}
        for path, digest in rows:
            found.setdefault(path, set()).add(digest.hex())
        return found

    def end_writing(self, flow: str, left: Mapping[str, Iterable[str]]) -> None:
        """Take in the digests of what tasks have left in files that they write no more."""
        with self._database.transaction() as connection:
            for path, digests in left.items():
                rows = ((flow, path, bytes.fromhex(digest)) for digest in digests)
                connection.executemany(_WRITTEN, rows)
                connection.execute(
                    "UPDATE base SET busy = 0 WHERE flow = ? AND path = ?", (flow, path)
                )

    def bases(self, flow: str) -> dict[str, tuple[Artifact | None, bool]]:
        """What files held before the flow wrote them, and whether a task may be writing them."""
        rows = self._database.rows(
            "SELECT path, busy, CAST(data AS BLOB), CAST(signature AS BLOB) "
            "FROM base WHERE flow = ?",
            (flow,),
        )
        return {
            path: (_bases.decode(data), bool(busy))
            for path, busy, data, signature in rows
            if verify(self._key, signature, "base-1", flow.encode(), path.encode(), data)
        }

    def begin_writing(
        self, flow: str, path: str, base: Artifact | None, data: Mapping[Digest, bytes]
    ) -> None:
        """Record what a file holds before tasks of the flow write it, as one is about to do."""
        row = _encode(base)
        signature = sign(self._key, "base-1", flow.encode(), path.encode(), row)
        content = [(bytes.fromhex(digest), value) for digest, value in data.items()]
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO content VALUES (?, ?)", content)
            connection.execute(
                "INSERT OR REPLACE INTO base VALUES (?, ?, 1, ?, ?)", (flow, path, row, signature)
            )


def keep_written(connection: sqlite3.Connection, flow: str, record: TaskRecord) -> None:
    """Take in the files that a task has left, with its record."""
    connection.executemany(
        _WRITTEN,
        (
            (flow, change.subject, bytes.fromhex(change.artifact.digest))
            for change in record.changes
            if change.kind == "file" and change.artifact is not None
        ),
    )
