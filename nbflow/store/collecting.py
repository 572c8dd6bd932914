"""Frees what nobody needs: what no result names, results too old, and results beyond a size.

What is dropped is dropped in one transaction; only then do its files go. A kill in between leaves
files that no result names, for the next time.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from sqlite3 import Connection

import msgspec

from nbflow.records.digest import Digest
from nbflow.store.holdings import Holdings, Result, holdings, leftovers
from nbflow.store.store import Store

#: Clocks of disks are coarser than those of processes, in seconds.
_LEEWAY = 2.0


class Collected(msgspec.Struct, frozen=True):
    """What was freed, or would be."""

    #: How many results were dropped, and how many artifacts with them.
    results: int
    artifacts: int
    #: Bytes that became free, and that are left.
    freed: int
    left: int
    #: Names of the flows that run: what they may need stays.
    live: tuple[str, ...]


def collect(
    store: Store,
    now: float,
    older_than: float | None = None,
    max_size: int | None = None,
    dry_run: bool = False,
) -> Collected:
    """Free what no result names, and drop results by age and size, the longest unused first.

    Parameters
    ----------
    now
        Seconds since the epoch.
    older_than
        Drop what no run has computed or reused for so many seconds.
    max_size
        Drop until all artifacts together take no more bytes than that.
    dry_run
        Drop nothing: say what would be.
    """
    if dry_run:
        held = holdings(store)
        return _collected(held, *_choose(held, now, older_than, max_size))
    # Whoever begins a run waits for this transaction, or is seen in it.
    with store.writing() as connection:
        held = holdings(store)
        dropped, doomed = _choose(held, now, older_than, max_size)
        _drop(connection, held, dropped, doomed)
    for digest in doomed & held.files.keys():
        _remove(store.artifacts.path(digest), store.artifacts.root, held.times[digest])
    for path, _, written in list(leftovers(store.artifacts.root)):
        if written < _since(held, now):  # by whoever began after this had looked, too
            with contextlib.suppress(OSError):
                path.unlink()
    if not held.live:
        store.database.shrink()
    return _collected(held, dropped, doomed)


def _choose(
    held: Holdings, now: float, older_than: float | None, max_size: int | None
) -> tuple[list[Result], set[Digest]]:
    """The results to drop, and the artifacts that nothing names any more."""
    running = {flow for flow, _ in held.live}
    keys = {result.key for result in held.results if result.flow in running}
    free = sorted(
        (result for result in held.results if result.key not in keys),
        key=lambda result: (result.used, result.number),
    )
    holders = Counter(digest for result in held.results for digest in result.names)
    holders.update(held.others)
    stored = (*held.files, *held.rows) if held.is_told else ()
    garbage = {d for d in stored if not holders[d]}
    size = held.total - sum(map(held.bytes, garbage))
    dropped: list[Result] = []
    for result in free:
        too_old = older_than is not None and result.used < now - older_than
        too_much = max_size is not None and size > max_size
        if not (too_old or too_much):
            break  # the others were used later
        dropped.append(result)
        for digest in result.names:
            holders[digest] -= 1
            if not holders[digest]:
                garbage.add(digest)
                size -= held.bytes(digest)
    if held.live:
        # A run keeps its parameters and its lists there before any result names them, and its
        # workers write files before their results are recorded.
        since = _since(held, now) * 1e9
        garbage = {d for d in garbage - held.rows.keys() if held.times[d] < since}
    return dropped, garbage


def _since(held: Holdings, now: float) -> float:
    """What was written later belongs to a run in progress."""
    return min([now, *(began for _, began in held.live)]) - _LEEWAY


def _drop(
    connection: Connection, held: Holdings, dropped: Iterable[Result], doomed: Iterable[Digest]
) -> None:
    numbers = {result.number for result in dropped}
    left = {result.recipe for result in held.results if result.number not in numbers}
    # Of what was cleared, too.
    every = {Digest(raw.hex()) for (raw,) in connection.execute("SELECT digest FROM recipe")}
    connection.executemany("DELETE FROM record WHERE number = ?", ((n,) for n in numbers))
    for table, digests in (("content", doomed), ("recipe", every - left)):
        connection.executemany(
            f"DELETE FROM {table} WHERE digest = ?", ((bytes.fromhex(d),) for d in digests)
        )
    for table in ("verified", "forgotten"):
        connection.execute(f"DELETE FROM {table} WHERE key NOT IN (SELECT key FROM record)")


def _remove(path: Path, root: Path, time: int) -> None:
    """Remove a file, unless a task has found it there meanwhile, and counts on it."""
    aside = root / "temporary" / uuid.uuid4().hex
    # Under another name nobody finds it: who asks now writes it anew.
    with contextlib.suppress(OSError):
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        path.replace(aside)
        if aside.lstat().st_mtime_ns == time:
            aside.unlink()
        else:
            aside.replace(path)


def _collected(held: Holdings, dropped: list[Result], doomed: set[Digest]) -> Collected:
    freed = sum(map(held.bytes, doomed))
    live = tuple(dict.fromkeys(flow for flow, _ in held.live))
    return Collected(len(dropped), len(doomed), freed, held.total - freed, live)
