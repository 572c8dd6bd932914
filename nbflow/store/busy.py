"""Which processes use the results of a flow without a run: nothing that they need is collected."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from nbflow.errors import StoreError
from nbflow.store import process
from nbflow.store.database import Database
from nbflow.store.store import Store


@contextmanager
def at_work(store: Store, flow: str) -> Iterator[None]:
    """Until the end of this, what a flow may need stays, as beside a run."""
    pid = os.getpid()
    with store.writing() as connection:
        # Of processes that were killed.
        for number, other, born in connection.execute("SELECT number, pid, born FROM busy"):
            if not process.lives(other, born):
                connection.execute("DELETE FROM busy WHERE number = ?", (number,))
        own = connection.execute(
            "INSERT INTO busy (flow, pid, born, began) VALUES (?, ?, ?, ?)",
            (flow, pid, process.birth(pid), time.time()),
        ).lastrowid
    try:
        yield
    finally:
        with suppress(StoreError), store.writing() as connection:
            connection.execute("DELETE FROM busy WHERE number = ?", (own,))


def working(database: Database) -> Iterator[tuple[str, float]]:
    """The flows that are used so, and since when."""
    for flow, pid, born, began in database.rows("SELECT flow, pid, born, began FROM busy"):
        if process.lives(pid, born):
            yield flow, began
