"""The live graph of ``%flow graph``: it follows every run for as long as anybody may look at it."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from nbflow.driver import RunEvent, StartedOver, TaskChanged
from nbflow.errors import NbflowError
from nbflow.views.drawing import Standing, drawing
from nbflow.views.widget import GraphWidget

if TYPE_CHECKING:
    from nbflow.magics.session import Session


class LiveGraph:
    """Keeps one graph in an output cell as the flow is, and as its runs go.

    Parameters
    ----------
    session
        Tells of runs and of cells; it holds this by a weak reference only.
    """

    def __init__(self, session: Session) -> None:
        self._flow = session.seen()
        plan = self._flow.plan()
        self._standing = Standing(self._flow.flow, plan)
        nodes, edges = drawing(self._flow.flow, plan)
        self.widget = GraphWidget(nodes, edges, self._flow.flow.name)
        # The front end's view is kept by the widget manager, and keeps this alive.
        self.widget.live = self
        session.listeners.append(weakref.WeakMethod(self.hear))

    def hear(self, event: RunEvent | None) -> None:
        """Take in what happens in a run; None: it has ended, or the cells are others."""
        match event:
            case TaskChanged(task):
                node = self._standing.changed(task)
                if node is not None:
                    self.widget.update([node])
            case StartedOver() | None:
                self._draw()

    def _draw(self) -> None:
        try:
            plan = self._flow.plan()
        except NbflowError:
            self._standing = Standing(self._flow.flow)
            return  # the store is out of reach: what was drawn last stays
        self._standing = Standing(self._flow.flow, plan)
        self.widget.draw(*drawing(self._flow.flow, plan))
        self.widget.flush()
