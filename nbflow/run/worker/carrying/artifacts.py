"""A task's artifacts: what it was given is loaded, what it makes is stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.message import TaskRequest
from nbflow.store.artifacts import Artifacts
from nbflow.store.codecs import Encoded, decode_splits, encode
from nbflow.store.joint import load_all


class TaskArtifacts:
    """Small ones come with the request, and go with the task's events.

    Parameters
    ----------
    request
        Says where the others are.
    namespace
        The task's: definitions of the notebook are found there.
    data
        Takes the content of small artifacts that are stored.
    """

    def __init__(
        self, request: TaskRequest, namespace: dict[str, Any], data: dict[Digest, bytes]
    ) -> None:
        self.stored = Artifacts(Path(request.artifacts), live=True)
        self._request = request
        self._namespace = namespace
        self._data = data

    def load(self, artifact: Artifact, namespace: dict[str, Any] | None = None) -> object:
        """The value, as it was stored."""
        return self.stored.load(artifact, self._request.data, namespace or self._namespace)

    def load_all(self, artifacts: Mapping[str, Artifact]) -> dict[str, Any]:
        """Values by name; those that were stored together share what they shared."""
        return load_all(artifacts, self.load)

    def parts_of(self, splits: Artifact) -> tuple[Artifact, ...]:
        """The artifacts of a list of which each split has given one item."""
        return decode_splits(self.stored.read(splits.digest, self._request.data))

    def store(self, value: object, name: str) -> Artifact:
        """Store a value.

        Raises
        ------
        UncarriableError
            It holds something that belongs to this process alone.
        """
        return self.put(encode(value, self._namespace, name))

    def put(self, encoded: Encoded) -> Artifact:
        """Store what is encoded already."""
        artifact, data = self.stored.put(encoded)
        if data is not None:
            self._data[artifact.digest] = data
        return artifact
