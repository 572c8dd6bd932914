"""What is remembered of the files that flows write: what is theirs, and what was there before."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping

import msgspec

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.task import TaskRecord
from nbflow.store import process
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

    def half_made(self, flow: str) -> dict[str, set[str]]:
        """Files and directories that tasks made until they failed, by cell id.

        Those of a run whose process was killed are nobody's: of an empty cell id.
        """
        rows = self._database.rows("SELECT cell, path FROM half_made WHERE flow = ?", (flow,))
        rows += [("", path) for path, (_, busy) in self.bases(flow).items() if busy]
        if any(not cell for cell, _ in rows) and self._others_run():
            rows = [row for row in rows if row[0]]
        found: dict[str, set[str]] = {}
        for cell, path in rows:
            found.setdefault(cell, set()).add(path)
        return found

    def forget_half_made(self, flow: str, cell: str) -> None:
        """What they had made has been taken away."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM half_made WHERE flow = ? AND cell = ?", (flow, cell))

    def end_writing(self, flow: str, left: Mapping[str, Iterable[str]], failed: str = "") -> None:
        """Take in the digests of what tasks have left in files that they write no more.

        Parameters
        ----------
        failed
            Cell id of a task that has failed and so has half made them.
        """
        with self._database.transaction() as connection:
            if failed:
                half = ((flow, failed, path) for path in left)
                connection.executemany("INSERT OR IGNORE INTO half_made VALUES (?, ?, ?)", half)
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

    def _others_run(self) -> bool:
        """Whether another process may be writing."""
        statement = "SELECT pid, born FROM run WHERE status = 'running' AND pid != ?"
        rows = self._database.rows(statement, (os.getpid(),))
        return any(process.lives(*row) for row in rows)


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
