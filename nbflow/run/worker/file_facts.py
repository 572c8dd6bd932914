"""The facts about files that a task has read."""

from __future__ import annotations

import time
from collections.abc import Mapping

from nbflow.records.digest import Digest
from nbflow.records.files import CHANGED
from nbflow.records.problem import Problem
from nbflow.records.task import Fact
from nbflow.run.worker.contents import Signature, at_rest, digest_in_state, signature_of
from nbflow.run.worker.results import changed_while_read


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
