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

#: The task's directory, those of nbflow itself, and where to tell.
Invitation: TypeAlias = Callable[[], tuple[str, tuple[str, ...], str]]

#: Imported behind the module of processes, and by nobody else.
LATE = "multiprocessing.reduction"
_PROCESSES = "multiprocessing.process"
_KEY = "nbflow"
_ACCEPTED = """
try:
    from nbflow.run.worker.started import observe
except ImportError:
    pass
else:
    observe(*{told!r})
"""


@contextmanager
def watching(invite: Invitation) -> Iterator[None]:
    """Ask all processes that are started meanwhile; they begin where the task does."""
    global _letter
    _letter = _Letter(invite)
    enclose()
    try:
        yield
    finally:
        _letter = None
        if (settings := _settings()) is not None:
            settings.pop(_KEY, None)


def enclose() -> None:
    """Have new processes be sent the letter, if there can be any yet."""
    settings = _settings()
    if settings is not None and _letter is not None:
        settings[_KEY] = _letter
        # Where the process was when it imported multiprocessing: it may be a zygote's elsewhere.
        sys.modules[_PROCESSES].ORIGINAL_DIR = str(Path.cwd())  # type: ignore[attr-defined]


def _settings() -> dict[str, Any] | None:
    """What this process hands on to each process that it makes."""
    processes = sys.modules.get(_PROCESSES)
    if processes is None:
        return None
    settings: dict[str, Any] = processes.current_process()._config
    return settings


class _Letter:
    """Is executed where it is unpickled."""

    def __init__(self, invite: Invitation) -> None:
        self._invite = invite

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str, dict[str, Any]]]:
        return exec, (_ACCEPTED.format(told=self._invite()), {})


_letter: _Letter | None = None
