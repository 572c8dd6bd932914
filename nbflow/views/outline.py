"""The graph of a flow as lines of text: each step, and what reads what it gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nbflow.flow import Flow
from nbflow.views.blocks import WIDTH, Row, Table
from nbflow.views.graph import GraphEdge, GraphNode, shown
from nbflow.views.lettering import short
from nbflow.views.page import Page, page


def outline(flow: Flow) -> Page:
    """One line a step: its outputs, and the steps that read them."""
    readers: dict[str, list[str]] = {cell: [] for cell in flow.steps}
    for edge in flow.edges():
        if edge.source in readers:
            replayed = " (replayed)" if edge.replayed else ""
            readers[edge.source].append(flow.steps[edge.target].name + replayed)
    rows = []
    for cell, step in flow.steps.items():
        name = f"{step.name} ×" if step.step.kind == "foreach" else step.name
        read = f"→ {', '.join(readers[cell])}" if readers[cell] else ""
        rows.append(Row((name, ", ".join(step.outputs), read)))
    return page(Table(tuple(rows), ("step", "outputs", "read by"), limits=(28, 24)))


def sketch(nodes: Sequence[GraphNode], edges: Iterable[GraphEdge]) -> Page:
    """One line a card: how it stands, and what reads what it gives.

    >>> print(sketch([GraphNode("a", "load", status="cached"), GraphNode("b", "fit")],
    ...     [GraphEdge("a", "b", ("xs",))]).plain())
      ● load  cached  → fit
        fit
    """
    names = {node.id: shown(short(node.label, WIDTH)) for node in nodes}
    readers: dict[str, list[str]] = {node.id: [] for node in nodes}
    for edge in edges:
        if edge.source in names and edge.target in names:
            readers[edge.source].append(names[edge.target])
    rows = []
    for node in nodes:
        splits = "" if node.count is None else node.count
        name = f"{names[node.id]} ×{splits}" if node.kind == "foreach" else names[node.id]
        story = shown(short(" · ".join(filter(None, (node.status, node.detail))), WIDTH))
        read = f"→ {', '.join(readers[node.id])}" if readers[node.id] else ""
        rows.append(Row((name, story, read), node.status or ""))
    return page(Table(tuple(rows), ("step", "status", "read by"), limits=(28, 24)))
