"""Slows many calls down to a few, the last of which always comes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Protocol


class Alarm(Protocol):
    """Something that rings later, unless it is cancelled."""

    def cancel(self) -> None:
        """Do not ring."""


class Pace:
    """Calls a function when asked to, but not more often than once in an interval.

    What is asked for within the interval is done once, at its end, by a thread that lives only so
    long. The function is never called by two threads at once.

    Parameters
    ----------
    act
        The function.
    interval
        In seconds.
    clock, alarm
        The time, and what calls a function after so many seconds.
    """

    def __init__(
        self,
        act: Callable[[], None],
        interval: float,
        clock: Callable[[], float] = monotonic,
        alarm: Callable[[float, Callable[[], None]], Alarm] | None = None,
    ) -> None:
        self._act = act
        self._interval = interval
        self._clock = clock
        self._alarm = alarm or _timer
        self._due = 0.0
        self._waiting: Alarm | None = None
        # Reentrant: what is sent may make somebody ask again.
        self._lock = threading.RLock()

    def ask(self) -> None:
        """Have it done: now, or as soon as the interval is over."""
        with self._lock:
            if self._waiting is not None:
                return
            left = self._due - self._clock()
            if left > 0:
                self._waiting = self._alarm(left, self._ring)
            else:
                self._do()

    def flush(self) -> None:
        """Do now what has been asked for and not been done."""
        with self._lock:
            if self._waiting is not None:
                self._waiting.cancel()
                self._do()

    def _ring(self) -> None:
        with self._lock:
            if self._waiting is not None:
                self._do()

    def _do(self) -> None:
        self._waiting = None
        self._due = self._clock() + self._interval
        self._act()


def _timer(seconds: float, call: Callable[[], None]) -> Alarm:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    return timer
