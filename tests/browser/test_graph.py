"""The graph in an output cell, as users see it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.notebook import Notebook

GRAPH = """
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.widget import GraphWidget

nodes = [
    GraphNode("p", "parameters", "parameters", None, "n = 200 · cores = 4"),
    GraphNode("load", "load", "step", "cached", "2.50 s"),
    GraphNode("primes", "primes", "foreach", "queued", "", 4, 0, ("its code changed",)),
    GraphNode("odd", "odd", "step", "queued", "", reasons=("first run",)),
    GraphNode("report", "report", "step", "queued"),
]
edges = [
    GraphEdge("p", "load", ("n",)),
    GraphEdge("p", "primes", ("cores",)),
    GraphEdge("load", "primes", ("data",)),
    GraphEdge("load", "odd", ("data",)),
    GraphEdge("primes", "report", ("found",)),
    GraphEdge("odd", "report", ("odds", "evens")),
]
graph = GraphWidget(nodes, edges, "primes")
graph
"""


def test_the_graph_is_drawn_in_the_output_cell(notebook: Notebook) -> None:
    notebook.run(GRAPH)
    expect(notebook.find(".nbflow-view .node")).to_have_count(5)
    expect(notebook.find(".nbflow-view .edge")).to_have_count(6)
    notebook.picture("drawn")
    notebook.find('.node[aria-label^="primes"]').hover()
    expect(notebook.find(".about")).to_be_visible()
    notebook.picture("hovered")
