"""From a value to the bytes that are stored, and back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from blake3 import blake3

from nbflow.errors import CorruptArtifactError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.store import plain
from nbflow.store.garbage import uncollected
from nbflow.store.kinds import package_of
from nbflow.store.layout import Buffer, pack, unpack
from nbflow.store.summaries import summarise, type_name

#: From here on hashing with all cores is worth starting them.
_MANY_BYTES = 1 << 20

_parts_decoder = msgspec.json.Decoder(tuple[Artifact, ...])


class Encoded(msgspec.Struct, frozen=True):
    """A value ready to be stored."""

    artifact: Artifact
    #: Their concatenation is what is stored, and what the digest is of.
    buffers: tuple[Buffer, ...]

    @property
    def size(self) -> int:
        """Length of what is stored."""
        return sum(len(buffer) for buffer in self.buffers)


def encode(
    value: object, namespace: Mapping[str, Any] | None = None, name: str = "value"
) -> Encoded:
    """Encode a value by the first codec whose round trip is exact for it.

    Parameters
    ----------
    namespace
        The globals of the notebook's own functions and classes, where the value lives.
    name
        What errors call the value.

    Raises
    ------
    UncarriableError
        Something in the value belongs to this process alone; it says what and where.
    """
    try:
        return encoded(value, "json", None, [plain.encode(value)])
    except plain.NotPlainError:
        pass
    match package_of(type(value)):
        case "numpy":
            from nbflow.store import arrays

            if array := arrays.encode(value):
                return encoded(value, "numpy", *array)
        case "polars" | "pyarrow":
            from nbflow.store import tables

            if table := tables.encode(value):
                return encoded(value, "arrow", *table)
    from nbflow.store import pickling

    with uncollected():
        pickled = pickling.dump(value, namespace, name)
    return encoded(value, "pickle", pickled.details, pickled.buffers, pickled.free)


def encode_plain(value: object) -> Encoded:
    """Encode a plain value of any size as JSON, so that it can be read without unpickling.

    Raises
    ------
    NotPlainError
        Something in the value is not a scalar or a plain container.
    """
    return encoded(value, "json", None, [plain.encode(value, 1 << 40, any_nan=True)])


def encode_file(content: Buffer, kind: str = "bytes") -> Encoded:
    """Encode what a file holds: as it is, so that the digest is the content's own.

    Parameters
    ----------
    kind
        What it is beside its content, where it is more.
    """
    artifact = Artifact(
        digest=_digest([content]),
        codec="file",
        bytes=len(content),
        type=kind,
        summary=f"file, {len(content)} bytes",
    )
    return Encoded(artifact, (content,))


def encode_splits(parts: Sequence[Artifact]) -> Encoded:
    """Encode the list whose items are stored already, as artifacts of their own."""
    buffers = pack("splits", None, [msgspec.json.encode(list(parts))])
    artifact = Artifact(
        digest=_digest(buffers),
        codec="splits",
        bytes=sum(part.bytes for part in parts),
        type="list",
        summary=f"list[{len(parts)}]",
        free=tuple(sorted({free for part in parts for free in part.free})),
    )
    return Encoded(artifact, tuple(buffers))


def decode(
    data: memoryview,
    artifact: Artifact,
    namespace: dict[str, Any] | None = None,
    live: bool = False,
) -> object:
    """The value of stored bytes whose digest has been verified.

    Parameters
    ----------
    data
        Writable memory that is the value's own from now on: arrays are views of it.
    namespace
        What becomes the globals of the notebook's own functions in the value.
    live
        Whether steps run there: what a class has made is that of the class there, then.
    """
    if artifact.codec == "file":
        return bytes(data)
    header, buffers = unpack(data)
    if header.codec != artifact.codec:
        raise CorruptArtifactError(f"is not of codec {artifact.codec}", artifact.digest)
    match header.codec:
        case "json":
            return plain.decode(buffers[0])
        case "numpy":
            from nbflow.store import arrays

            return arrays.decode(header.details, buffers)
        case "arrow":
            from nbflow.store import tables

            return tables.decode(header.details, buffers)
        case _:
            from nbflow.store import pickling

            with uncollected():
                return pickling.load(header.details, buffers, namespace, live)


def decode_splits(data: memoryview) -> tuple[Artifact, ...]:
    """The artifacts of the items of a ``splits`` artifact."""
    _, buffers = unpack(data)
    return _parts_decoder.decode(buffers[0])


def digest_of(data: Buffer) -> Digest:
    """Digest of stored bytes, with all cores when there are many."""
    return _digest([data])


def encoded(
    value: object,
    codec: str,
    details: object,
    buffers: Sequence[Buffer],
    free: tuple[str, ...] = (),
) -> Encoded:
    """A value that a codec has turned into buffers, with its digest."""
    packed = tuple(pack(codec, details, buffers))
    artifact = Artifact(
        digest=_digest(packed),
        codec=codec,
        bytes=sum(len(buffer) for buffer in packed),
        type=type_name(value),
        summary=summarise(value),
        free=free,
    )
    return Encoded(artifact, packed)


def _digest(buffers: Sequence[Buffer]) -> Digest:
    many = sum(len(buffer) for buffer in buffers) >= _MANY_BYTES
    hasher = blake3(max_threads=blake3.AUTO if many and _threads_are_ours() else 1)
    for buffer in buffers:
        hasher.update(buffer)
    return Digest(hasher.hexdigest())


def _threads_are_ours() -> bool:
    # BLAKE3's threads do not survive a fork, and the child would wait for them forever.
    global _thread_owner
    _thread_owner = _thread_owner or os.getpid()
    return _thread_owner == os.getpid()


#: The process that first hashed with threads; 0 before.
_thread_owner = 0
