"""Draws a graph as Graphviz dot."""

from __future__ import annotations

from collections.abc import Iterable

from nbflow.views.graph import GraphEdge, GraphNode, shown
from nbflow.views.status import look, word_for


def dot(nodes: Iterable[GraphNode], edges: Iterable[GraphEdge], title: str) -> str:
    """The graph in Graphviz's language.

    >>> print(dot([GraphNode("a", "load")], [], "train").splitlines()[0])
    digraph "train" {
    """
    lines = [
        f"digraph {_quoted(title)} {{",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fontname="Helvetica", penwidth=1.2];',
        '  edge [color="#8c959f", fontcolor="#59636e", fontname="Helvetica", fontsize=10];',
    ]
    lines += [f"  {_quoted(node.id)} [{_node(node)}];" for node in nodes]
    lines += [
        f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [{_edge(edge)}];" for edge in edges
    ]
    return "\n".join([*lines, "}", ""])


def _node(node: GraphNode) -> str:
    style = look(node.status)
    ink, ground = style.light
    count = "" if node.count is None else f" ×{node.count}"
    told = " · ".join(text for text in (word_for(node.status or ""), node.detail) if text)
    label = node.label + count + ("\n" + f"{style.glyph} {told}".strip() if told else "")
    attributes = {"label": label, "color": ink, "fillcolor": ground}
    shown = ", ".join(f"{key}={_quoted(value)}" for key, value in attributes.items())
    if node.kind == "foreach":
        return f"{shown}, peripheries=2"
    return f'{shown}, style="rounded,filled,dashed"' if node.kind == "parameters" else shown


def _edge(edge: GraphEdge) -> str:
    label = f"label={_quoted(', '.join(edge.names))}"
    if edge.replayed:
        return f"{label}, style=dotted"
    return f"{label}, style=dashed" if edge.observed else label


def _quoted(text: str) -> str:
    escaped = shown(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
