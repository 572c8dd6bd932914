"""The zygote: imports what the flow's steps import, and forks one worker per task.

One worker is forked ahead, so that a task that comes does not wait for it.

It imports installed packages only and never computes: forking after an import is safe, forking
after libraries have started their threads is not. BLAS keeps its usual number of threads, since
results may differ in their last bits with another; it ends them itself before each fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import io
import linecache
import os
import select
import signal
import socket
import sys
import time
import warnings
from collections.abc import Mapping
from typing import NamedTuple, NoReturn

import msgspec

from nbflow.run import control
from nbflow.run.control import Load, Record, Setting, command
from nbflow.run.worker import child
from nbflow.run.worker.observing import environment
from nbflow.run.worker.observing.places import libraries, standard

#: Processes that a task left behind are asked to end, and killed after this time.
_GRACE_SECONDS = 1.0


def main(text: str) -> NoReturn:
    """Run the zygote that a setting (as JSON) describes, until the scheduler goes away."""
    setting = msgspec.json.decode(text, type=Setting)
    _begin_environment(setting)
    # Collections in the zygote would only touch pages that its workers share.
    gc.disable()
    with socket.socket(fileno=setting.control) as connection:
        _Zygote(connection, setting).run()
    os._exit(0)


def single(text: str) -> NoReturn:
    """Run one worker in this fresh interpreter."""
    setting = msgspec.json.decode(text, type=Setting)
    _begin_environment(setting)
    shell = child.prepare()
    _set_environment(setting.environment)
    os.setsid()
    child.serve(socket.socket(fileno=setting.control), shell)


class _Zygote:
    """Starts workers, reports how they ended, and never outlives its scheduler."""

    def __init__(self, connection: socket.socket, setting: Setting) -> None:
        self._connection = connection
        self._setting = setting
        #: Process id of each running worker, by serial number.
        self._workers: dict[int, int] = {}
        #: Process groups that outlived their worker, and when to kill them.
        self._leftover: dict[int, float] = {}
        #: A worker without a task yet, if there is one, and whether there should be.
        self._spare: _Spare | None = None
        self._wants_spare = False
        #: What libraries find in the environment while they are loaded, whenever that is.
        self._for_loading = {name: os.environ.get(name) for name in setting.environment}
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)

    def run(self) -> None:
        if self._setting.method == "fork":
            # The shell comes first: packages look for one when they are imported.
            self._shell = child.prepare()
        signal.signal(signal.SIGCHLD, _ignore)
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        while True:
            patience = 0 if self._wants_spare else _GRACE_SECONDS * 250 if self._leftover else None
            ready = dict(poll.poll(patience))
            if self._wants_spare and not ready:
                # While nobody waits for anything: the next task does not wait for a fork.
                self._wants_spare = False
                with contextlib.suppress(OSError):
                    self._spare = self._fork()
            if self._wake_read.fileno() in ready:
                self._wake_read.recv(4096)
                self._reap()
            self._end_leftover()
            if self._connection.fileno() in ready and not self._obey():
                break
        for pid in (*self._workers.values(), *self._leftover):
            _kill(pid)

    def _obey(self) -> bool:
        received = control.receive(self._connection)
        if received is None:
            return False
        record, descriptor = received
        if record.kind == "load":
            self._load(control.receive_load(self._connection, record))
        elif record.kind == "kill":
            pid = self._workers.get(record.serial)
            if pid is not None:
                _kill(pid)
        elif descriptor is not None:
            self._start(record.serial, descriptor)
        return True

    def _load(self, load: Load) -> None:
        if self._setting.method == "fork":
            with contextlib.suppress(OSError):  # each task says where it runs
                os.chdir(load.directory or ".")
            _set_environment(self._for_loading)
            _preload(load.modules)
            _set_environment(self._setting.environment)
            gc.collect()
            gc.freeze()
            self._wants_spare = self._spare is None
        self._report(Record("ready"))

    def _start(self, serial: int, descriptor: int) -> None:
        launch = self._hand if self._setting.method == "fork" else self._spawn
        try:
            self._workers[serial] = launch(descriptor)
        except OSError as error:
            self._report(Record("refused", serial, error.errno or 0))
        os.close(descriptor)

    def _hand(self, descriptor: int) -> int:
        spare, self._spare = self._spare, None
        self._wants_spare = True
        if spare is not None:
            with contextlib.suppress(OSError):  # it was killed while it waited
                return spare.take(descriptor)
        return self._fork().take(descriptor)

    def _fork(self) -> _Spare:
        orders, theirs = socket.socketpair()
        with warnings.catch_warnings():
            # Python warns of threads; libraries that were only imported have none that matter.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if not pid:
            orders.close()
            self._stand_by(theirs)
        theirs.close()
        return _Spare(pid, orders)

    def _stand_by(self, orders: socket.socket) -> NoReturn:
        """In a worker: wait for the connection with a task, and serve it."""
        os.setsid()
        for end in (self._connection, self._wake_read, self._wake_write):
            end.close()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        gc.enable()
        with orders:
            _, descriptors, _, _ = socket.recv_fds(orders, 1, 1)
        if not descriptors:  # the zygote has ended
            os._exit(0)
        child.serve(socket.socket(fileno=descriptors[0]), self._shell)

    def _spawn(self, descriptor: int) -> int:
        os.set_inheritable(descriptor, True)
        setting = msgspec.structs.replace(self._setting, control=descriptor)
        arguments = command("single", setting)
        return os.posix_spawn(sys.executable, arguments, os.environ)

    def _reap(self) -> None:
        serials = {pid: serial for serial, pid in self._workers.items()}
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            serial = serials.get(pid)
            if serial is None:
                continue
            del self._workers[serial]
            peak = usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024
            self._report(Record("exited", serial, status, peak))
            if _signal_group(pid, signal.SIGTERM):
                self._leftover[pid] = time.monotonic() + _GRACE_SECONDS

    def _end_leftover(self) -> None:
        now = time.monotonic()
        for pid in [pid for pid, when in self._leftover.items() if when <= now]:
            _signal_group(pid, signal.SIGKILL)
            del self._leftover[pid]

    def _report(self, record: Record) -> None:
        try:
            self._connection.sendall(record.pack())
        except OSError:
            # The scheduler is gone; the end of its socket says so to the loop as well.
            return


class _Spare(NamedTuple):
    """A worker that waits for its task."""

    pid: int
    orders: socket.socket

    def take(self, descriptor: int) -> int:
        """Have it serve a connection; its process id."""
        with self.orders:
            socket.send_fds(self.orders, [b"1"], [descriptor])
        return self.pid


def _preload(modules: tuple[str, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in modules:
            said = io.StringIO()
            try:
                if name not in sys.modules and _is_installed(name.partition(".")[0]):
                    with contextlib.redirect_stdout(said):
                        importlib.import_module(name)
                    if said.getvalue():
                        del sys.modules[name]  # so that the step that imports it shows it
            except Exception:  # the step that imports it shows whatever is wrong with it
                continue


def _is_installed(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return False
    places = (*standard(), *libraries())
    return spec.origin in ("built-in", "frozen") or spec.origin.startswith(places)


def _begin_environment(setting: Setting) -> None:
    tasks = {**os.environ, **setting.environment}
    environment.begin_with({name: value for name, value in tasks.items() if value is not None})
    # Python 3.13 would show the command line as the source of what a step gives to `eval`.
    linecache.cache.pop("<string>", None)


def _set_environment(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _kill(pid: int) -> None:
    # By its own id too: it may not have made its session yet.
    for kill in (os.kill, os.killpg):
        try:
            kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _signal_group(pid: int, number: signal.Signals) -> bool:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _ignore(_number: int, _frame: object) -> None:
    """Only there so that the signal wakes the loop."""
