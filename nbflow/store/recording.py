"""A record as a row of the history: signed, and with what explains it later."""

from __future__ import annotations

from sqlite3 import Connection

import msgspec
from msgspec.structs import replace

from nbflow.records.digest import of_bytes
from nbflow.records.task import Recipe, TaskRecord, lesson_of
from nbflow.store import lessons
from nbflow.store.signing import sign

_encode = msgspec.json.Encoder().encode


def insert(
    connection: Connection, signing_key: bytes, flow: str, record: TaskRecord, recipe: Recipe
) -> None:
    """Add a record of a flow, its recipe, and what it has taught."""
    facts = _encode(record.facts)
    digest = bytes.fromhex(of_bytes(facts))
    data = _encode(replace(record, facts=()))
    signature = sign(signing_key, "record-1", data, digest)
    # Facts of tasks are mostly alike: each list is stored once.
    connection.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (digest, facts))
    connection.execute(
        "INSERT OR IGNORE INTO recipe VALUES (?, ?)",
        (bytes.fromhex(record.recipe), _encode(recipe)),
    )
    connection.execute(
        "INSERT INTO record (key, flow, cell, split, data, facts, signature) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (bytes.fromhex(record.key), flow, record.cell, record.index, data, digest, signature),
    )
    lessons.teach(connection, flow, record.cell, record.recipe, lesson_of(record))
