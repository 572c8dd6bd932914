"""Standard output and error of a task: Python's streams, and the descriptors below them."""

from __future__ import annotations

import codecs
import ctypes
import io
import os
import select
import sys
import time
from _thread import start_new_thread
from collections.abc import Callable, Iterable
from typing import Any

from nbflow.run.worker.outputs import Outputs

_libc = ctypes.CDLL(None)
_fflush = _libc.fflush
_c_stdout = ctypes.c_void_p.in_dll(_libc, "__stdoutp" if sys.platform == "darwin" else "stdout")
_LINE_BUFFERED = 0 if sys.platform == "darwin" else 1
#: Live text waits at most this long.
_FLUSH_SECONDS = 0.05
_READ = 1 << 16


class TextStream(io.TextIOBase):
    """What ``sys.stdout`` and ``sys.stderr`` are while a task runs."""

    def __init__(self, name: str, descriptor: int, outputs: Outputs) -> None:
        self.name = name
        self._descriptor = descriptor
        self._outputs = outputs
        self._owner = os.getpid()
        self.buffer = _ByteStream(self)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "replace"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() != self._owner:
            # A process that the step forked: its text reaches the task through the descriptor.
            _write_all(self._descriptor, text.encode("utf-8", "replace"))
        else:
            with self._outputs.lock:
                self._outputs.catch_up()
                self._outputs.stream(self.name, text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:  # type: ignore[override]
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if os.getpid() == self._owner:
            self._outputs.flush()


class _ByteStream(io.RawIOBase):
    """``sys.stdout.buffer``: bytes, decoded as they come."""

    def __init__(self, text: TextStream) -> None:
        self._text = text
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._text.write(self._decoder.decode(bytes(data)))
        return len(data)

    def flush(self) -> None:
        self._text.flush()


class DescriptorCapture:
    """Leads descriptors 1 and 2 into the task's outputs, for C code and child processes.

    A thread empties the pipes and sends text that waits; it also calls ``on_lost`` when
    ``lifeline`` ends, since it is the one that is always listening.
    """

    def __init__(self, outputs: Outputs, lifeline: int, on_lost: Callable[[], None]) -> None:
        self._outputs = outputs
        self._lifeline = lifeline
        self._on_lost = on_lost
        self._sources: dict[int, tuple[str, codecs.IncrementalDecoder]] = {}
        self._poll = select.poll()
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            read_end, write_end = os.pipe()
            os.dup2(write_end, descriptor)
            os.close(write_end)
            os.set_blocking(read_end, False)
            self._sources[read_end] = (name, codecs.getincrementaldecoder("utf-8")("replace"))
            self._poll.register(read_end, select.POLLIN)
        outputs.catch_up = self.drain
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)

    def start(self) -> None:
        """Start the thread."""
        # None of the threads that the step can see; nor need the step wait for it.
        start_new_thread(self._pump, ())

    def wake(self) -> None:
        """Have waiting text sent soon."""
        os.write(self._wake_write, b"w")

    def drain(self) -> None:
        """Take over what lies in the pipes now."""
        with self._outputs.lock:
            for descriptor, _ in self._poll.poll(0):
                self._take(descriptor)

    def finish(self) -> None:
        """Take over everything that was written before this call, C's buffer included."""
        _fflush(_c_stdout)
        self.drain()
        self._outputs.flush()

    def _take(self, descriptor: int) -> None:
        name, decoder = self._sources[descriptor]
        for _ in range(64):  # a writer that never pauses must not keep the lock for ever
            try:
                data = os.read(descriptor, _READ)
            except BlockingIOError:
                return
            if not data:
                self._poll.unregister(descriptor)
                return
            self._outputs.stream(name, decoder.decode(data))

    def _pump(self) -> None:
        poll = select.poll()
        for descriptor in (*self._sources, self._wake_read):
            poll.register(descriptor, select.POLLIN)
        # Nothing is ever sent to a task after its request: readable means that it has ended.
        poll.register(self._lifeline, select.POLLIN)
        due: float | None = None
        while True:
            wait = None if due is None else max(0.0, due - time.monotonic()) * 1000
            ready = dict(poll.poll(wait))
            if self._lifeline in ready:
                self._on_lost()
                return
            if self._wake_read in ready:
                os.read(self._wake_read, _READ)
                due = time.monotonic() + _FLUSH_SECONDS if due is None else due
            for descriptor in ready.keys() & self._sources.keys():
                if not ready[descriptor] & select.POLLIN:
                    poll.unregister(descriptor)
            self.drain()
            if due is not None and time.monotonic() >= due:
                due = None
                self._outputs.flush()


def install(outputs: Outputs) -> None:
    """Put a task's streams in the place of ``sys.stdout`` and ``sys.stderr``."""
    sys.stdout = TextStream("stdout", 1, outputs)
    sys.stderr = TextStream("stderr", 2, outputs)


def buffer_lines() -> None:
    """Have C code print line by line: of whole blocks, its text would come after all other."""
    _libc.setvbuf(_c_stdout, None, _LINE_BUFFERED, 0)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
