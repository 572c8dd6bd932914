"""The files that a task writes, on their way into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.files import DIRECTORY, LARGEST
from nbflow.records.message import TaskRequest, Writing
from nbflow.records.problem import Problem
from nbflow.records.task import Change
from nbflow.run.worker.observe import Observer
from nbflow.store.artifacts import Artifacts
from nbflow.store.codecs import encode_file


class Files:
    """Stores what a task leaves in files, and what was in them before.

    Parameters
    ----------
    tell
        Takes what the scheduler has to know before a file is written.
    """

    def __init__(
        self, request: TaskRequest, artifacts: Artifacts, tell: Callable[[Writing], None]
    ) -> None:
        self._request = request
        self._artifacts = artifacts
        self._tell = tell
        self._directory = Path(request.cwd)
        #: What could not be stored.
        self.hazards: list[Problem] = []

    def writing(self, subject: str) -> None:
        """A file is about to be written for the first time."""
        data: dict[Digest, bytes] = {}
        before = self._stored(subject, data)
        self._tell(Writing(self._request.task, subject, before, data))

    def changes(self, observer: Observer, data: dict[Digest, bytes]) -> Iterator[Change]:
        """What the task has made of files and directories; small content goes to ``data``."""
        for subject, is_there in sorted(observer.directories().items()):
            yield Change("file", subject, self._put(DIRECTORY, data) if is_there else None)
        for subject in observer.removals():
            yield Change("file", subject, None)
        for path in observer.written():
            subject = observer.subject(path)
            artifact = self._stored(subject, data)
            if artifact is not None:
                yield Change("file", subject, artifact, new=not observer.was_there(path))
            else:
                self.hazards.append(self._not_kept(subject))

    def _stored(self, subject: str, data: dict[Digest, bytes]) -> Artifact | None:
        path = self._directory / subject
        try:
            if not path.is_file() or path.stat().st_size > LARGEST:
                return None
            return self._put(path.read_bytes(), data)
        except OSError:
            return None

    def _put(self, content: bytes, data: dict[Digest, bytes]) -> Artifact:
        artifact, small = self._artifacts.put(encode_file(content))
        if small is not None:
            data[artifact.digest] = small
        return artifact

    def _not_kept(self, subject: str) -> Problem:
        body = self._request.body
        return Problem(
            code="file-not-kept",
            message=f"the file `{subject}`, which step `{body.step}` writes, is too large to keep",
            remedy="It is not put back when it is missing: split it, or write it elsewhere.",
            number=body.number,
            severity="warning",
        )
