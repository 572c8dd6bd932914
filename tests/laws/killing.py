"""A command in a process of its own, the processes it has started, and how to kill one of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

Victim: TypeAlias = Literal["worker", "zygote", "command"]

ROOT = Path(__file__).parent.parent.parent
COMMAND = "from nbflow.cli import main; main(prog_name='nbflow')"
_COMPLETED = re.compile(r"✔ (\S+) completed")
_MARK = "NBFLOW_TEST_SESSION"


@dataclass
class Command:
    """One ``nbflow`` command: what it has told so far, and its processes."""

    process: subprocess.Popen[str]
    #: What the environment of all its processes holds.
    mark: str
    lines: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _ended: bool = False

    @classmethod
    def start(cls, *arguments: str) -> Command:
        mark = uuid.uuid4().hex
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), _MARK: mark},
            start_new_session=True,
        )
        made = cls(process, mark)
        threading.Thread(target=made._read, daemon=True).start()
        return made

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                with self._news:
                    self.lines.append(line)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait_lines(self, count: int) -> None:
        """Wait until it has told so many lines, or has ended."""
        with self._news:
            self._news.wait_for(lambda: self._ended or len(self.lines) >= count, timeout=60)

    def wait(self) -> int:
        """Wait for its end; its exit code."""
        code = self.process.wait(60)
        with self._news:
            assert self._news.wait_for(lambda: self._ended, timeout=60)
        return code

    def completed(self) -> list[str]:
        """The tasks that it has told to have completed."""
        return [match[1] for line in self.lines if (match := _COMPLETED.search(line))]

    def kill(self, victim: Victim) -> bool:
        """Kill one process of that kind; False when there is none."""
        for pid, kind in self.alive().items():
            if kind == victim:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                return True
        return False

    def alive(self) -> dict[int, Victim]:
        """Its processes that live, and what each of them is."""
        found: dict[int, Victim] = {}
        for directory in Path("/proc").iterdir():
            if not directory.name.isdigit():
                continue
            try:
                if f"{_MARK}={self.mark}".encode() not in (directory / "environ").read_bytes():
                    continue
                command = (directory / "cmdline").read_bytes()
                parent = int((directory / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            pid = int(directory.name)
            if pid == self.process.pid:
                found[pid] = "command"
            elif b"zygote import main" in command and parent == self.process.pid:
                found[pid] = "zygote"
            else:
                found[pid] = "worker"
        return found

    def orphans(self, seconds: float = 2.0) -> dict[int, Victim]:
        """What still lives when so much time has passed since the command's end."""
        deadline = time.monotonic() + seconds
        while (left := self.alive()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return left
