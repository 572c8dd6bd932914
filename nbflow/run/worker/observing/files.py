"""The files that a task writes, on their way into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.files import DIRECTORY, LARGEST, on_disk
from nbflow.records.message import TaskRequest, Writing
from nbflow.records.problem import Problem
from nbflow.records.task import Change
from nbflow.run.worker.observing.contents import kind_of
from nbflow.run.worker.observing.observe import Observer
from nbflow.store.artifacts import Artifacts
from nbflow.store.codecs import encode_file

#: What a file held, and its bytes where it is small.
_Before: TypeAlias = tuple[Artifact | None, dict[Digest, bytes]]


class Kept:
    """Stores what files hold."""

    def __init__(self, directory: str, artifacts: Artifacts) -> None:
        self._directory = Path(directory)
        self._artifacts = artifacts

    def before(self, subject: str) -> str:
        """What a file holds before it is written, as text that any process of the task can tell."""
        data: dict[Digest, bytes] = {}
        return _as_text(self.stored(subject, data), data)

    def content(self, content: bytes) -> str:
        """What a file held, in the same way."""
        data: dict[Digest, bytes] = {}
        return _as_text(self.put(content, data), data)

    def stored(self, subject: str, data: dict[Digest, bytes]) -> Artifact | None:
        """What a file holds, if it is there and not too large; small content goes to ``data``."""
        path = self._directory / on_disk(subject)
        try:
            if not path.is_file() or path.stat().st_size > LARGEST:
                return None
            return self.put(path.read_bytes(), data, kind_of(str(path)))
        except OSError:
            return None

    def folder(self, subject: str, data: dict[Digest, bytes]) -> Artifact:
        """That a directory is there, or a link to one."""
        return self.put(DIRECTORY, data, kind_of(str(self._directory / on_disk(subject))))

    def put(self, content: bytes, data: dict[Digest, bytes], kind: str = "bytes") -> Artifact:
        """Store content; that of small files goes to ``data``."""
        artifact, small = self._artifacts.put(encode_file(content, kind))
        if small is not None:
            data[artifact.digest] = small
        return artifact


def _as_text(artifact: Artifact | None, data: dict[Digest, bytes]) -> str:
    return msgspec.json.encode((artifact, data)).decode()


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
        self.kept = Kept(request.cwd, artifacts)
        self._tell = tell
        #: What could not be stored.
        self.hazards: list[Problem] = []

    def writing(self, _: str, subject: str, before: str) -> None:
        """A file is about to be written for the first time; or was, by another process."""
        artifact, data = msgspec.json.decode(before, type=_Before)
        self._tell(Writing(self._request.task, subject, artifact, data))

    def changes(self, observer: Observer, data: dict[Digest, bytes]) -> Iterator[Change]:
        """What the task has made of files and directories; small content goes to ``data``."""
        for subject, is_there in sorted(observer.directories().items()):
            yield Change("file", subject, self.kept.folder(subject, data) if is_there else None)
        for subject in observer.removals():
            yield Change("file", subject, None)
        for path in observer.written():
            subject = observer.subject(path)
            artifact = self.kept.stored(subject, data)
            if artifact is not None:
                yield Change("file", subject, artifact, new=not observer.was_there(str(path)))
            else:
                self.hazards.append(self._not_kept(subject))

    def _not_kept(self, subject: str) -> Problem:
        body = self._request.body
        return Problem(
            code="file-not-kept",
            message=f"the file `{subject}`, which step `{body.step}` writes, is too large to keep",
            remedy="It is not put back when it is missing: split it, or write it elsewhere.",
            number=body.number,
            severity="warning",
        )
