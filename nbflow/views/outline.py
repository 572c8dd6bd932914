"""The graph of a flow as lines of text: each step, and what reads what it gives."""

from __future__ import annotations

from nbflow.views.subjects import Flow
from nbflow.views.text import columns


def outline(flow: Flow) -> str:
    """One line a step: its outputs, and the steps that read them."""
    names = {step.cell.id: step.name for step in flow.steps}
    readers: dict[str, list[str]] = {step.cell.id: [] for step in flow.steps}
    for edge in flow.edges():
        if edge.source in readers and edge.target in names:
            readers[edge.source].append(names[edge.target])
    rows = [
        (
            f"{step.name} ×" if step.kind == "foreach" else step.name,
            ", ".join(step.outputs),
            f"→ {', '.join(readers[step.cell.id])}" if readers[step.cell.id] else "",
        )
        for step in flow.steps
    ]
    return "\n".join(f"  {line}" for line in columns(rows, (28, 24)))
