"""The graph of a flow as lines of text: each step, and what reads what it gives."""

from __future__ import annotations

from nbflow.flow import Flow
from nbflow.views.blocks import Row, Table
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
