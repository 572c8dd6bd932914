"""Python programs that a step starts: they are asked, by their environment, to tell what they read.

The step itself does not see that in its own. A Python or a shell that is given an environment of
its own is asked as well; nobody is who only shows what there is.
"""

# Plain strings, as the audit hook has them.
# ruff: noqa: PTH118, PTH119, PTH120

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

#: What a Python imports at its start lies here.
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "python")  # noqa: PTH100
_TELL, _PATH = "NBFLOW_TELL", "PYTHONPATH"
#: Programs that are Pythons, or may start one.
_ASKED = (b"python", b"sh", b"bash", b"zsh", b"dash")


@contextmanager
def watching() -> Iterator[None]:
    """Meanwhile programs are asked who are given an environment of their own, too."""
    plain = subprocess._fork_exec  # type: ignore[attr-defined]

    def fork_exec(
        words: Any, programs: Sequence[bytes], close: Any, kept: Any, folder: Any, *rest: Any
    ) -> Any:
        variables, *others = rest
        if _invitation and variables is not None and _is_asked(programs):
            variables = _with_invitation(variables)
        return plain(words, programs, close, kept, folder, variables, *others)

    subprocess._fork_exec = fork_exec  # type: ignore[attr-defined]
    try:
        yield
    finally:
        subprocess._fork_exec = plain  # type: ignore[attr-defined]
        take_back()


def invite(directory: str, address: str, ignored: tuple[str, ...]) -> None:
    """A program is about to be started.

    Parameters
    ----------
    directory
        The task's own.
    address
        Where it is to tell.
    ignored
        What the paths begin with that are nobody's business.
    """
    global _invitation
    _invitation = "\n".join((os.path.join(directory, ""), address, *ignored))
    path = os.environ.get(_PATH)
    os.putenv(_TELL, _invitation)
    os.putenv(_PATH, _with_folder(path))


def take_back() -> None:
    """Programs are not asked any longer."""
    global _invitation
    if _invitation:
        _invitation = ""
        os.unsetenv(_TELL)
        if (path := os.environ.get(_PATH)) is None:
            os.unsetenv(_PATH)
        else:
            os.putenv(_PATH, path)


#: What the next programs are told.
_invitation = ""


def _with_folder(path: str | None) -> str:
    return os.pathsep.join((_FOLDER, path)) if path else _FOLDER


def _is_asked(programs: Sequence[bytes]) -> bool:
    return any(os.path.basename(each).startswith(_ASKED) for each in programs)


def _with_invitation(variables: Sequence[bytes]) -> list[bytes]:
    """An environment as a program gets it, with the invitation."""
    start = f"{_PATH}=".encode()
    paths = [os.fsdecode(each[len(start) :]) for each in variables if each.startswith(start)]
    told = {_TELL: _invitation, _PATH: _with_folder(paths[0] if paths else None)}
    kept = [each for each in variables if not each.startswith((start, f"{_TELL}=".encode()))]
    return kept + [os.fsencode(f"{name}={value}") for name, value in told.items()]
