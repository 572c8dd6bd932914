"""The record of runs: each with its notebook, its tasks and what people say of it.

A list of runs reads one small row of each: its tasks and its notebook are read when asked for.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import msgspec
from msgspec.structs import replace

from nbflow.errors import StoreError
from nbflow.records.digest import Digest, of_bytes
from nbflow.records.task import Fact, RunRecord, TaskRun
from nbflow.store import own, process
from nbflow.store.database import Database
from nbflow.store.filters import Condition, RunFilter
from nbflow.store.signing import sign, verify

# What another program may have put there need not be bytes. Tags hold no line break.
_RUN = (
    "number, pid, born, CAST(data AS BLOB), CAST(signature AS BLOB), note, "
    "(SELECT group_concat(name, char(10)) FROM "
    "(SELECT name FROM tag WHERE tag.run = run.number ORDER BY name))"
)
_EVERY = RunFilter()

_encode = msgspec.json.Encoder().encode
_runs = msgspec.json.Decoder(RunRecord)
_tasks = msgspec.json.Decoder(tuple[TaskRun, ...])
_facts = msgspec.json.Decoder(tuple[Fact, ...])


class History:
    """The part of a store that remembers runs.

    Responsibilities: a run whose signature is not this user's is as if it were not there; what its
    row names of its tasks, its notebook and its surroundings is what is given of them, or nothing.
    A notebook below the store's folder is known by its path from there, so that both can be moved.

    Parameters
    ----------
    folder
        What the store lies in.
    key
        This user's, to sign with.
    writing
        Begins a transaction, or says why there can be none.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        key: bytes,
        writing: Callable[[], AbstractContextManager[Connection]],
    ) -> None:
        self._database = database
        self._folder = folder.absolute()
        self._key = key
        self._writing = writing

    def begin(self, run: RunRecord, notebook: bytes = b"") -> RunRecord:
        """Record that this process has begun a run of a notebook (nbformat, without outputs)."""
        pid = os.getpid()
        with self._writing() as connection:
            if notebook:
                run = replace(run, document=_keep(connection, notebook))
            data, signature = self._signed(run)
            cursor = connection.execute(
                "INSERT INTO run (id, notebook, status, started, pid, born, data, signature) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(run.id, self._from_here(run.notebook), run.status, run.started),
                    *(pid, process.birth(pid), data, signature),
                ),
            )
            connection.executemany(
                "INSERT INTO given VALUES (?, ?, ?, ?)",
                (
                    (cursor.lastrowid, name, text, _number(text))
                    for name, text in run.parameters.items()
                ),
            )
        return run

    def finish(self, run: RunRecord, facts: Iterable[Fact] = ()) -> None:
        """Record the end of a run, with its tasks and with what they have looked at."""
        with self._writing() as connection:
            looked = tuple(facts)
            kept = _keep(connection, _encode(looked)) if looked else None
            self._tell(connection, replace(run, surroundings=kept))
            own.adopt(connection, run)

    def progress(self, run: RunRecord) -> None:
        """Record how far a run is that goes on: all that is known of it, should it be killed."""
        with self._writing() as connection:
            self._tell(connection, run)

    # -- asking --

    def find(self, wanted: RunFilter = _EVERY, last: int | None = None) -> list[RunRecord]:
        """The runs asked for, oldest first, without their tasks; at most the ``last`` so many."""
        where, values = self._where(wanted)
        rows = self._database.rows(
            f"SELECT {_RUN} FROM run WHERE {where} ORDER BY number DESC LIMIT ?",
            (*values, -1 if last is None or wanted.status in _UNSURE else last),
        )
        found = [run for row in rows if (run := self._run(*row))]
        if wanted.status is not None:
            found = [run for run in found if run.status == wanted.status]
        return found[:last][::-1]

    def count(self, wanted: RunFilter = _EVERY) -> int:
        """About how many runs there are of those asked for."""
        where, values = self._where(wanted)
        rows = self._database.rows(f"SELECT count(*) FROM run WHERE {where}", values)
        return int(rows[0][0])

    def known(self) -> tuple[set[str], set[str]]:
        """The names of all parameters, and of all tags."""
        names = self._database.rows("SELECT DISTINCT name FROM given")
        tags = self._database.rows("SELECT DISTINCT name FROM tag")
        return {name for (name,) in names}, {name for (name,) in tags}

    def named(self, prefix: str) -> list[RunRecord]:
        """The runs whose id begins so, oldest first; only the one whose id it is, if there is."""
        rows = self._database.rows(
            f"SELECT {_RUN} FROM run WHERE substr(id, 1, length(:start)) = :start ORDER BY number",
            {"start": prefix},
        )
        found = [run for row in rows if (run := self._run(*row))]
        return [run for run in found if run.id == prefix] or found

    def tasks(self, run: RunRecord) -> tuple[TaskRun, ...]:
        """What became of the tasks of a run; of one that goes on, as far as it has told.

        Raises
        ------
        StoreError
            They are damaged.
        """
        if run.story is None:
            return ()
        rows = self._database.rows(
            "SELECT CAST(story.data AS BLOB), CAST(run.data AS BLOB), CAST(signature AS BLOB) "
            "FROM story, run WHERE story.run = run.number AND run.id = ?",
            (run.id,),
        )
        # Of a run that goes on there may be a later story by now.
        told = [(story, data) for story, data, by in rows if verify(self._key, by, "run-1", data)]
        digest = next((_runs.decode(data).story for _, data in told), None) or run.story
        tasks = _tasks.decode(_opened(told, digest, f"the tasks of run {run.id}"))
        if run.status == "interrupted":
            return tuple(map(_broken_off, tasks))
        return tasks

    def notebook(self, run: RunRecord) -> bytes | None:
        """The notebook as it was when a run began (nbformat, without outputs).

        Raises
        ------
        StoreError
            It is damaged.
        """
        if run.document is None:
            return None
        return self._document(run.document, f"the notebook of run {run.id}")

    def facts(self, run: RunRecord) -> tuple[Fact, ...]:
        """What the tasks of a run have looked at, and what they saw.

        Raises
        ------
        StoreError
            It is damaged.
        """
        if run.surroundings is None:
            return ()
        what = f"what run {run.id} looked at"
        try:
            return _facts.decode(self._document(run.surroundings, what))
        except msgspec.MsgspecError:
            return ()  # of another version

    def going_on(self, notebook: str) -> RunRecord | None:
        """The last run of a notebook, where it is in progress in another process than this."""
        last = f"SELECT {_RUN} FROM run WHERE notebook = ? ORDER BY number DESC LIMIT 1"
        for row in self._database.rows(last, (self._from_here(notebook),)):
            run = self._run(*row)
            if run is not None and run.status == "running" and row[1] != os.getpid():
                return run
        return None

    # -- what people say of it --

    def tag(self, run: RunRecord, tags: Iterable[str], remove: bool = False) -> None:
        """Give a run tags, or take them from it."""
        with self._writing() as connection:
            for tag in tags:
                if remove:
                    connection.execute(
                        "DELETE FROM tag WHERE name = ? "
                        "AND run = (SELECT number FROM run WHERE id = ?)",
                        (tag, run.id),
                    )
                else:
                    connection.execute(
                        "INSERT OR IGNORE INTO tag SELECT ?, number FROM run WHERE id = ?",
                        (tag, run.id),
                    )

    def annotate(self, run: RunRecord, text: str) -> None:
        """Put a note to a run, in the place of an earlier one; an empty one takes it away."""
        with self._writing() as connection:
            connection.execute("UPDATE run SET note = ? WHERE id = ?", (text, run.id))

    # -- inside --

    def _tell(self, connection: Connection, run: RunRecord) -> None:
        tasks = _encode(run.tasks)
        data, signature = self._signed(replace(run, story=of_bytes(tasks)))
        connection.execute(
            "UPDATE run SET status = ?, data = ?, signature = ? WHERE id = ?",
            (run.status, data, signature, run.id),
        )
        connection.execute(
            "INSERT OR REPLACE INTO story SELECT number, ? FROM run WHERE id = ?",
            (zlib.compress(tasks, 1), run.id),
        )

    def _signed(self, run: RunRecord) -> tuple[bytes, bytes]:
        # What people say of a run can be said by everybody.
        notebook = self._from_here(run.notebook)
        data = _encode(replace(run, notebook=notebook, tasks=(), tags=(), note=""))
        return data, sign(self._key, "run-1", data)

    def _run(
        self,
        _number: int,
        pid: int,
        born: str,
        data: bytes,
        signature: bytes,
        note: str,
        tags: str | None,
    ) -> RunRecord | None:
        if not verify(self._key, signature, "run-1", data):
            return None
        run = _runs.decode(data)
        notebook = str(self._folder / run.notebook)
        run = replace(run, notebook=notebook, note=note, tags=tuple((tags or "").splitlines()))
        if run.status != "running":
            return run
        if not process.lives(pid, born):
            return replace(run, status="interrupted")
        return replace(run, seconds=time.time() - run.started)

    def _where(self, wanted: RunFilter) -> tuple[str, list[object]]:
        if wanted.notebook is not None:
            wanted = replace(wanted, notebook=self._from_here(wanted.notebook))
        return _where(wanted)

    def _from_here(self, notebook: str) -> str:
        path = Path(notebook)
        below = path.is_relative_to(self._folder)
        return str(path.relative_to(self._folder)) if below else notebook

    def _document(self, digest: Digest, what: str) -> bytes:
        rows = self._database.rows(
            "SELECT CAST(data AS BLOB) FROM document WHERE digest = ?", (bytes.fromhex(digest),)
        )
        return _opened(rows, digest, what)


