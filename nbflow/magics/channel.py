"""Between the kernel and the pages that show its flow: what is drawn goes out, requests come in."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import WeakMethod

import comm

from nbflow.errors import NbflowError
from nbflow.records.notebook import Cell

if TYPE_CHECKING:
    from nbflow.driver import RunEvent
    from nbflow.magics.session import Session
    from nbflow.magics.showing import Showing

#: The comm's target, with which its id begins, and the type of requests on the control channel.
TARGET, REQUEST, REPLY = "nbflow", "nbflow_request", "nbflow_reply"
#: Seconds between two messages at least: a burst of changes becomes one.
_INTERVAL = 0.05


class Channel:
    """One kernel's connection with all pages.

    One comm goes out, since every page hears it; requests come in on the control channel, which
    answers while a cell blocks. One thread does all that takes longer than a look; while no page
    looks, nothing is done at all.

    Parameters
    ----------
    session
        Tells what happens, and takes what pages tell.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kernel = session.shell.kernel
        # It is opened by no message: a front end without the panel has nobody to take it, and
        # complains. A message of an unknown comm is for whom it concerns.
        self._comm = comm.create_comm(TARGET, comm_id=f"{TARGET}-{uuid4().hex}", primary=False)
        comm.get_comm_manager().register_comm(self._comm)
        #: How many messages have been sent: a page sees by it that one was lost on the way.
        self._revision = 0
        #: The pages that look.
        self._pages: set[str] = set()
        #: What the thread is to do next, in order; and that there is something.
        self._todo: deque[Callable[[Showing], None]] = deque()
        self._wake = threading.Event()
        self._over = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        #: That thread, while it looks.
        self._looking: threading.Thread | None = None
        self._kernel.control_handlers[REQUEST] = self._request
        session.listeners.append(WeakMethod(self.hear))
        # Last: a page that hears it asks at once.
        self._comm.send({"kind": "hello"})

    def hear(self, event: RunEvent | None) -> None:
        """Take in what happens in a run, in whichever thread; None: the flow may be another."""
        # A look sees for itself that the flow has become another.
        if self._pages and not (event is None and threading.current_thread() is self._looking):
            self._do(lambda showing: showing.hear(event))

    def close(self) -> None:
        """Say nothing more."""
        self._over = True
        self._wake.set()
        self._kernel.control_handlers.pop(REQUEST, None)
        self._comm.close()

    def _do(self, work: Callable[[Showing], None]) -> None:
        self._todo.append(work)
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                name = "nbflow channel"
                self._thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._thread.start()
        self._wake.set()

    def _request(self, socket: Any, ident: Any, parent: Mapping[str, Any]) -> None:
        """Answer a page, in the control thread: flags and copies only."""
        content = parent["content"]
        # Two views of one notebook have one session.
        page = str(content.get("page") or parent["header"]["session"])
        reply: dict[str, Any] = {"status": "ok"}
        match content.get("op"):
            case "hello":
                reply |= {"comm_id": self._comm.comm_id, "rev": self._revision}
            case "look":
                self._pages.add(page)
                self._do(lambda showing: showing.look())
            case "cells":
                self._pages.add(page)
                self._session.mirrored(_cells(content.get("cells", ())))
                self._do(lambda showing: showing.look())
            case "cancel":
                reply["cancelled"] = self._session.cancel()
            case "details":
                name, cell = str(content.get("id")), str(content.get("cell"))
                self._ask(name, lambda showing: showing.explain(name, cell))
            case "logs":
                name, cell, seen = (str(content.get(each, "")) for each in ("id", "cell", "seen"))
                self._ask(name, lambda showing: showing.logs(name, cell, seen))
            case "previews":
                asker, step = str(content.get("id")), str(content.get("cell"))
                self._ask(asker, lambda showing: showing.preview(step, self._answer(asker)))
            case "picture":
                wanted = str(content.get("id"))
                self._ask(wanted, lambda showing: showing.picture(wanted))
            case "run" | "verify" | "clear" | "accept" as what:
                self._act(what, content)
            case "bye":
                self._pages.discard(page)
            case other:
                reply = {"status": "error", "message": f"there is no request `{other}`"}
        self._kernel.session.send(socket, REPLY, reply, parent, ident)

    def _ask(self, request: str, work: Callable[[Showing], None]) -> None:
        """Do what gives the answer to a request; what is out of reach is an answer, too."""

        def answer(showing: Showing) -> None:
            try:
                work(showing)
            except Exception as error:  # whatever it is, who has asked is told
                from nbflow.magics import asked

                showing.answer(request, asked.failed(self._session, error))

        self._do(answer)

    def _act(self, what: str, content: Mapping[str, Any]) -> None:
        request, note = str(content.get("id")), str(content.get("note") or "")
        cells = list(map(str, content.get("cells") or ()))

        def start(_: Showing) -> None:
            # Late, as below: only a kernel that somebody looks at runs what a page asks for.
            from nbflow.magics import asked

            asked.start(self._session, what, cells, note, self._answer(request))

        self._do(start)

    def _answer(self, request: str) -> Callable[[dict[str, Any]], None]:
        """How another thread gives the answer to a request, once it has it."""
        return lambda told: self._do(lambda showing: showing.answer(request, told))

    def _work(self) -> None:
        # Late: only a kernel that somebody looks at needs a picture.
        from nbflow.magics.showing import GLANCE, Showing

        showing: Showing | None = None
        while not self._over:
            # While a page looks, what other processes do is looked at as well.
            patience = GLANCE if showing is None else showing.patience
            if not self._wake.wait(patience if self._pages else None) and showing is not None:
                self._todo.append(Showing.glance)
            self._wake.clear()
            # What is out of reach, a store or a file, is told by whoever needs it next; and it is
            # tried again, by the next request or glance.
            with suppress(NbflowError):
                showing = showing or Showing(self._session, self._session.in_progress)
            while showing is not None and self._todo:
                with suppress(NbflowError):
                    self._todo.popleft()(showing)
            self._looking = threading.current_thread()
            with suppress(NbflowError):
                for message in showing.news() if showing is not None else ():
                    self._revision += 1
                    self._comm.send({**message, "rev": self._revision})
            self._looking = None
            time.sleep(_INTERVAL)


def _cells(told: Any) -> list[Cell]:
    """A document's cells as a page sends them; what is none is left out."""
    return [
        Cell(
            id=each["id"],
            number=0,
            kind=each["cell_type"],
            source=each["source"],
            tags=tuple(each.get("tags") or ()),
            metadata=each.get("nbflow") or {},
            collapsed=each.get("collapsed") is True,
        )
        for each in told
        if isinstance(each, dict) and isinstance(each.get("source"), str)
    ]
