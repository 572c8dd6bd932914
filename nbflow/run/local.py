"""The local executor: each task in a process of its own on this machine."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbflow.records.message import Failed, Finished, Started, TaskRequest, WorkerEvent
from nbflow.records.task import ErrorText
from nbflow.run import control, frames
from nbflow.run.control import Record
from nbflow.run.executor import Events
from nbflow.run.surroundings import Surroundings
from nbflow.run.zygotes import Method, Zygote, zygote

_READ = 1 << 18


@dataclass
class _Running:
    """One task that has been started."""

    serial: int
    request: TaskRequest
    connection: socket.socket
    #: What is left of the request to send.
    outgoing: memoryview
    splitter: frames.Splitter = field(default_factory=frames.Splitter)
    pid: int = 0
    cancelled: bool = False
    #: Whether the terminal event has been put: there is exactly one.
    ended: bool = False


class LocalExecutor:
    """Runs each task in a worker process, forked from a zygote or freshly started.

    Responsibilities: one thread does all the waiting; each started task gets its one terminal
    event, however its process ends; a zygote that dies takes only its running tasks along.

    Parameters
    ----------
    events
        Where the events of all tasks go.
    preload
        Modules that the flow's steps import; installed ones are imported once, ahead.
    method
        ``fork``, or ``spawn`` for a fresh interpreter per task.
    surroundings
        Environment and path of the workers; those of this process by default.
    directory
        Where modules are imported ahead: some of them look there for their configuration.

    Returns at once: the zygote gets ready meanwhile.
    """

    def __init__(
        self,
        events: Events,
        preload: Sequence[str] = (),
        method: Method = "fork",
        surroundings: Surroundings | None = None,
        directory: Path | None = None,
    ) -> None:
        self._events = events
        self._preload = tuple(preload)
        self._method: Method = method if hasattr(os, "fork") else "spawn"
        self._surroundings = surroundings or Surroundings.now()
        self._directory = directory
        self._commands: deque[Callable[[], None]] = deque()
        self._running: dict[int, _Running] = {}
        self._serial = 0
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._woken)
        self._closing = False
        self._zygote: Zygote | None = None
        self._start_zygote()
        _executors.add(self)
        self._thread = threading.Thread(target=self._loop, name="nbflow local", daemon=True)
        self._thread.start()

    def start(self, request: TaskRequest) -> None:
        self._command(lambda: self._begin(request))

    def cancel(self, task: str) -> None:
        self._command(lambda: self._cancel(task))

    def close(self) -> None:
        self._command(self._close)
        self._thread.join()

    @property
    def zygote_pid(self) -> int:
        """Process id of the zygote; 0 while there is none."""
        return self._zygote.pid if self._zygote is not None else 0

    def load(self, modules: Sequence[str]) -> None:
        """Import more modules ahead; what runs goes on."""
        self._command(lambda: self._load(tuple(modules)))

    def _abandon(self) -> None:
        """In a process that the scheduler forked: hold nothing open that tells it is alive."""
        for running in self._running.values():
            running.connection.close()
        if self._zygote is not None:
            self._zygote.control.close()
        for end in (self._wake_read, self._wake_write):
            end.close()

    def _command(self, command: Callable[[], None]) -> None:
        self._commands.append(command)
        self._wake_write.send(b"w")

    # Everything below runs in the executor's own thread, but for the first zygote's start.

    def _loop(self) -> None:
        while not self._closing:
            for key, mask in self._selector.select():
                try:
                    key.data(mask)
                except Exception as error:  # a fault of ours must not leave a run waiting
                    self._give_up(f"nbflow itself failed: {error!r}")
                    break
        self._end_zygote()
        for running in self._running.values():
            running.connection.close()
        self._selector.close()
        self._wake_read.close()
        self._wake_write.close()

    def _woken(self, _mask: int) -> None:
        self._wake_read.recv(4096)
        while self._commands:
            self._commands.popleft()()

    def _close(self) -> None:
        self._closing = True

    def _begin(self, request: TaskRequest) -> None:
        begun = self._zygote or self._start_zygote()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._serial += 1
        running = _Running(self._serial, request, ours, memoryview(frames.frame(request)))
        self._running[running.serial] = running
        self._selector.register(
            ours,
            selectors.EVENT_READ | selectors.EVENT_WRITE,
            lambda mask: self._exchange(running, mask),
        )
        with theirs:
            begun.start(running.serial, theirs)

    def _load(self, modules: tuple[str, ...]) -> None:
        self._preload += modules
        if self._zygote is not None:
            self._zygote.load(modules, self._directory)

    def _cancel(self, task: str) -> None:
        for running in self._running.values():
            if running.request.task == task and not running.ended:
                running.cancelled = True
                if self._zygote is not None:
                    self._zygote.kill(running.serial)

    def _exchange(self, running: _Running, mask: int) -> None:
        if mask & selectors.EVENT_WRITE and running.outgoing:
            try:
                sent = running.connection.send(running.outgoing)
                running.outgoing = running.outgoing[sent:]
            except BlockingIOError:
                pass
            except OSError:
                # It ended before it had read its request; its exit status says how.
                running.outgoing = memoryview(b"")
            if not running.outgoing:
                self._selector.modify(
                    running.connection,
                    selectors.EVENT_READ,
                    lambda mask: self._exchange(running, mask),
                )
        if mask & selectors.EVENT_READ:
            self._receive(running)

    def _receive(self, running: _Running) -> bool:
        """Take over what has arrived; whether there may be more."""
        try:
            data = running.connection.recv(_READ)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._forget_connection(running)
            return False
        for body in running.splitter.feed(data):
            self._put(running, frames.event(body))
        return True

    def _put(self, running: _Running, event: WorkerEvent) -> None:
        if running.ended:
            return
        if isinstance(event, Started):
            running.pid = event.pid
        running.ended = isinstance(event, Finished | Failed)
        self._events.put(event)

    def _forget_connection(self, running: _Running) -> None:
        if running.connection.fileno() >= 0:
            self._selector.unregister(running.connection)
            running.connection.close()

    def _controlled(self, connection: socket.socket) -> None:
        try:
            received = control.receive(connection)
        except OSError:
            received = None
        if received is None:
            self._zygote_died()
            return
        record, _ = received
        if record.kind == "ready":
            self._ready = True
        elif record.serial in self._running:
            running = self._running.pop(record.serial)
            if record.kind == "refused":
                why = f"the worker could not be started: {os.strerror(record.status)}"
                self._end(running, why, record.peak_bytes)
            else:
                self._exited(running, record)

    def _exited(self, running: _Running, record: Record) -> None:
        # What a grandchild still holds open is not waited for: what is there is all there is.
        if running.connection.fileno() >= 0:
            while self._receive(running):
                pass
        if running.cancelled:
            self._end(running, "the task was cancelled", record.peak_bytes)
        else:
            self._end(running, _how(record.status, record.peak_bytes), record.peak_bytes)

    def _end(self, running: _Running, why: str, peak_bytes: int = 0) -> None:
        self._forget_connection(running)
        error = ErrorText(name="WorkerDied", message=why, traceback=())
        self._put(running, Failed(task=running.request.task, error=error, peak_bytes=peak_bytes))

    def _start_zygote(self) -> Zygote:
        self._ready = False
        self._zygote = begun = zygote(self._surroundings, self._method)
        begun.load(self._preload, self._directory)
        connection = begun.control
        self._selector.register(
            connection, selectors.EVENT_READ, lambda _: self._controlled(connection)
        )
        return begun

    def _end_zygote(self) -> None:
        if self._zygote is None:
            return
        self._selector.unregister(self._zygote.control)
        self._zygote.close()
        self._zygote = None

    def _zygote_died(self) -> None:
        if self._ready:
            self._give_up("the process that held the worker (the zygote) was killed")
            return
        complaint = self._zygote.complaint() if self._zygote is not None else ""
        if self._method == "spawn":
            self._give_up(f"workers cannot be started: {complaint or 'their parent died at once'}")
            return
        # Something in the preloaded modules is at odds with forking: do without.
        self._method, self._preload = "spawn", ()
        waiting, self._running = self._running, {}
        self._end_zygote()
        for running in waiting.values():
            self._forget_connection(running)
            self._begin(running.request)

    def _give_up(self, why: str) -> None:
        """Fail what runs; the next task gets a new zygote."""
        started, self._running = self._running, {}
        self._end_zygote()
        for running in started.values():
            if running.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
            self._end(running, why)


_executors: weakref.WeakSet[LocalExecutor] = weakref.WeakSet()


def _abandon_all() -> None:
    for executor in _executors:
        executor._abandon()


os.register_at_fork(after_in_child=_abandon_all)


def _how(status: int, peak_bytes: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        names = {known.value: f" ({known.name})" for known in signal.Signals}
        text = f"the worker was killed by signal {number}{names.get(number, '')}"
        if number == signal.SIGKILL:
            return (
                f"{text}; out of memory? peak {_size(peak_bytes)}\n"
                "If memory was short, run fewer tasks at a time, or give each less to do."
            )
        if number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL):
            return (
                f"{text}: a crash in compiled code; peak {_size(peak_bytes)}\n"
                "Upgrade the library that the step was in, or report the crash to its authors."
            )
        return text
    code = os.waitstatus_to_exitcode(status)
    return (
        f"the step called os._exit({code}), or compiled code ended its process\n"
        "Take that call out: a step ends with its last line."
    )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
