"""Which results are a flow's own: it takes in what it reuses of others, and forgets only its own.

So each flow can be cleared, and its results be collected, without another's losing any. What the
results of several flows name is stored once all the same.
"""

from __future__ import annotations

from sqlite3 import Connection

from nbflow.records.task import RunRecord
from nbflow.store.database import in_chunks

#: Of the records of a key (``?1``), those that a flow (``?2``) has not forgotten. What another
#: flow computed would answer in their place, were it not held against when that was.
REMEMBERED = (
    "(flow = ?2 OR number > coalesce("
    "(SELECT number FROM forgotten WHERE forgotten.flow = ?2 AND forgotten.key = ?1), 0))"
)


def adopt(connection: Connection, run: RunRecord) -> None:
    """Take in the results of other flows that a run has reused."""
    reused = {
        bytes.fromhex(task.key): task
        for task in run.tasks
        if task.status == "cached" and task.key is not None
    }
    for chunk in in_chunks(reused):
        marks = ",".join("?" * len(chunk))
        own = connection.execute(
            f"SELECT key FROM record WHERE flow = ? AND key IN ({marks})", (run.flow, *chunk)
        )
        for key in set(chunk) - {key for (key,) in own}:
            task = reused[key]
            connection.execute(
                "INSERT INTO record (key, flow, cell, split, data, facts, signature) "
                "SELECT key, ?, ?, ?, data, facts, signature FROM record "
                "WHERE key = ? ORDER BY number",
                (run.flow, task.cell, task.index, key),
            )


def forget(connection: Connection, flow: str, cell: str) -> int:
    """Drop the results of a cell, and of cells of its flow with the same source; how many."""
    own = (flow, cell)
    connection.execute(
        "INSERT OR REPLACE INTO forgotten SELECT flow, key, "
        "(SELECT max(number) FROM record AS every WHERE every.key = record.key) "
        "FROM record WHERE flow = ? AND cell = ?",
        own,
    )
    connection.execute("DELETE FROM verified WHERE flow = ? AND cell = ?", own)
    dropped = connection.execute(
        "DELETE FROM record WHERE flow = ?1 AND key IN "
        "(SELECT key FROM record WHERE flow = ?1 AND cell = ?2)",
        own,
    )
    return dropped.rowcount