#: A run is recorded as running; whether its process still lives is seen when it is read.
_UNSURE = ("running", "interrupted")
_HOLDS = "EXISTS (SELECT 1 FROM given WHERE given.run = run.number AND given.name = ? AND {})"


def _where(wanted: RunFilter) -> tuple[str, list[object]]:
    clauses, values = ["1"], list[object]()
    if wanted.notebook is not None:
        clauses.append("notebook = ?")
        values.append(wanted.notebook)
    if wanted.tag is not None:
        clauses.append("number IN (SELECT run FROM tag WHERE name = ?)")
        values.append(wanted.tag)
    if wanted.status in _UNSURE:
        clauses.append("status IN ('running', 'interrupted')")
    elif wanted.status is not None:
        clauses.append("status = ?")
        values.append(wanted.status)
    if wanted.since is not None:
        clauses.append("started >= ?")
        values.append(wanted.since)
    for each in wanted.conditions:
        clause, more = _condition(each)
        clauses.append(_HOLDS.format(clause))
        values += [each.name, *more]
    return " AND ".join(clauses), values


def _condition(wanted: Condition) -> tuple[str, list[object]]:
    if (number := wanted.number) is not None:
        if wanted.operator == "!=":
            return "given.number IS NOT ?", [number]
        return f"given.number {wanted.operator} ?", [number]
    if wanted.operator in ("=", "!="):
        negated = "NOT " * (wanted.operator == "!=")
        return f"given.text {negated}IN (?, ?)", list(wanted.texts)
    # Both in quotes: texts, and days among them, in their order.
    return f"given.number IS NULL AND given.text {wanted.operator} ?", [wanted.texts[0]]


