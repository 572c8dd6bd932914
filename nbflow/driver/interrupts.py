"""Ctrl-C during a run: a cancellation, not an exception in the middle of a commit."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nbflow.errors import AskedToEnd, end_in_order


@contextmanager
def interrupts(cancel: Callable[[], None]) -> Iterator[list[int]]:
    """Ctrl-C cancels the run instead of breaking into the loop; says whether it came.

    So do the other signals that end this process in order.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def handle(number: int, _frame: object) -> None:
        came.append(number)
        cancel()

    others = (signal.SIGTERM, signal.SIGHUP)
    numbers = [n for n in others if signal.getsignal(n) is end_in_order]
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, *numbers)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def resume(came: list[int]) -> None:
    """Let what had come do what it does outside a run, once the run is recorded."""
    if came:
        raise KeyboardInterrupt if came[0] == signal.SIGINT else AskedToEnd(came[0])
