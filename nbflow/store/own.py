"""Which results are a flow's own: it takes in what it reuses of others, and forgets only its own.

So each flow can be cleared, and its results be collected, without another's losing any. What the
results of several flows name is stored once all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection

import msgspec

from nbflow.records.task import RunRecord, TaskRun
from nbflow.store.database import Row, in_chunks

#: Of the records of a ``:key``, those that a ``:flow`` has not forgotten. What another
#: flow computed would answer in their place, were it not held against when that was; of what
#: another flow took in, when it was computed in the first place.
REMEMBERED = (
    "(flow = :flow OR coalesce(origin, number) > coalesce("
    "(SELECT number FROM forgotten WHERE forgotten.flow = :flow AND forgotten.key = :key), 0))"
)


class _Result(msgspec.Struct, frozen=True):
    """What tells one record of a key from another, of all that a record holds."""

    started: float = 0.0
    accepted: str = ""


_results = msgspec.json.Decoder(_Result)


def adopt(connection: Connection, run: RunRecord) -> None:
    """Take in the very results of other flows that a run has reused, once each."""
    reused = {
        bytes.fromhex(task.key): task
        for task in run.tasks
        if task.status == "cached" and task.key is not None
    }
    for chunk in in_chunks(reused):
        of_key: dict[bytes, list[Row]] = {}
        marks = ",".join("?" * len(chunk))
        for row in connection.execute(
            "SELECT key, flow, coalesce(origin, number), CAST(data AS BLOB), facts, signature "
            f"FROM record WHERE key IN ({marks}) ORDER BY number DESC",
            chunk,
        ):
            of_key.setdefault(row[0], []).append(row)
        for key, rows in of_key.items():
            task = reused[key]
            found = next(_same(rows, task), None)
            own = {(data, facts) for _, flow, _, data, facts, _ in rows if flow == run.flow}
            if found is not None and found[3:5] not in own:
                connection.execute(
                    "INSERT INTO record (key, flow, cell, split, origin, data, facts, signature) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (key, run.flow, task.cell, task.index, *found[2:]),
                )


def _same(rows: list[Row], task: TaskRun) -> Iterator[Row]:
    """Those of a key's records that a task may have been given."""
    accepted = next((r.subject for r in task.reasons if r.kind == "accepted"), "")
    for row in rows:
        try:
            result = _results.decode(row[3])
        except msgspec.MsgspecError:
            continue  # of no use to anybody
        if result == _Result(task.started, accepted):
            yield row


def cells(connection: Connection, flow: str) -> list[str]:
    """The cells of which a flow has results, those that have left the notebook too."""
    rows = connection.execute("SELECT DISTINCT cell FROM record WHERE flow = ?", (flow,))
    return [cell for (cell,) in rows]


def forget(connection: Connection, flow: str, cell: str) -> int:
    """Drop the results of a cell, and of cells of its flow with the same source; how many."""
    own = {"flow": flow, "cell": cell}
    connection.execute(
        "INSERT OR REPLACE INTO forgotten SELECT flow, key, "
        "(SELECT max(number) FROM record AS every WHERE every.key = record.key) "
        "FROM record WHERE flow = :flow AND cell = :cell",
        own,
    )
    connection.execute(
        "DELETE FROM verified WHERE flow = :flow AND (cell = :cell OR key IN "
        "(SELECT key FROM record WHERE flow = :flow AND cell = :cell))",
        own,
    )
    dropped = connection.execute(
        "DELETE FROM record WHERE flow = :flow AND key IN "
        "(SELECT key FROM record WHERE flow = :flow AND cell = :cell)",
        own,
    )
    return dropped.rowcount
