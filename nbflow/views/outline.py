"""The graph of a flow as lines of text: each step, and what reads what it gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from click import unstyle

from nbflow.flow import Flow
from nbflow.views.graph import GraphEdge, GraphNode, shown
from nbflow.views.lettering import short
from nbflow.views.text import WIDTH, columns, mark


def outline(flow: Flow) -> str:
    """One line a step: its outputs, and the steps that read them."""
    readers: dict[str, list[str]] = {cell: [] for cell in flow.steps}
    for edge in flow.edges():
        if edge.source in readers:
            replayed = " (replayed)" if edge.replayed else ""
            readers[edge.source].append(flow.steps[edge.target].name + replayed)
    rows = [
        (
            f"{step.name} ×" if step.step.kind == "foreach" else step.name,
            ", ".join(step.outputs),
            f"→ {', '.join(readers[cell])}" if readers[cell] else "",
        )
        for cell, step in flow.steps.items()
    ]
    return "\n".join(f"  {line}" for line in columns(rows, (28, 24)))


def sketch(nodes: Sequence[GraphNode], edges: Iterable[GraphEdge]) -> str:
    """One line a card: how it stands, and what reads what it gives.

    >>> print(sketch([GraphNode("a", "load", status="cached"), GraphNode("b", "fit")],
    ...     [GraphEdge("a", "b", ("xs",))]))
      ● load  cached  → fit
        fit
    """
    names = {node.id: shown(short(node.label, WIDTH)) for node in nodes}
    readers: dict[str, list[str]] = {node.id: [] for node in nodes}
    for edge in edges:
        if edge.source in names and edge.target in names:
            readers[edge.source].append(names[edge.target])
    rows = [
        (
            f"{names[node.id]} ×" if node.kind == "foreach" else names[node.id],
            shown(short(" · ".join(filter(None, (node.status, node.detail))), WIDTH)),
            f"→ {', '.join(readers[node.id])}" if readers[node.id] else "",
        )
        for node in nodes
    ]
    glyphs = [unstyle(mark(node.status or "")) or " " for node in nodes]
    lines = zip(glyphs, columns(rows, (28, 24)), strict=True)
    return "\n".join(f"  {glyph} {line}" for glyph, line in lines)
