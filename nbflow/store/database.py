"""One SQLite file: short transactions, one writer at a time, safe against kill -9."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from nbflow.errors import StoreError

#: What another program's SQLite file does not have: "nbfl".
APPLICATION = 0x6E62666C
#: Version of the tables below. A file of a later version is refused.
VERSION = 1
#: How long to wait for another process's transaction, in seconds.
PATIENCE = 30.0

Row: TypeAlias = tuple[Any, ...]
#: What stands for a query's ``?``, or for its ``:name``.
_Values: TypeAlias = Sequence[object] | Mapping[str, object]

_TABLES = """
CREATE TABLE content (digest BLOB PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE recipe (digest BLOB PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE record (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    origin INTEGER,
    key BLOB NOT NULL,
    flow TEXT NOT NULL,
    cell TEXT NOT NULL,
    split INTEGER,
    data BLOB NOT NULL,
    facts BLOB NOT NULL,
    signature BLOB NOT NULL
);
CREATE INDEX record_key ON record (key);
CREATE INDEX record_cell ON record (flow, cell, split);
CREATE TABLE duration (
    flow TEXT NOT NULL,
    cell TEXT NOT NULL,
    splits INTEGER NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (flow, cell, splits)
) WITHOUT ROWID;
CREATE TABLE learnt (
    flow TEXT NOT NULL,
    cell TEXT NOT NULL,
    recipe BLOB NOT NULL,
    name TEXT NOT NULL,
    part TEXT NOT NULL,
    PRIMARY KEY (flow, cell, recipe, name, part)
) WITHOUT ROWID;
CREATE TABLE forgotten (
    flow TEXT NOT NULL,
    key BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (flow, key)
) WITHOUT ROWID;
CREATE TABLE verified (
    flow TEXT NOT NULL,
    cell TEXT NOT NULL,
    key BLOB NOT NULL,
    recipe BLOB NOT NULL,
    result BLOB NOT NULL,
    difference BLOB,
    PRIMARY KEY (flow, cell, key)
) WITHOUT ROWID;
CREATE TABLE written (
    flow TEXT NOT NULL,
    path TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (flow, path, digest)
) WITHOUT ROWID;
CREATE TABLE base (
    flow TEXT NOT NULL,
    path TEXT NOT NULL,
    busy INTEGER NOT NULL,
    data BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (flow, path)
) WITHOUT ROWID;
CREATE TABLE half_made (
    flow TEXT NOT NULL,
    cell TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (flow, cell, path)
) WITHOUT ROWID;
CREATE TABLE run (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    notebook TEXT NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    pid INTEGER NOT NULL,
    born TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    data BLOB NOT NULL,
    signature BLOB NOT NULL
);
CREATE INDEX run_notebook ON run (notebook);
CREATE TABLE busy (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    flow TEXT NOT NULL,
    pid INTEGER NOT NULL,
    born TEXT NOT NULL,
    began REAL NOT NULL
);
CREATE TABLE given (
    run INTEGER NOT NULL REFERENCES run,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    number REAL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE tag (
    name TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run,
    PRIMARY KEY (name, run)
) WITHOUT ROWID;
CREATE INDEX tag_run ON tag (run);
CREATE TABLE story (run INTEGER PRIMARY KEY REFERENCES run, data BLOB NOT NULL);
CREATE TABLE document (digest BLOB PRIMARY KEY, data BLOB NOT NULL);
"""


class Database:
    """A connection to the history; it belongs to the process that opened it.

    Raises
    ------
    StoreError
        The file is another program's, of a later version, damaged, or cannot be opened.
    """

    def __init__(self, path: Path, writable: bool) -> None:
        self.path = path
        self._pid = os.getpid()
        self._lock = threading.RLock()
        #: Whether it was found to be so; opened anew, it begins anew.
        self.is_damaged = False
        self._file: tuple[int, int] | None = None
        with self._errors():
            self._connection = self._open(writable)
        self._file = _file(path)
        # Whoever drops it has closed it, as far as it is his; at exit the process does.
        weakref.finalize(self, _close, self._connection, self._pid).atexit = False

    def rows(self, statement: str, values: _Values = ()) -> list[Row]:
        """All rows of a query."""
        try:  # a context manager would take as long as a small query
            with self._lock:
                self._own()
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._name(error)
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What happens inside is written whole or not at all."""
        with self._lock, self._errors():
            self._own()
            # A deferred transaction that turns to writing fails at once when another one has
            # written meanwhile; this one waits its turn.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def shrink(self) -> None:
        """Give the room of dropped rows back to the disk, unless somebody else is writing."""
        with self._lock, self._errors():
            self._own()
            free = _pragma(self._connection, "freelist_count")
            if free * 4 < _pragma(self._connection, "page_count"):
                return
            with suppress(sqlite3.OperationalError):  # busy, or no room for the copy it makes
                self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def check(self) -> None:
        """Look whether the file is sound.

        Raises
        ------
        StoreError
            It is damaged.
        """
        told = [str(row[0]) for row in self.rows("PRAGMA integrity_check(1)")]
        if told != ["ok"]:
            self._damaged(told[0])

    @property
    def is_there(self) -> bool:
        """Whether its file is still the one of this name: SQLite writes into a deleted one, too."""
        return _file(self.path) == self._file

    def close(self) -> None:
        """Close the connection; harmless when closed already."""
        with self._lock:
            _close(self._connection, self._pid)

    def _open(self, writable: bool) -> sqlite3.Connection:
        if writable:
            _put_aside(self.path)
        mode = "rwc" if writable else "ro&immutable=1"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            if writable:
                _use_wal(connection)
                connection.execute("PRAGMA synchronous=NORMAL")
                self._create(connection)
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        if _pragma(connection, "user_version"):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have been first.
            if not _pragma(connection, "user_version") and not _tables(connection):
                for statement in _TABLES.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id={APPLICATION}")
                connection.execute(f"PRAGMA user_version={VERSION}")
        finally:
            connection.execute("COMMIT")

    def _check(self, connection: sqlite3.Connection) -> None:
        if _pragma(connection, "application_id") != APPLICATION:
            raise StoreError(f"{self.path} is not a history of nbflow", _MOVE)
        version = _pragma(connection, "user_version")
        if version > VERSION:
            raise StoreError(
                f"the store {self.path.parent} was written by a later version of nbflow "
                f"(format {version}; this one reads up to {VERSION})",
                "update nbflow, or choose another store with --store",
            )

    def _own(self) -> None:
        assert self._pid == os.getpid(), "a database connection does not survive a fork"

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._name(error)
            raise

    def _name(self, error: sqlite3.DatabaseError) -> None:
        if isinstance(error, sqlite3.OperationalError):
            raise StoreError(
                f"cannot use {self.path}: {error}",
                "free space there or make it writable, or choose another store with --store",
            ) from error
        if not isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError):
            self._damaged(error)
        # Those are mistakes of ours, not of the disk.

    def _damaged(self, why: object) -> NoReturn:
        """It is put aside when nobody here has it open any longer."""
        remedy = _MOVE
        with suppress(OSError):
            if self._file is None or self.is_there:  # else somebody has put it aside already
                _mark_of(self.path).touch()
            self.is_damaged = True
            remedy = (
                "run again: that puts it aside in the same folder and begins a new one; "
                "or choose another one with --store"
            )
        raise StoreError(f"{self.path} is damaged: {why}", remedy)


def _put_aside(path: Path) -> None:
    """Keep a damaged file beside the one that is begun in its place."""
    mark = _mark_of(path)
    if not mark.exists():
        return
    number = sum(1 for _ in path.parent.glob(f"{mark.name}-*{path.suffix}")) + 1
    # The file goes last: until then it is known as damaged.
    for end in ("-shm", "-wal", ""):
        with suppress(FileNotFoundError):
            aside = path.with_name(f"{mark.name}-{number}{path.suffix}{end}")
            path.with_name(path.name + end).replace(aside)
    mark.unlink(missing_ok=True)


def _mark_of(path: Path) -> Path:
    """What is there from when a file was found damaged until it is put aside."""
    return path.with_name(f"{path.stem}.damaged")


def _file(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one of the same name; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _close(connection: sqlite3.Connection, owner: int) -> None:
    if owner == os.getpid():
        connection.close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Writers and readers do not wait for each other.

    Where two connections make a new file at once, SQLite refuses one of them the change
    without waiting for the other (its busy time does not count here), so this waits.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.005)


_MOVE = "move it away to begin a new store, or choose another one with --store"


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _tables(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def in_chunks(items: Iterable[bytes], size: int = 500) -> Iterator[list[bytes]]:
    """The items in lists that one query's placeholders can take."""
    chunk: list[bytes] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
