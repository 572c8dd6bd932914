"""A command that is asked to end (Ctrl-C, SIGTERM, a terminal that closes) ends in order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from nbflow.errors import end_in_order


@contextmanager
def in_order() -> Iterator[None]:
    """Each of these signals ends what goes on as Ctrl-C does, but for those that are ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end_in_order)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
