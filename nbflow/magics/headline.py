"""The line above a cell's outputs that tells what becomes of its step, kept up to date in place."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

from nbflow.magics.screen import Screen
from nbflow.views.page import Page

#: Seconds between two looks at a line that changes by itself, as an elapsed time does.
_TICK = 0.25


class Headline:
    """One display, drawn anew while something goes on.

    Parameters
    ----------
    page
        What it shows now; asked for at every drawing, from whichever thread draws.
    """

    def __init__(self, screen: Screen, page: Callable[[], Page]) -> None:
        self._screen = screen
        self._page = page
        self._id = f"nbflow-{secrets.token_hex(6)}"
        self._lock = threading.Lock()
        self._shown = ""
        self._is_there = False
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Draw it from now on, once it has taken long enough for somebody to wonder."""
        if self._screen.keeps:
            self._thread = threading.Thread(target=self._keep, name="nbflow headline", daemon=True)
            self._thread.start()

    def draw(self) -> None:
        """Draw it now: at first above whatever comes next."""
        if not self._screen.keeps and not self._over.is_set():
            return  # a terminal keeps every line, so it is given the last one only
        if not self._lock.acquire(timeout=_TICK):
            return  # another thread draws
        try:
            bundle = self._page()._repr_mimebundle_()
            if self._is_there and bundle["text/plain"] == self._shown:
                return
            self._screen.display(
                bundle, {"nbflow": "headline"}, {"display_id": self._id}, update=self._is_there
            )
            self._shown, self._is_there = bundle["text/plain"], True
        finally:
            self._lock.release()

    def cleared(self) -> None:
        """The cell's outputs have been dropped, this one among them."""
        self._is_there = False
        self.draw()

    def end(self) -> None:
        """Draw it for the last time."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self.draw()

    def _keep(self) -> None:
        while not self._over.wait(_TICK):
            # While a step runs in this process, its streams are not to be flushed from here.
            if not self._screen.is_captured:
                self.draw()
