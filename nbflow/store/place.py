"""The directory of a store: made, marked as such, and refused where it is something else's."""

from __future__ import annotations

import os
from pathlib import Path

from nbflow.errors import StoreError

ELSEWHERE = "choose another folder with --store"
_OWN_NAMES = frozenset(
    {".gitignore", "CACHEDIR.TAG", "artifacts", "history.sqlite", "history.sqlite-wal"}
    | {"history.sqlite-shm", "history.sqlite-journal"}
)
#: What a damaged history is called, once it is put aside.
_DAMAGED = "history.damaged"
_CACHE_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Results of nbflow, safe to delete.\n"


def prepare(root: Path) -> bool:
    """Make the directory ready to be a store; whether it can be written.

    Raises
    ------
    StoreError
        It is a file, another program's directory, missing and impossible to make, or read-only
        and no store.
    """
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = (entry.name for entry in root.iterdir())
        foreign = [n for n in names if n not in _OWN_NAMES and not n.startswith(_DAMAGED)]
    except OSError as error:
        what = "is a file" if root.is_file() else error.strerror or str(error)
        raise StoreError(f"cannot use {root} as a store: {what}", ELSEWHERE) from error
    if foreign and not (root / "history.sqlite").exists():
        raise StoreError(f"{root} holds other things ({sorted(foreign)[0]})", ELSEWHERE)
    writable = os.access(root, os.W_OK)
    if writable:
        _mark(root)
    elif not (root / "history.sqlite").exists():
        raise StoreError(f"{root} is read-only and holds no store", ELSEWHERE)
    return writable


def _mark(root: Path) -> None:
    """Keep the store out of version control and backups."""
    for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _CACHE_TAG)):
        path = root / name
        try:
            # Whoever was killed as he wrote it has left it empty.
            if not path.exists() or not path.stat().st_size:
                path.write_text(text)
        except OSError as error:
            raise StoreError(
                f"cannot write {path}: {error.strerror or error}",
                "free space there or make it writable, or choose another store with --store",
            ) from error
