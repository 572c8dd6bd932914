"""Processes that a step starts anew, as joblib does: they are asked to tell what they read.

Such a process is sent what it shall do as a pickle. With it goes what has the process observe
itself; so nothing is asked of processes that are no Python, or do not have nbflow.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from nbflow.run.worker.observing import invited

#: The task's directory, those of nbflow itself, and where to tell.
Invitation: TypeAlias = Callable[[], tuple[str, tuple[str, ...], str]]

#: Imported behind the module of processes, and by nobody else.
LATE = "multiprocessing.reduction"
_PROCESSES = "multiprocessing.process"
_KEY = "nbflow"
_ACCEPTED = """
try:
    from nbflow.run.worker.observing.started import observe
except ImportError:
    pass
else:
    observe(*{told!r})
"""


@contextmanager
def watching(invite: Invitation) -> Iterator[None]:
    """Ask all processes that are started meanwhile; they begin where the task does."""
    global _letter
    letter = _letter = _Letter(invite)
    enclose()
    try:
        with invited.watching():
            yield
    finally:
        _letter = None
        letter.take_back()


def enclose() -> None:
    """Have new processes be sent the letter, if there can be any yet."""
    if _letter is not None and _PROCESSES in sys.modules:
        _letter.enclose(sys.modules[_PROCESSES])


class _Letter:
    """Is executed where it is unpickled."""

    def __init__(self, invite: Invitation) -> None:
        self._invite = invite
        self._enclosed: tuple[Any, str] | None = None

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str, dict[str, Any]]]:
        return exec, (_ACCEPTED.format(told=self._invite()), {})

    def enclose(self, processes: Any) -> None:
        """Put it among what each process gets from the one that makes it."""
        processes.current_process()._config[_KEY] = self
        self._enclosed = processes, processes.ORIGINAL_DIR
        # Where multiprocessing was imported: that may be a zygote's place.
        processes.ORIGINAL_DIR = str(Path.cwd())

    def take_back(self) -> None:
        """Leave everything as it was."""
        if self._enclosed is not None:
            processes, original = self._enclosed
            processes.ORIGINAL_DIR = original
            processes.current_process()._config.pop(_KEY, None)


_letter: _Letter | None = None
