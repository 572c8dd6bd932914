"""Records as they are read from the history: each is verified and decoded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from msgspec import structs

from nbflow.records.digest import Digest
from nbflow.records.task import Fact, TaskRecord
from nbflow.store.signing import verify

_Row: TypeAlias = tuple[bytes, bytes, bytes]

_records = msgspec.json.Decoder(TaskRecord)
_facts = msgspec.json.Decoder(tuple[Fact, ...])
#: So many are kept in memory; the plans of one flow ask for the same again and again.
_KEPT = 20_000


class Records:
    """The records that this process has read.

    Responsibilities: what bears no signature of this user's, or is damaged, is no record.

    Parameters
    ----------
    content
        Gives what the history holds under a digest.
    """

    def __init__(self, key: bytes, content: Callable[[Digest], bytes | None]) -> None:
        self._key = key
        self._content = content
        self._known: dict[_Row, TaskRecord] = {}
        #: Facts of tasks are mostly alike: each list is stored, and kept in memory, once.
        self._facts: dict[bytes, tuple[Fact, ...]] = {}

    def read(self, *row: bytes) -> TaskRecord | None:
        """The record of a row: its data, the digest of its facts, and its signature."""
        data, facts, signature = row
        known = self._known.get((data, facts, signature))
        if known is not None:
            return known
        if not verify(self._key, signature, "record-1", data, facts):
            return None
        try:
            found = self._facts_of(facts)
            record = _records.decode(data)
        except msgspec.MsgspecError:
            return None
        if found is None:
            return None
        record = structs.replace(record, facts=found)
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[data, facts, signature] = record
        return record

    def _facts_of(self, raw: bytes) -> tuple[Fact, ...] | None:
        known = self._facts.get(raw)
        if known is None:
            content = self._content(Digest(raw.hex()))
            if content is not None:
                known = self._facts[raw] = _facts.decode(content)
        return known
