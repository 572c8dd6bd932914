"""The inline executor: each task in this very process and thread, for debugging."""

from __future__ import annotations

import builtins
import getpass
import os
import random
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# It keeps the `__main__` that it finds when it is imported, which shall not be a task's.
import IPython.core.completer  # noqa: F401
from IPython.core.interactiveshell import InteractiveShell

from nbflow.records.message import Failed, Output, Started, TaskRequest
from nbflow.run.executor import Events
from nbflow.run.worker import tracebacks
from nbflow.run.worker.observing import environment, hook, natives
from nbflow.run.worker.observing.local_modules import imported_anew
from nbflow.run.worker.outputs import Content, Outputs
from nbflow.run.worker.shell import WorkerShell, close_input
from nbflow.run.worker.streams import install
from nbflow.run.worker.task import Task


class InlineExecutor:
    """Runs each task to its end within ``start``.

    A debugger, a profiler and breakpoints work; after a failure ``sys.last_traceback`` is the
    user's, for a look post mortem. What it cannot do: run two tasks at once, cancel, survive a
    crash, or undo what a task does to this process beyond its settings,
    ``sys.modules["__main__"]`` and Python's random generator; output of C code and child processes
    goes where this process's goes.

    Parameters
    ----------
    events
        Where the events of all tasks go.
    on_output
        Told of each output at once: a loop that waits in ``start`` looks at no events.
    """

    def __init__(self, events: Events, on_output: Callable[[Output], None]) -> None:
        self._events = events
        self._on_output = on_output

    def start(self, request: TaskRequest) -> None:
        self._events.put(Started(task=request.task, pid=os.getpid()))

        def send(content: Content) -> None:
            self._on_output(Output(task=request.task, content=content))

        outputs = Outputs(send, _at_the_next_display)
        with _borrowed_process(), imported_anew():
            environment.begin_with(os.environ)
            os.environ.update(request.env)
            try:
                os.chdir(request.cwd)
            except OSError as error:
                why = f"the working directory {request.cwd} cannot be entered: {error.strerror}"
                self._events.put(Failed(task=request.task, error=tracebacks.died(why)))
                return
            hook.install()
            _open_input(outputs)
            shell = WorkerShell.create(types.ModuleType("__main__"))
            install(outputs)
            task = Task(request, shell, outputs, outputs.flush, self._events.put)
            try:
                event = task.run()
                task.undo()
                if task.error is not None:
                    _remember(task.error)
            finally:
                shell.close()
                natives.uninstall()
        outputs.flush()
        self._events.put(event)

    def cancel(self, task: str) -> None:
        """Nothing to do: no task outlives its ``start``."""

    def close(self) -> None:
        """Nothing to release."""


def _open_input(outputs: Outputs) -> None:
    """Let a debugger ask where somebody can answer: on a terminal, and in a kernel."""
    ask = builtins.input
    if isinstance(ask, types.BuiltinFunctionType) and not (sys.stdin and sys.stdin.isatty()):
        close_input()
        return

    def asked(prompt: object = "", /) -> str:
        outputs.flush()  # what the question is about stands there first
        return ask(prompt)

    builtins.input = asked


def _remember(error: BaseException) -> None:
    """What Python's own prompt keeps of an error, for a debugger."""
    sys.last_type, sys.last_value = type(error), error
    sys.last_traceback = error.__traceback__
    if sys.version_info >= (3, 12):
        sys.last_exc = error


@contextmanager
def _borrowed_process() -> Iterator[None]:
    environment = dict(os.environ)
    directory = Path.cwd()
    streams = sys.stdout, sys.stderr
    path, main = list(sys.path), sys.modules["__main__"]
    state = random.getstate()
    asking = builtins.input, getpass.getpass
    # A kernel's own hook waits for a debugger that is attached from outside.
    hook, sys.breakpointhook = sys.breakpointhook, sys.__breakpointhook__
    shell = InteractiveShell._instance
    if shell is not None:
        type(shell).clear_instance()
    sys.path.insert(0, "")
    try:
        yield
    finally:
        WorkerShell.clear_instance()
        if shell is not None:
            for base in type(shell)._walk_mro():
                base._instance = shell
        builtins.input, getpass.getpass = asking
        sys.breakpointhook = hook
        random.setstate(state)
        sys.path[:], sys.modules["__main__"] = path, main
        sys.stdout, sys.stderr = streams
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(environment)


def _at_the_next_display() -> None:
    """There is no thread that would send text sooner."""
