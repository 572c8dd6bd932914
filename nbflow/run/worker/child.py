"""A worker process: one request comes in over its socket, its events go out, it ends."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import sys
import tempfile
import threading
import types
from typing import NoReturn

from nbflow.records.message import Failed, Output, Started, WorkerEvent
from nbflow.run import frames
from nbflow.run.worker import tracebacks
from nbflow.run.worker.carrying.results import peak_bytes
from nbflow.run.worker.observing import hook
from nbflow.run.worker.outputs import Content, Outputs
from nbflow.run.worker.shell import WorkerShell, close_input
from nbflow.run.worker.streams import DescriptorCapture, buffer_lines, install
from nbflow.run.worker.task import Task
from nbflow.store.codecs import encode

#: How other programs write in a notebook: in colour, and without a pager.
_AS_IN_A_KERNEL = {
    **dict.fromkeys(("CLICOLOR", "FORCE_COLOR", "CLICOLOR_FORCE"), "1"),
    **dict.fromkeys(("PAGER", "GIT_PAGER"), "cat"),
    "TERM": "xterm-color",
}

#: What a step registered for its process's exit may take so long; then the process is ended.
_EXIT_SECONDS = 2


def prepare() -> WorkerShell:
    """Make this process ready for tasks: what every worker needs, and costs time."""
    hook.install()
    close_input()
    buffer_lines()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.argv = [""]
    shell = WorkerShell.create(types.ModuleType("__main__"))
    # `get_ipython` is there from now on, also while packages are imported outside of cells.
    shell.builtin_trap.__enter__()
    # Its clean-up would run after the task's last word.
    atexit.unregister(shell.atexit_operations)
    # The first cell makes IPython import what it left for later.
    shell.run_cell("None", store_history=False)
    # The first value that is pickled makes the store import what that takes.
    encode(object())
    os.environ.update(_AS_IN_A_KERNEL)
    _settle()
    return shell


def _settle() -> None:
    """Settle what a kernel has settled before its first cell."""
    tempfile.gettempdir()


def serve(connection: socket.socket, shell: WorkerShell) -> NoReturn:
    """Carry out the request that comes over a socket; the process ends with it.

    The process leads a session of its own: whatever the task starts ends with it.
    """
    worker = _Worker(connection)
    try:
        request = frames.request(frames.receive(connection))
    except EOFError:
        os._exit(0)
    try:
        worker.begin(request.task)
        if request.env:
            os.environ.update(request.env)
            tempfile.tempdir = None
            _settle()
        sys.path.insert(0, "")
        try:
            os.chdir(request.cwd)
        except OSError as error:
            why = f"the working directory {request.cwd} cannot be entered: {error.strerror}"
            worker.end(Failed(task=request.task, error=tracebacks.died(why)))
        worker.end(Task(request, shell, worker.outputs, worker.settle, worker.tell).run())
    except BaseException as error:  # a fault of ours: it must be told, not die with the process
        text = tracebacks.describe(error, shell)
        worker.end(Failed(task=request.task, error=text, peak_bytes=peak_bytes()))


class _Worker:
    """The events of one task, on their way out."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._open = True
        self._task = ""
        self.outputs = Outputs(self._output, self._wake)
        self._capture = DescriptorCapture(self.outputs, connection.fileno(), self._lost)

    def begin(self, task: str) -> None:
        self._task = task
        self._send(Started(task=task, pid=os.getpid()))
        install(self.outputs)
        self._capture.start()
        os.register_at_fork(after_in_child=self._detach)

    def tell(self, event: WorkerEvent) -> None:
        self._send(event)

    def settle(self) -> None:
        self._capture.finish()

    def end(self, event: WorkerEvent) -> NoReturn:
        """Send the last event, run what the step left for the exit, and end the process."""
        with self._sending:
            self._open = False
            try:
                self._connection.sendall(frames.frame(event))
            except OSError:
                _end_session()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_EXIT_SECONDS)
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        os._exit(0)

    def _output(self, content: Content) -> None:
        self._send(Output(task=self._task, content=content))

    def _send(self, event: WorkerEvent) -> None:
        with self._sending:
            if self._open:
                try:
                    self._connection.sendall(frames.frame(event))
                except OSError:
                    _end_session()

    def _wake(self) -> None:
        self._capture.wake()

    def _lost(self) -> None:
        # The scheduler is gone: nobody wants the result, and nobody else will end this.
        if self._open:
            _end_session()

    def _detach(self) -> None:
        """In a process that the step forked: its events are nobody's."""
        self._open = False
        self._sending = threading.Lock()
        self.outputs.lock = threading.RLock()
        self._connection.close()


def _end_session() -> NoReturn:
    os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
