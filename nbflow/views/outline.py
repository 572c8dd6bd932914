"""The graph of a flow as lines of text: each step, and what reads what it gives."""

from __future__ import annotations

from nbflow.flow import Flow
from nbflow.views.text import columns


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
