"""The command line in a process of its own, on a notebook made for one test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tests.notebooks import notebook, write

ROOT = Path(__file__).parent.parent.parent
COMMAND = "from nbflow.cli import main; main(prog_name='nbflow')"
#: Another user than root, who may write everything.
NOBODY = 65534
NOBODYS = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@dataclass(frozen=True)
class Ended:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The JSON object on stdout."""
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed

    @property
    def errors(self) -> str:
        """What stands on stderr, in one line."""
        return " ".join(self.err.split())


@dataclass(frozen=True)
class Place:
    """A folder with one notebook, in which commands are run."""

    folder: Path

    @property
    def notebook(self) -> Path:
        return self.folder / "bad.ipynb"

    @property
    def store(self) -> Path:
        return self.folder / ".nbflow"

    def write(self, *cells: NotebookNode | str) -> None:
        write(notebook(*cells), self.notebook)

    def run(self, *arguments: str) -> Ended:
        """``nbflow run`` on the notebook."""
        return self.command("run", self.notebook.name, *arguments)

    def command(self, *arguments: str, before: tuple[str, ...] = (), **environment: str) -> Ended:
        """Any command, perhaps run by another one."""
        process = self.start(*arguments, before=before, **environment)
        out, errors = process.communicate(timeout=100)
        # Whatever happens: no traceback of ours.
        assert "/nbflow/" not in errors.replace(str(self.folder), ""), errors
        assert "Traceback (most recent call last):" not in errors, errors
        return Ended(process.returncode, out, errors)

    def start(
        self, *arguments: str, before: tuple[str, ...] = (), **environment: str
    ) -> subprocess.Popen[str]:
        """A command that has not ended yet."""
        return subprocess.Popen(
            [*before, sys.executable, "-c", COMMAND, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **environment},
        )

    def as_nobody(self, *arguments: str) -> Ended:
        """The same, by a user who is not root."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        os.chown(home, NOBODY, NOBODY)
        return self.command(*arguments, before=tuple(NOBODYS), HOME=str(home))


def reachable_by_nobody(place: Place) -> bool:
    """Whether another user can start nbflow here at all."""
    try:
        return place.as_nobody("--version").code == 0
    except (AssertionError, OSError):
        return False
