"""The errors a user can meet: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import NoReturn


class NbflowError(Exception):
    """A mistake or a misfortune that nbflow can name.

    Parameters
    ----------
    message
        What is wrong and where, in one or two lines.
    remedy
        What to do about it, in one line; empty when the message says it.
    """

    #: Exit code of the command line when this error ends a command.
    exit_code = 2

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class NotebookError(NbflowError):
    """The notebook cannot be read."""


class FlowError(NbflowError):
    """The notebook's flow has problems, or the request does not fit it."""


class ParameterError(NbflowError):
    """A parameter's value does not fit its type, or no parameter has that name."""


class StoreError(NbflowError):
    """The store cannot be read or written."""


class CorruptArtifactError(StoreError):
    """An artifact's bytes are missing or do not have its digest; its step runs again.

    Parameters
    ----------
    digests
        The artifacts it is about.
    """

    def __init__(self, what: str, *digests: str) -> None:
        more = f" (and {len(digests) - 1} more)" if len(digests) > 1 else ""
        super().__init__(
            f"artifact {digests[0][:12]}{more} {what}",
            "Run the notebook again: what makes it runs again.",
        )
        self.digests = digests


class UncarriableError(NbflowError):
    """A value cannot be carried from one process to another.

    Parameters
    ----------
    path
        Attribute path inside the value to what cannot be carried (``"model.session"``).
    type_name
        The type of what stands at that path (``"sqlite3.Connection"``).
    """

    def __init__(self, path: str, type_name: str, why: str) -> None:
        super().__init__(f"`{path}` ({type_name}) cannot be carried to another process: {why}")
        self.path = path
        self.type_name = type_name
        self.why = why


class ReplayError(NbflowError):
    """A step cannot be carried out once more within another one."""


def command(*words: str | Path) -> str:
    """A command of nbflow as one can paste it into a shell, with paths as they are from here."""
    return shlex.join(["nbflow", *(w if isinstance(w, str) else _from_here(w) for w in words)])


def _from_here(path: Path) -> str:
    near = os.path.relpath(path)
    return os.path.normpath(path) if near.startswith("..") else near


class AskedToEnd(KeyboardInterrupt):
    """Somebody wants the process to end, as by Ctrl-C; the signal says how."""

    def __init__(self, signal: int) -> None:
        super().__init__()
        self.signal = signal


def end_in_order(signal: int, _frame: object) -> NoReturn:
    """A signal's handler, for a process that ends in order when it comes."""
    raise AskedToEnd(signal)
