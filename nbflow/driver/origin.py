"""Who runs a notebook, on which machine, and what its repository holds; never a reason to fail.

The commit is read from git's files, in less than a millisecond. Whether files have been changed
since is git's to say: it is asked beside the run, and not waited for.
"""

from __future__ import annotations

import contextlib
import getpass
import re
import socket
import subprocess
from pathlib import Path

import msgspec

#: Seconds that the end of a run may wait for git's answer.
_PATIENCE = 0.005
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
#: Neither takes locks, nor runs what a repository's own configuration names.
_ASK = (
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "diff",
    "--quiet",
    "--no-ext-diff",
    "--no-textconv",
)


class Origin(msgspec.Struct, frozen=True):
    """Where a run comes from, as far as the system tells."""

    user: str = ""
    host: str = ""
    commit: str = ""


def origin(folder: Path) -> Origin:
    """Who asks, on which machine, and what is checked out where the notebook lies."""
    user = host = commit = ""
    with contextlib.suppress(KeyError, OSError, ImportError):
        user = getpass.getuser()
    with contextlib.suppress(OSError):
        host = socket.gethostname()
    with contextlib.suppress(OSError, ValueError):
        if (git := git_directory(folder)) is not None:
            found = _commit(git)
            # Whatever else may stand there, git is never given it.
            commit = found if _COMMIT.fullmatch(found) else ""
    return Origin(user, host, commit)


def git_directory(folder: Path) -> Path | None:
    """Git's own directory of the repository that a folder lies in, if it lies in one."""
    for place in (folder, *folder.parents):
        found = place / ".git"
        if found.is_dir():
            return found
        if found.is_file():  # of a work tree beside the repository, or of a submodule
            told = found.read_text("utf-8").removeprefix("gitdir:").strip()
            return place / told
    return None


def _commit(git: Path) -> str:
    head = (git / "HEAD").read_text("utf-8").strip()
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    common = git
    if (shared := git / "commondir").is_file():
        common = git / shared.read_text("utf-8").strip()
    for place in (git, common):
        if (file := place / name).is_file():
            return file.read_text("utf-8").strip()
    for line in (common / "packed-refs").read_text("utf-8").splitlines():
        commit, _, packed = line.partition(" ")
        if packed == name:
            return commit
    return ""


class Changes:
    """Whether tracked files differ from the commit: asked when made, in a process of git's.

    Parameters
    ----------
    folder
        The notebook's.
    commit
        What is checked out there; without one there is nothing to ask.
    """

    def __init__(self, folder: Path, commit: str) -> None:
        self._git: subprocess.Popen[bytes] | None = None
        if commit:
            with contextlib.suppress(OSError):
                self._git = subprocess.Popen(
                    ("git", "-C", str(folder), *_ASK, commit),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    # An interrupt from the keyboard is for the run.
                    start_new_session=True,
                )

    def answer(self) -> bool | None:
        """What git says; None if it does not know, or has not answered in time."""
        if self._git is None:
            return None
        try:
            code = self._git.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._git.kill()
            self._git.wait()
            return None
        return {0: False, 1: True}.get(code)
