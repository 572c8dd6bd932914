"""The files of large artifacts, named by the digest of their content; safe in a forked child."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbflow.errors import CorruptArtifactError, StoreError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.store import disk
from nbflow.store.codecs import Encoded, decode, decode_splits, digest_of, encode

#: Up to this many bytes an artifact has no file: its bytes travel with the task's record.
SMALL = 65536


class _Memory(bytearray):
    """Bytes in which values have been loaded: nobody's own (see `buffers.owner_of`)."""


class Artifacts:
    """The artifacts under one directory.

    Responsibilities: a file has its name only once it is complete; bytes are never decoded before
    they have been found to have their digest.

    Parameters
    ----------
    live
        Whether steps run where values are loaded (see `pickling.load`).
    """

    def __init__(self, root: Path, live: bool = False) -> None:
        self.root = root
        self._live = live
        #: Files found intact: digest to what identifies the file's state.
        self._verified: dict[Digest, tuple[int, ...]] = {}

    def store(
        self, value: object, namespace: Mapping[str, Any] | None = None, name: str = "value"
    ) -> tuple[Artifact, bytes | None]:
        """Store a value; the bytes of a small one are handed back instead of written.

        Raises
        ------
        UncarriableError
            The value belongs to this process alone.
        StoreError
            The disk is full, read-only or failing; nothing half-written is left.
        """
        return self.put(encode(value, namespace, name))

    def put(self, encoded: Encoded) -> tuple[Artifact, bytes | None]:
        """Store an encoded value, like :meth:`store`."""
        if encoded.size <= SMALL:
            return encoded.artifact, b"".join(encoded.buffers)
        self._write(encoded)
        return encoded.artifact, None

    def load(
        self,
        artifact: Artifact,
        data: Mapping[Digest, bytes],
        namespace: dict[str, Any] | None = None,
    ) -> object:
        """The value of an artifact.

        Parameters
        ----------
        data
            Content of the small artifacts, by digest.
        namespace
            What becomes the globals of the notebook's own functions in the value.

        Raises
        ------
        CorruptArtifactError
            The content is missing or damaged; nothing of it has been decoded. It is put aside.
        """
        content = self.read(artifact.digest, data)
        if artifact.codec == "splits":
            return self._load_parts(decode_splits(content), data, namespace)
        return decode(content, artifact, namespace, self._live)

    def _load_parts(
        self,
        parts: Iterable[Artifact],
        data: Mapping[Digest, bytes],
        namespace: dict[str, Any] | None,
    ) -> list[object]:
        values: list[object] = []
        lost: list[str] = []
        for part in parts:
            try:
                values.append(self.load(part, data, namespace))
            except CorruptArtifactError as error:
                lost += error.digests
        if lost:  # all at once, so that all can be made again at once
            raise CorruptArtifactError("is missing or damaged", *lost)
        return values

    def read(self, digest: Digest, data: Mapping[Digest, bytes]) -> memoryview:
        """The verified bytes of an artifact, in writable memory of this process alone."""
        small = data.get(digest)
        if small is None:
            return self._map(digest)
        if digest_of(small) != digest:
            raise CorruptArtifactError("is damaged", digest)
        return memoryview(_Memory(small))

    def has(self, digest: Digest) -> bool:
        """Whether there is a file of this digest; its content is verified when it is loaded."""
        return self.path(digest).is_file()

    def path(self, digest: Digest) -> Path:
        """Where the file of this digest lies or would lie."""
        return self.root / digest[:2] / digest[2:]

    def quarantine(self, digest: Digest) -> None:
        """Put a damaged file aside, so that nobody meets it again."""
        self._verified.pop(digest, None)
        aside = self.root / "quarantine" / digest
        with contextlib.suppress(OSError):
            aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                # What was put aside before may be of another kind: nothing takes its place then.
                aside.rename(aside.with_name(f"{digest}-{uuid.uuid4().hex}"))
            self.path(digest).replace(aside)

    def _write(self, encoded: Encoded) -> None:
        target = self.path(encoded.artifact.digest)
        if self._is_there(target, encoded.size):
            return
        temporary = self.root / "temporary" / uuid.uuid4().hex
        try:
            for directory in (target.parent, temporary.parent):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            disk.write_file(temporary, target, encoded.buffers)
        except OSError as error:
            raise StoreError(
                f"cannot write {target}: {error.strerror or error}",
                "free space there or make it writable, or choose another store with --store",
            ) from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()

    def _is_there(self, target: Path, size: int) -> bool:
        try:
            status = target.lstat()
            if stat.S_ISDIR(status.st_mode):
                # Nothing of ours: a file cannot take its place while it lies there.
                self.quarantine(Digest(target.parent.name + target.name))
            if not stat.S_ISREG(status.st_mode) or status.st_size != size:
                return False
            # A fresh time keeps what is in use from being collected.
            os.utime(target)
        except OSError:
            return False
        return True

    def _map(self, digest: Digest) -> memoryview:
        try:
            mapped, status = disk.map_private(self.path(digest))
        except FileNotFoundError:
            raise CorruptArtifactError("is missing", digest) from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise self._damaged(digest) from error
            raise StoreError(
                f"cannot read {self.path(digest)}: {error.strerror}", "make it readable"
            ) from error
        except ValueError as error:
            # An empty file cannot be mapped.
            raise self._damaged(digest) from error
        times = (status.st_mtime_ns, status.st_ctime_ns)
        state = (status.st_dev, status.st_ino, status.st_size, *times)
        view = memoryview(mapped)
        if self._verified.get(digest) != state:
            if digest_of(view) != digest:
                raise self._damaged(digest)
            self._verified[digest] = state
        return view

    def _damaged(self, digest: Digest) -> CorruptArtifactError:
        self.quarantine(digest)
        return CorruptArtifactError("is damaged", digest)
