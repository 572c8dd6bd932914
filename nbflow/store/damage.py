"""Checks every artifact of a store against its digest; what is damaged can be put aside."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
from blake3 import blake3

from nbflow.records.digest import Digest, of_bytes
from nbflow.store.database import in_chunks
from nbflow.store.holdings import artifact_files, holdings
from nbflow.store.store import Store

_CHUNK = 1 << 22


class Damage(msgspec.Struct, frozen=True):
    """One artifact that cannot be loaded."""

    #: ``damaged``: what is there does not have its digest; ``missing``: a result names it, and it
    #: is not there.
    kind: Literal["damaged", "missing"]
    digest: Digest
    #: Which results name it: ``flow/step/name``.
    needed_by: tuple[str, ...]


class Checked(msgspec.Struct, frozen=True):
    """What a check has found."""

    artifacts: int
    bytes: int
    damages: tuple[Damage, ...]
    #: Whether what is damaged was put aside.
    repaired: bool


def check(store: Store, repair: bool = False) -> Checked:
    """Read all artifacts, and hold each against its digest.

    Parameters
    ----------
    repair
        Put aside what is damaged, so that what makes it runs again.

    Raises
    ------
    StoreError
        The history itself is damaged; or there is something to repair, and the store cannot be
        written.
    """
    store.database.check()
    held = holdings(store)
    damaged = dict.fromkeys((*_damaged_files(store.artifacts.root), *_damaged_rows(store)))
    if repair and damaged:
        with store.writing():
            pass  # says so if it cannot be
        store.quarantine(damaged)
    there = (held.files.keys() | held.rows.keys()) - damaged.keys()
    needed: dict[Digest, list[str]] = {}
    for result in held.results:
        for digest, name in result.names.items():
            if digest not in there:
                needed.setdefault(digest, []).append(name or f"{result.flow}/{result.step}")
    missing = [digest for digest in needed if digest not in damaged]
    if missing:
        # It may have been collected, with what named it, while all this was read.
        still = {digest for result in holdings(store).results for digest in result.names}
        missing = [digest for digest in missing if digest in still]
    damages = [Damage("damaged", d, tuple(dict.fromkeys(needed.get(d, ())))) for d in damaged]
    damages += [Damage("missing", d, tuple(dict.fromkeys(needed[d]))) for d in missing]
    return Checked(len(held.files) + len(held.rows), held.total, tuple(damages), repair)


def _damaged_files(root: Path) -> Iterator[Digest]:
    for digest, path, status in artifact_files(root):
        try:
            if not stat.S_ISREG(status.st_mode) or _digest_of_file(path) != digest:
                yield digest
        except FileNotFoundError:
            continue  # collected meanwhile


def _digest_of_file(path: Path) -> Digest | None:
    hasher = blake3()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                hasher.update(chunk)
        except OSError:
            return None  # the disk itself cannot give it
    return Digest(hasher.hexdigest())


def _damaged_rows(store: Store) -> Iterator[Digest]:
    digests = [raw for (raw,) in store.database.rows("SELECT digest FROM content")]
    for chunk in in_chunks(digests, 100):
        marks = ",".join("?" * len(chunk))
        for raw, data in store.database.rows(
            f"SELECT digest, CAST(data AS BLOB) FROM content WHERE digest IN ({marks})", chunk
        ):
            if of_bytes(data) != raw.hex():
                yield Digest(raw.hex())
