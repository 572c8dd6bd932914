"""Signatures of records: what another user's nbflow wrote is never trusted, only recomputed."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from nbflow.errors import StoreError
from nbflow.store import disk

_KEY_BYTES = 32


def sign(key: bytes, kind: str, *parts: bytes) -> bytes:
    """HMAC-SHA256 of the parts, each with its length, under a kind that keeps uses apart."""
    message = bytearray()
    for part in (kind.encode(), *parts):
        message += len(part).to_bytes(8, "little")
        message += part
    return hmac.digest(key, message, "sha256")


def verify(key: bytes, signature: bytes, kind: str, *parts: bytes) -> bool:
    """Whether :func:`sign` made this signature with this key."""
    return hmac.compare_digest(signature, sign(key, kind, *parts))


def signing_key() -> bytes:
    """This user's key, made when first asked for; it never lies in a store or a project.

    Raises
    ------
    StoreError
        The Jupyter data directory cannot be used.
    """
    path = Path(jupyter_data_dir()) / "nbflow" / "signing-key"
    try:
        try:
            return _read(path)
        except FileNotFoundError:
            _make(path)
            return _read(path)
    except OSError as error:
        raise StoreError(
            f"cannot use the signing key {path}: {error.strerror or error}",
            "make that folder yours, or set JUPYTER_DATA_DIR to one that is",
        ) from error


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        key = os.read(descriptor, _KEY_BYTES + 1)
    finally:
        os.close(descriptor)
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or len(key) != _KEY_BYTES:
        raise StoreError(
            f"the signing key {path} is damaged, or others can read it",
            "delete it; what was stored under it is then computed again",
        )
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    descriptor = disk.create(temporary)
    try:
        disk.write(descriptor, memoryview(secrets.token_bytes(_KEY_BYTES)))
    finally:
        os.close(descriptor)
    try:
        # Unlike a rename, a link fails when another process was first: then its key counts.
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
