"""What the pages are shown of the flow, and what they have been told of it already."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from nbflow.driver import RunEvent, StartedOver, TaskChanged, elsewhere
from nbflow.magics import asked
from nbflow.views.drawing import Standing
from nbflow.views.edited import Edited
from nbflow.views.panel import Going, Shown, details, drawn, logs, picture, told

if TYPE_CHECKING:
    from nbflow.magics.in_progress import InProgress
    from nbflow.magics.session import Session
    from nbflow.plan import Plan
    from nbflow.records.notebook import Notebook
    from nbflow.views.graph import GraphNode

Message = dict[str, Any]

#: Seconds between two glances at what other processes do; every so many of them is a look at
#: whether one that runs the flow is still there.
GLANCE, _CARE = 2.0, 4
#: How much longer than a look takes there is none for what a run with an older text comes to.
_SHARE = 5
_WRONG = ("failed", "skipped", "cancelled", "interrupted")


class Showing:
    """The flow as pages draw it, and what is still to be told them; belongs to one thread.

    Parameters
    ----------
    session
        Gives the flow, and takes the document that a page mirrors.
    run
        The tasks of the run in progress, those too that ended while nobody looked.
    """

    def __init__(self, session: Session, run: InProgress) -> None:
        self._session = session
        self._run = run
        self._flow = session.seen()
        #: The same, or, while that runs, of the notebook as it was edited since.
        self._now = self._flow
        plan = self._now.plan()
        self._drawn = self._draw(plan)
        self._standing = Standing(self._flow.flow, plan)
        self._edited = Edited(self._standing.flow, self._now.flow)
        #: The cards of steps that did not end well in the last run.
        self._wrong: tuple[GraphNode, ...] = ()
        self._changed: set[str] = set()
        self._whole = False
        self._was_running = False
        self._answers: list[Message] = []
        #: Whether all is to be looked up before anything is told: once, however many ask for it.
        self._is_due = True
        #: Whether that would be good for something, though nobody has asked.
        self._is_behind = False
        #: Of the store, as it was when all was looked up last; when that was, how long it took.
        self._stamp = ""
        self._looked = 0.0
        self._took = 0.0
        self._elsewhere = False
        self._glances = 0

    @property
    def patience(self) -> float:
        """Seconds until the next glance: the longer a look takes, the fewer there are."""
        return max(GLANCE, _SHARE * self._took)

    def glance(self) -> None:
        """Look again if another process has written to the store, or if one may have died."""
        if self._is_behind:
            self.look()
        self._glances += 1
        is_due = self._elsewhere and self._glances % _CARE == 0
        if self._flow.is_running or not (is_due or elsewhere.stamp(self._flow.path) != self._stamp):
            return
        self._session.look_again()
        self.look()

    def hear(self, event: RunEvent | None) -> None:
        """Take in what happens in a run; None: it has ended, or the cells are others."""
        match event:
            case TaskChanged(task):
                node = self._standing.changed(task)
                if node is not None and self._edited.is_over(node):
                    # What the notebook has now would still run.
                    self._is_behind = True
                    if time.monotonic() - self._looked > _SHARE * self._took:
                        self.look()
                elif node is not None:
                    self._changed |= self._drawn.update(self._cards([node]))
            case StartedOver() | None:
                self.look()

    def look(self) -> None:
        """Tell the whole flow, as it is when it is told."""
        self._is_due = True

    def _look(self) -> None:
        begun = time.monotonic()
        before = self._now.notebook
        self._now = self._session.on_screen()
        self._flow = self._session.seen()
        self._stamp = elsewhere.stamp(self._flow.path)
        plan = self._now.plan()
        self._drawn = self._draw(plan)
        running = self._flow.is_running
        if running:
            self._standing = Standing(self._flow.flow, plan)
            for task in self._run.tasks:
                self._standing.changed(task)
        self._edited = Edited(self._standing.flow, self._now.flow)
        nodes = self._standing.nodes()
        if not running:
            # What went wrong stays to be seen, until another run begins or a cell is edited.
            if nodes:
                cards = self._cards(nodes)
                self._wrong = tuple(node for node in cards if node.status in _WRONG)
            elif _code(self._now.notebook) != _code(before):
                self._wrong = ()
            # Another process may have mended it.
            mended = {step.cell for step in plan if step.verdict == "reuse"}
            self._wrong = nodes = tuple(node for node in self._wrong if node.id not in mended)
            self._standing = Standing(self._flow.flow, plan)
            self._edited = Edited(self._standing.flow, self._now.flow)
        self._drawn.update(self._cards(nodes))
        self._changed.clear()
        self._whole = True
        self._looked = time.monotonic()
        self._took = self._looked - begun
        self._is_due = self._is_behind = False

    def explain(self, request: str, cell: str) -> None:
        """Tell all about one step."""
        self._settle()
        self.answer(request, details(self._now, cell, self._going()))

    def logs(self, request: str, cell: str, seen: str) -> None:
        """Tell what a step puts out, unless that is what the page has seen."""
        self._settle()
        self.answer(request, logs(self._now, cell, self._going(), seen))

    def preview(self, cell: str, answer: Callable[[Message], None]) -> None:
        """Have it looked up what the values of a step look like; that takes a while."""
        self._settle()
        asked.preview(self._session, self._flow, cell, answer)

    def picture(self, request: str) -> None:
        """Tell the graph as it stands, as a picture."""
        self._settle()
        self.answer(request, picture(self._now, self._drawn))

    def answer(self, request: str, told: Message) -> None:
        """Tell what became of a request."""
        self._answers.append({"kind": "answer", "id": request, "answer": told})

    def news(self) -> Iterator[Message]:
        """The messages for what has changed since the last call."""
        answers, self._answers = self._answers, []
        yield from answers
        self._settle()
        running = self._flow.is_running
        if self._whole:
            yield {"kind": "flow", "flow": self._told(running)}
        elif self._changed or running != self._was_running:
            states = {position: self._drawn.states[position] for position in sorted(self._changed)}
            yield {"kind": "states", "states": states, "running": running}
        self._whole, self._was_running = False, running
        self._changed.clear()

    def _settle(self) -> None:
        if self._is_due:
            self._look()

    def _draw(self, plan: Plan) -> Shown:
        # What is folded away is so at once, also while a run goes on with what it began with.
        return drawn(self._now, plan, self._now.notebook.cells)

    def _cards(self, nodes: Iterable[GraphNode]) -> Iterator[GraphNode]:
        """How steps stand, on the cards of the notebook as it is now."""
        return filter(None, map(self._edited.card, nodes))

    def _going(self) -> Going:
        return Going(self._run.tasks, self._flow.said)

    def _told(self, running: bool) -> Message:
        gone = self._edited.problems(self._standing.nodes()) if running else ()
        whole = told(self._now, self._drawn, running, gone)
        self._elsewhere = whole["elsewhere"]
        return whole


def _code(notebook: Notebook) -> list[tuple[str, str]]:
    return [(cell.id, cell.source) for cell in notebook.cells if cell.kind == "code"]