def _number(text: str) -> float | None:
    """The value of a parameter that is a number, as Python writes it."""
    try:
        return float(text)
    except ValueError:
        return None


def _broken_off(task: TaskRun) -> TaskRun:
    return replace(task, status="cancelled") if task.status in ("queued", "running") else task


def _keep(connection: Connection, data: bytes) -> Digest:
    """Store what several runs may have in common, once."""
    digest = of_bytes(data)
    raw = bytes.fromhex(digest)
    if not connection.execute("SELECT 1 FROM document WHERE digest = ?", (raw,)).fetchone():
        connection.execute("INSERT INTO document VALUES (?, ?)", (raw, zlib.compress(data, 1)))
    return digest


def _opened(rows: Iterable[tuple[Any, ...]], digest: Digest, what: str) -> bytes:
    for data, *_ in rows:
        try:
            content = zlib.decompress(data)
        except zlib.error:
            break
        if of_bytes(content) == digest:
            return content
    raise StoreError(f"{what} cannot be read: the store is damaged", "Run the notebook again.")


class Story(msgspec.Struct, frozen=True):
    """What is known of a run, whosever it is."""

    flow: str
    started: float
    #: Whether it is in progress.
    goes_on: bool
    tasks: tuple[TaskRun, ...] = ()


def stories(database: Database) -> Iterator[Story]:
    """Every run; of a damaged one, what is left of it."""
    for notebook, pid, born, data, story in database.rows(
        "SELECT notebook, pid, born, CAST(run.data AS BLOB), CAST(story.data AS BLOB) "
        "FROM run LEFT JOIN story ON story.run = run.number ORDER BY number"
    ):
        try:
            run = _runs.decode(data)
        except msgspec.MsgspecError:
            yield Story(Path(notebook).stem, 0.0, process.lives(pid, born))
            continue
        tasks: tuple[TaskRun, ...] = ()
        with suppress(zlib.error, msgspec.MsgspecError):
            tasks = _tasks.decode(zlib.decompress(story)) if story is not None else ()
        goes_on = run.status == "running" and process.lives(pid, born)
        yield Story(run.flow, run.started, goes_on, tasks)
