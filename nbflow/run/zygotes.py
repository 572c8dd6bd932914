"""A zygote as its scheduler has it: started, told what to load, ended."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from nbflow.run import control
from nbflow.run.control import Record, Setting
from nbflow.run.surroundings import Surroundings

Method: TypeAlias = Literal["fork", "spawn"]

#: How long one may take to end its workers before it is ended itself.
_CLOSE_SECONDS = 2.0


class Zygote:
    """The process that workers are forked from.

    It gets ready by itself; it forks once it has been told what to load.

    Parameters
    ----------
    surroundings
        Environment and path of the workers.
    method
        ``fork``, or ``spawn`` for a fresh interpreter per task.
    """

    def __init__(self, surroundings: Surroundings, method: Method) -> None:
        self.surroundings = surroundings
        self.method = method
        ours, theirs = socket.socketpair()
        environment = surroundings.environment
        for_loading = {
            # Sets of strings are then in the same order in every worker and every run.
            "PYTHONHASHSEED": "0",
            # Threads of one worker must not spin while those of another compute: with as many
            # threads as ever, since their number can change results, that made models 3x slower.
            "OMP_WAIT_POLICY": environment.get("OMP_WAIT_POLICY", "PASSIVE"),
        }
        changed = {
            **for_loading,
            # Figures become displays, as under ipykernel.
            "MPLBACKEND": environment.get(
                "MPLBACKEND", "module://matplotlib_inline.backend_inline"
            ),
        }
        setting = Setting(
            method=method,
            control=theirs.fileno(),
            path=surroundings.path,
            environment={name: environment.get(name) for name in for_loading},
        )
        self._is_used = False
        #: Carries records both ways; it ends with the zygote.
        self.control = ours
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long
        with theirs:
            self._process = subprocess.Popen(
                control.command("main", setting),
                env={**environment, **changed},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                pass_fds=(theirs.fileno(),),
                # An interrupt at the terminal is the scheduler's to handle.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def load(self, modules: Sequence[str], directory: Path | None = None) -> None:
        """Have it import, in a directory, what is installed of these: workers have it at once."""
        self._is_used = True
        self._send([control.load(modules, directory)])

    def start(self, serial: int, connection: socket.socket) -> None:
        """Have it start a worker that serves a connection."""
        self._send([Record("start", serial).pack()], [connection.fileno()])

    def kill(self, serial: int) -> None:
        """Have it kill a worker."""
        self._send([Record("kill", serial).pack()])

    def complaint(self) -> str:
        """The last that it wrote to its stderr."""
        self._complaints.seek(0)
        return self._complaints.read()[-2000:].decode("utf-8", "replace").strip()

    def close(self) -> None:
        """End it, with its workers."""
        self.control.close()
        if not self._is_used:  # without workers: nobody waits until it is ready to hear of it
            self._process.kill()
        try:
            self._process.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def _send(self, data: list[bytes], descriptors: Sequence[int] = ()) -> None:
        with contextlib.suppress(OSError):  # a dead one is noticed by its socket
            socket.send_fds(self.control, data, descriptors)


#: One that was begun before it was known what for, until it is taken.
_ahead: Zygote | None = None


@contextmanager
def ahead() -> Iterator[None]:
    """Within it, the first zygote that is needed has begun already.

    It gets ready while the program is still reading what its workers are for.
    """
    global _ahead
    with contextlib.suppress(OSError):  # whoever needs one is told
        _ahead = Zygote(Surroundings.now(), "fork")
    try:
        yield
    finally:
        if _ahead is not None:
            _ahead.close()
            _ahead = None


def zygote(surroundings: Surroundings, method: Method) -> Zygote:
    """One that has these surroundings: the one begun ahead where it fits, else a new one."""
    global _ahead
    begun = _ahead
    if begun is None or (begun.surroundings, begun.method) != (surroundings, method):
        return Zygote(surroundings, method)
    _ahead = None
    return begun
