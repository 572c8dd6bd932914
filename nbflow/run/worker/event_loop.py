"""The event loop that runs around a cell, as around those of a kernel."""

from __future__ import annotations

import sys
import threading
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from nbflow.records.message import Source

#: So many rounds of the loop at most go by between two cells.
_MOST_ROUNDS = 1_000


class EventLoop:
    """A loop that counts as running while a cell runs, and gets on where one waits, and between.

    It is not there before something could ask for it. A cell without ``await`` runs beside it, not
    in a task of its own: what it sets in context variables holds, as in a kernel.
    """

    def __init__(self) -> None:
        self._loop: Any = None

    @contextmanager
    def around(self, source: Source) -> Iterator[None]:
        """While a cell runs, the loop does."""
        if "asyncio" not in sys.modules and "asyncio" not in source.text:
            yield
            return
        import asyncio

        if asyncio._get_running_loop() is not None:  # a kernel's, when it does a task's work itself
            yield
            return
        self._enter()
        try:
            yield
        finally:
            self._leave()
        if self._loop._ready:
            self._loop.run_until_complete(self._until_idle())

    def __call__(self, cell: Coroutine[Any, Any, Any]) -> Any:
        """Run a cell that awaits something; IPython's own way of doing so."""
        import asyncio

        running = asyncio._get_running_loop()
        if running is not None and running is not self._loop:
            return running.run_until_complete(cell)
        inside = running is not None
        if inside:
            self._leave()
        else:
            self._make()
        try:
            return self._loop.run_until_complete(cell)
        finally:
            if inside:
                self._enter()

    def unfinished(self) -> Iterable[Any]:
        """The tasks that still wait for something."""
        if self._loop is None:
            return ()
        import asyncio

        return asyncio.all_tasks(self._loop)

    def close(self) -> None:
        """End it, where its process goes on."""
        if self._loop is not None:
            import asyncio

            asyncio.set_event_loop(None)
            self._loop.close()

    def _make(self) -> None:
        import asyncio

        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)

    def _enter(self) -> None:
        import asyncio

        self._make()
        asyncio._set_running_loop(self._loop)
        self._loop._thread_id = threading.get_ident()

    def _leave(self) -> None:
        import asyncio

        asyncio._set_running_loop(None)
        self._loop._thread_id = None

    async def _until_idle(self) -> None:
        """Let what waits in the loop get as far as it gets without waiting for the world."""
        import asyncio

        for _ in range(_MOST_ROUNDS):
            if not self._loop._ready:
                return
            await asyncio.sleep(0)
