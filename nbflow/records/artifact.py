"""An immutable stored value, named by the digest of its content."""

from __future__ import annotations

import msgspec

from nbflow.records.digest import Digest


class Artifact(msgspec.Struct, frozen=True):
    """Where a value is found again, and what to show of it without loading it."""

    #: BLAKE3 of the encoded content, codec included.
    digest: Digest
    #: Codec that wrote it: ``json``, ``numpy``, ``arrow``, ``pickle``, ``splits``,
    #: ``joint``.
    codec: str
    #: Encoded size in bytes; of a ``splits`` artifact, that of its parts.
    bytes: int
    #: Qualified type, e.g. ``"numpy.ndarray"``; builtins bare.
    type: str
    #: Type with shape or length, for people: ``"int64[200000]"``, ``"DataFrame[1000 × 5]"``.
    summary: str
    #: Global names that functions inside the value read when called.
    free: tuple[str, ...] = ()
    #: A pickle of several names of one task that share objects, this one's among them: whoever
    #: reads two of them takes both from there.
    joint: Artifact | None = None
