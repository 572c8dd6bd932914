"""The store: what is known of past tasks and runs, and how their values are found again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from nbflow.errors import CorruptArtifactError, StoreError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest, of_bytes
from nbflow.records.lesson import Lesson
from nbflow.records.reason import Reason
from nbflow.records.task import Recipe, TaskRecord, alike
from nbflow.store import lessons, own, place, recording
from nbflow.store.artifacts import SMALL, Artifacts
from nbflow.store.codecs import decode_splits
from nbflow.store.database import Database, in_chunks
from nbflow.store.history import History
from nbflow.store.kept_files import KeptFiles, keep_written
from nbflow.store.reading import Records
from nbflow.store.signing import signing_key
from nbflow.store.verifications import Verifications, note

#: No step needs more of its past than this to find one that still holds.
_MAXIMUM_CANDIDATES = 20

# What another program may have put there need not be bytes.
_RECORD = "CAST(data AS BLOB), CAST(facts AS BLOB), CAST(signature AS BLOB)"

_recipes = msgspec.json.Decoder(Recipe)


class Store:
    """Artifacts and history under one directory. Only the scheduler's process writes history.

    Responsibilities: a record is visible only when everything it names is stored; a record whose
    signature is not this user's is as if it were not there.
    """

    def __init__(self, root: Path, writable: bool) -> None:
        self.root = root
        #: False for a store on a read-only disk: it answers, but takes nothing in.
        self.writable = writable
        self.artifacts = Artifacts(root / "artifacts")
        self._key = signing_key()
        self.database = Database(root / "history.sqlite", writable)
        self.files = KeptFiles(self.database, self._key)
        self.verifications = Verifications(self.database)
        self.history = History(self.database, root.parent, self._key, self.writing)
        self._records = Records(self._key, self.content)

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open the store in a directory, which is made when it is missing.

        Raises
        ------
        StoreError
            It is a file, another program's directory, of a later version, damaged, or missing
            and impossible to make.

        >>> store = Store.open(Path("example/.nbflow"))  # doctest: +SKIP
        """
        return cls(root, place.prepare(root))

    @property
    def is_there(self) -> bool:
        """Whether what is written into it can be found: its folder may have been deleted."""
        return self.database.is_there

    def close(self) -> None:
        """Close the history."""
        self.database.close()

    # Tasks

    def candidates(self, key: Digest, flow: str = "") -> list[TaskRecord]:
        """Records of this cache key that a flow may reuse, newest first."""
        rows = self.database.rows(
            f"SELECT {_RECORD} FROM record WHERE key = :key AND {own.REMEMBERED} "
            "ORDER BY number DESC LIMIT :most",
            {"key": bytes.fromhex(key), "flow": flow, "most": _MAXIMUM_CANDIDATES},
        )
        found = [self._records.read(*row) for row in rows]
        return [record for record in found if record is not None and record.key == key]

    def latest(self, cell: str, index: int | None = None, flow: str = "") -> TaskRecord | None:
        """The last task of a cell (or of one of its splits): what to compare a new one with."""
        rows = self.database.rows(
            f"SELECT {_RECORD} FROM record "
            "WHERE flow = ? AND cell = ? AND split IS ? ORDER BY number DESC LIMIT ?",
            (flow, cell, index, _MAXIMUM_CANDIDATES),
        )
        return next((found for row in rows if (found := self._records.read(*row))), None)

    def recipe(self, digest: Digest) -> Recipe | None:
        """What a fingerprint was made of."""
        rows = self.database.rows(
            "SELECT CAST(data AS BLOB) FROM recipe WHERE digest = ?", (bytes.fromhex(digest),)
        )
        try:
            return _recipes.decode(rows[0][0]) if rows else None
        except msgspec.MsgspecError:
            return None  # damaged; it only serves to explain

    def commit(
        self,
        record: TaskRecord,
        recipe: Recipe,
        data: Mapping[Digest, bytes],
        flow: str = "",
    ) -> Reason | None:
        """Record a completed task, whole or not at all; says if it came out otherwise before.

        Parameters
        ----------
        data
            Content of the small artifacts that the record names; the others have their files.
        flow
            Name of the flow; what :meth:`latest` and :meth:`durations` are asked by.
        """
        content = [(bytes.fromhex(digest), value) for digest, value in data.items()]
        former = self._former(record, flow)
        with self.writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO content VALUES (?, ?)", content)
            recording.insert(connection, self._key, flow, record, recipe)
            keep_written(connection, flow, record)
            connection.execute(
                "INSERT INTO duration VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
                "SET seconds = 0.5 * seconds + 0.5 * excluded.seconds",
                (flow, record.cell, record.index is not None, record.seconds),
            )
            return note(connection, flow, record, former)

    def accept(self, flow: str, accepted: Iterable[tuple[TaskRecord, Recipe]]) -> None:
        """Record results under other keys than they were computed for, all or none."""
        with self.writing() as connection:
            for record, recipe in accepted:
                recording.insert(connection, self._key, flow, record, recipe)

    def forget(self, flow: str, cells: Iterable[str] | None = None) -> int:
        """Drop the results of cells, or of all that a flow ever had; how many."""
        with self.writing() as connection:
            if cells is None:
                cells = own.cells(connection, flow)
            return sum(own.forget(connection, flow, cell) for cell in cells)

    def learnt(self, flow: str) -> dict[tuple[str, Digest], Lesson]:
        """What steps were seen to read and to leave, by cell id and fingerprint."""
        return lessons.gathered(
            self.database.rows(
                "SELECT cell, recipe, name, part FROM learnt WHERE flow = ?", (flow,)
            )
        )

    def teach(self, flow: str, learnt: Mapping[tuple[str, Digest], Lesson]) -> None:
        """Keep what the run tells steps to read and to leave, by cell id and fingerprint."""
        with self.writing() as connection:
            for (cell, recipe), lesson in learnt.items():
                lessons.teach(connection, flow, cell, recipe, lesson)

    def durations(self, flow: str) -> dict[str, float]:
        """About how long one task of each cell takes, in seconds."""
        rows = self.database.rows(
            "SELECT cell, seconds FROM duration WHERE flow = ? ORDER BY splits", (flow,)
        )
        return dict(rows)

    # Artifacts

    def keep(self, data: Mapping[Digest, bytes]) -> None:
        """Store the content of small artifacts that no record names, over a damaged one too."""
        rows = [(bytes.fromhex(digest), value) for digest, value in data.items()]
        with self.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO content VALUES (?, ?)", rows)

    def data(self, artifacts: Iterable[Artifact]) -> dict[Digest, bytes]:
        """Content of the small ones among these artifacts and their parts, by digest.

        Raises
        ------
        CorruptArtifactError
            A content is missing or damaged (and then removed): its task must run again.
        """
        found: dict[Digest, bytes] = {}
        lost: dict[Digest, None] = {}
        wanted = list(artifacts)
        while wanted:
            small = {item.digest for item in wanted if _may_be_small(item)} - found.keys()
            found |= self._content(small)
            parts: list[Artifact] = []
            for item in wanted:
                if item.codec == "splits":
                    parts += decode_splits(self.artifacts.read(item.digest, found))
                elif item.bytes <= SMALL and item.digest not in found:
                    lost[item.digest] = None
                if item.joint is not None:
                    parts.append(item.joint)
            wanted = parts
        if lost:
            raise CorruptArtifactError("is missing or damaged", *lost)
        return found

    def quarantine(self, digests: Iterable[str]) -> None:
        """Put damaged artifacts aside: from now on they are missing."""
        for digest in digests:
            self.artifacts.quarantine(Digest(digest))
            self._forget(bytes.fromhex(digest))

    def missing(self, artifacts: Iterable[Artifact]) -> set[Digest]:
        """Those of the artifacts that cannot be loaded, themselves or a part of them."""
        wanted = list(artifacts)
        small = {item.digest for item in wanted if _may_be_small(item)}
        there = self._there(small)
        return {item.digest for item in wanted if not self._is_whole(item, there)}

    def present(self, artifacts: Iterable[Artifact]) -> bool:
        """Whether all the artifacts are stored, with all their parts."""
        return not self.missing(artifacts)

    def load(self, artifact: Artifact, namespace: dict[str, Any] | None = None) -> object:
        """The value of an artifact.

        Raises
        ------
        CorruptArtifactError
            Its content is missing or damaged.
        """
        return self.artifacts.load(artifact, self.data([artifact]), namespace)

    def artifact(self, prefix: str) -> Artifact | None:
        """The last artifact whose digest begins so, among the results of all tasks."""
        rows = self.database.rows(
            f"SELECT {_RECORD} FROM record WHERE instr(data, ?) ORDER BY number DESC LIMIT ?",
            (prefix.lower().encode(), _MAXIMUM_CANDIDATES),
        )
        for row in rows:
            if record := self._records.read(*row):
                for item in (*record.outputs.values(), *record.items, record.log):
                    if item is not None and item.digest.startswith(prefix.lower()):
                        return item
        return None

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction: what is written within it is seen whole, or not at all.

        Raises
        ------
        StoreError
            The store is on a read-only disk.
        """
        if not self.writable:
            raise StoreError(f"the store {self.root} is read-only", place.ELSEWHERE)
        return self.database.transaction()

    # Inside

    def _former(self, record: TaskRecord, flow: str) -> TaskRecord | None:
        """The last result of a task that was given the very same."""
        for former in self.candidates(record.key, flow):
            if not former.accepted and alike(former.facts, record.facts):
                return former
        return None

    def _content(self, digests: Iterable[Digest]) -> dict[Digest, bytes]:
        found: dict[Digest, bytes] = {}
        for chunk in in_chunks(bytes.fromhex(digest) for digest in digests):
            marks = ",".join("?" * len(chunk))
            for raw, content in self.database.rows(
                f"SELECT digest, CAST(data AS BLOB) FROM content WHERE digest IN ({marks})", chunk
            ):
                digest = Digest(raw.hex())
                if of_bytes(content) == digest:
                    found[digest] = content
                elif self.writable:
                    self._forget(raw)
        return found

    def content(self, digest: Digest) -> bytes | None:
        """What a small artifact, or a small text that a task read, holds, where it is kept."""
        return self._content([digest]).get(digest)

    def _forget(self, raw: bytes) -> None:
        with self.writing() as connection:
            connection.execute("DELETE FROM content WHERE digest = ?", (raw,))

    def _there(self, digests: Iterable[Digest]) -> set[Digest]:
        there: set[Digest] = set()
        for chunk in in_chunks(bytes.fromhex(digest) for digest in digests):
            marks = ",".join("?" * len(chunk))
            rows = self.database.rows(
                f"SELECT digest FROM content WHERE digest IN ({marks})", chunk
            )
            there.update(Digest(raw.hex()) for (raw,) in rows)
        return there

    def _is_whole(self, item: Artifact, there: set[Digest]) -> bool:
        if item.digest not in there and not self.artifacts.has(item.digest):
            return False
        if item.joint is not None and self.missing([item.joint]):
            return False
        if item.codec != "splits":
            return True
        try:
            content = self._content([item.digest])
            return self.present(decode_splits(self.artifacts.read(item.digest, content)))
        except CorruptArtifactError:
            return False


def _may_be_small(artifact: Artifact) -> bool:
    # The size of a list of splits is that of its parts, not of the list itself.
    return artifact.codec == "splits" or artifact.bytes <= SMALL
