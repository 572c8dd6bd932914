"""The graph of a flow as a widget in an output cell: it lives while the flow runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from anywidget import AnyWidget
from traitlets import Dict, Float

from nbflow.views.drawn import Drawn
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.outline import sketch
from nbflow.views.pace import Pace
from nbflow.views.status import signs
from nbflow.views.svg import svg

#: Least seconds between two messages about the same graph.
_INTERVAL = 0.05


class GraphWidget(AnyWidget):
    """A flow's graph, drawn in the page.

    Whoever opens or reloads a page gets all of ``drawing`` and ``states``; a page that is open is
    sent only ``changes``, which it puts into ``states``. All methods may be called by any thread.

    Parameters
    ----------
    nodes, edges
        The graph; edges between nodes that are not there are left out.
    title
        Stands above it.
    """

    _esm = Path(__file__).with_name("widget.js")
    _css = Path(__file__).with_name("widget.css").read_text("utf-8") + signs(
        ".nbflow-view ", ".nbflow-view.dark "
    )
    drawing = Dict().tag(sync=True)
    #: By a card's position, as text: JSON knows no other keys.
    states = Dict().tag(sync=True)
    #: What of ``states`` was changed last. A trait and not a message, for messages overtake traits.
    changes = Dict().tag(sync=True)
    #: What the clock shows by which states say when a step began; the page's may be another.
    now = Float().tag(sync=True)

    def __init__(self, nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], title: str) -> None:
        self._lock = threading.RLock()
        self._pace = Pace(self._send_changes, _INTERVAL)
        self._title = title
        self._changed: set[str] = set()
        self._revision = 0
        #: Whether the front end has been told of changes one by one since it was told everything.
        self._piecemeal = False
        self._drawn = Drawn(nodes, edges, title)
        super().__init__(drawing=self._drawn.drawing, states=self._drawn.states)

    def draw(self, nodes: Sequence[GraphNode], edges: Sequence[GraphEdge]) -> None:
        """Draw another graph in the place of this one."""
        with self._lock, self.hold_sync():
            self._drawn = Drawn(nodes, edges, self._title)
            self._changed.clear()
            self._piecemeal = False
            self.drawing = {**self._drawn.drawing}
            # The very object: what changes in it is sent apart, and no trait needs to notice.
            self.states = self._drawn.states

    def update(self, nodes: Iterable[GraphNode]) -> None:
        """Show how these nodes stand now; those that the graph does not have are left out.

        May be called as often as anything happens: the page hears of it twenty times a second.
        """
        with self._lock:
            self._changed |= self._drawn.update(nodes)
            asked = bool(self._changed)
        if asked:
            self._pace.ask()

    def flush(self) -> None:
        """Send what waits, and everything once more: to be called when a run has ended.

        What a front end or a runner keeps of a widget beside the notebook is what it was last told
        as a whole.
        """
        self._pace.flush()
        with self._lock:
            if self._piecemeal:
                self._piecemeal = False
                self.send_state("states")

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Traits as a page is told them: all of them, with the time, when it opens."""
        state = dict(super().get_state(key, drop_defaults))
        return {**state, "now": time.time()} if key is None else state

    def _send_changes(self) -> None:
        with self._lock:
            changes = {position: self.states[position] for position in sorted(self._changed)}
            self._changed.clear()
            if changes:
                self._piecemeal = True
                # Numbered: the same change of another graph is another change.
                self._revision += 1
                self.changes = {"revision": self._revision, "states": changes}

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        # Beside the widget, for whoever cannot show one: GitHub, nbconvert, a terminal.
        with self._lock:
            nodes, edges = self._drawn.nodes, self._drawn.edges
            data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
            data["text/plain"] = sketch(nodes, edges).plain()
            data["image/svg+xml"] = svg(nodes, edges, self._title)
        return data, metadata
