"""The facts about files that a task has read."""

# Plain strings, as the observer has them.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from nbflow.records.digest import Digest
from nbflow.records.files import CHANGED, PIPE, is_directory, on_disk
from nbflow.records.problem import Problem
from nbflow.records.task import Fact
from nbflow.run.worker.carrying.results import changed_while_read, read_from_a_pipe
from nbflow.run.worker.observing.contents import (
    Signature,
    at_rest,
    digest_in_state,
    signature_of,
    what_is_at,
)


class Watched:
    """Files that a task may read or write unseen, as libraries in other languages do.

    Parameters
    ----------
    held
        Digests of what they hold, by subject; those of directories do not count.
    reads
        Subjects of those that it reads as far as its source shows.
    """

    def __init__(self, directory: str, held: Mapping[str, str], reads: Iterable[str]) -> None:
        #: What they hold when the task begins, by path.
        self.held = {
            os.path.join(directory, on_disk(subject)): digest
            for subject, digest in held.items()
            if not is_directory(subject)
        }
        self.states = {path: signature_of(path) for path in self.held}
        paths = (os.path.join(directory, on_disk(subject)) for subject in reads)
        self.shown = [path for path in paths if path in self.held]

    def changed(self) -> set[str]:
        """Those that are in another state by now."""
        return {path for path, before in self.states.items() if signature_of(path) != before}

    def fact(self, path: str, subject: str) -> Fact:
        """The fact about one of them that was read in that state."""
        held = self.held[path]
        return Fact("file" if held else "absent", subject, held)


class FileFacts:
    """Looks at the files when the task has ended.

    Parameters
    ----------
    known
        States of files that are known, and the digests of what they hold, by subject.
    """

    def __init__(self, known: Mapping[str, tuple[int, str]]) -> None:
        self._known = known
        self._begun = time.time_ns()
        #: What makes the task's result doubtful.
        self.hazards: list[Problem] = []
        self._pipes: dict[str, None] = {}

    def is_a_pipe(self, path: str) -> bool:
        """Whether what is read there is gone then; a pipe or a device is noted."""
        if what_is_at(path) == PIPE:
            self._pipes[path] = None
        return path in self._pipes

    def of_pipes(self, subject: Callable[[str], str], own: Container[str]) -> Iterator[Fact]:
        """The facts about those of them that the task did not fill itself."""
        for path in self._pipes:
            if path not in own:
                self.hazards.append(read_from_a_pipe(subject(path)))
                yield Fact("file", subject(path), PIPE)

    def of(self, path: str, subject: str, before: Signature) -> Fact:
        """The fact about a file that was in this state when it was first opened."""
        digest = self._digest(path, subject, before)
        if digest is not None:
            return Fact("file", subject, digest, before[2], at_rest(before, self._begun))
        self.hazards.append(changed_while_read(subject))
        return Fact("file", subject, CHANGED)

    def _digest(self, path: str, subject: str, before: Signature) -> Digest | None:
        state, digest = self._known.get(subject, (0, ""))
        if state and state == hash(before):
            return Digest(digest) if signature_of(path) == before else None
        return digest_in_state(path, before)
