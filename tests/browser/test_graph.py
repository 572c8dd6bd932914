"""The graph in an output cell, as users see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from nbflow.views.status import SPOTS
from tests.browser.notebook import Notebook, expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

GRAPH = """
from msgspec.structs import replace
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.widget import GraphWidget

nodes = [
    GraphNode("p", "parameters", "parameters", None, "n = 200 · cores = 4"),
    GraphNode("load", "load", "step", "cached", "2.50 s"),
    GraphNode("primes", "primes", "foreach", "queued", "", 4, reasons=("its code changed",)),
    GraphNode("odd", "odd", "step", "queued", "", reasons=("first run",)),
    GraphNode("report", "report", "step", "queued"),
]
edges = [
    GraphEdge("p", "load", ("n",)),
    GraphEdge("p", "primes", ("cores",)),
    GraphEdge("load", "primes", ("data",)),
    GraphEdge("load", "odd", ("data",)),
    GraphEdge("primes", "report", ("found",)),
    GraphEdge("odd", "report", ("odds", "evens"), observed=True),
]
graph = GraphWidget(nodes, edges, "primes")
graph
"""
RUNNING = """
graph.update([
    replace(nodes[1], status="completed"),
    replace(nodes[2], status="running", detail="3 of 4 · 12 s", done=3),
    replace(nodes[3], status="running"),
    replace(nodes[4], status="failed", detail="ZeroDivisionError in line 5"),
])
"""
ACTIVE = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"


@pytest.fixture(scope="module")
def ran(lasting: Notebook) -> Notebook:
    lasting.run(GRAPH, "1 + 1")
    return lasting


@pytest.fixture
def drawn(ran: Notebook) -> Notebook:
    """A graph that nobody has touched yet."""
    ran.page.mouse.move(0, 0)
    ran.command("notebook:run-all-cells")
    expect(node(ran, "primes").locator(".detail")).to_have_text("queued")
    return ran


@pytest.fixture
def dark(drawn: Notebook) -> Iterator[Notebook]:
    drawn.command("apputils:change-theme", theme="JupyterLab Dark")
    yield drawn
    # Themes are kept for a user, and all tests are the same one.
    drawn.command("apputils:change-theme", theme="JupyterLab Light")


def node(notebook: Notebook, name: str) -> Locator:
    return notebook.find(f'.nbflow-view .node[aria-label^="{name},"]')


def view(notebook: Notebook) -> tuple[float, float, float]:
    """Where the graph is looked at from: x, y and the zoom."""
    told = notebook.find(".nbflow-view .graph > g").get_attribute("transform")
    x, y, scale = map(float, re.findall(r"-?[\d.]+(?:e-?\d+)?", told or ""))
    return x, y, scale


def test_the_graph_is_drawn_in_the_output_cell(drawn: Notebook) -> None:
    expect(drawn.find(".nbflow-view .edge")).to_have_count(6)
    drawn.picture("graph")
    names = drawn.find(".nbflow-view .name")
    expect(names).to_have_text(["parameters", "load", "primes", "odd", "report"])
    expect(drawn.find(".nbflow-view .title")).to_have_text("primes")
    expect(drawn.find(".nbflow-view .summary")).to_have_text("4 steps · 1 cached · 3 queued")
    expect(node(drawn, "load").locator(".detail")).to_have_text("cached · 2.50 s")
    expect(node(drawn, "primes").locator(".count")).to_have_text("×4")
    labels = drawn.find(".nbflow-view .label").all_text_contents()
    assert sorted(labels) == ["cores", "data", "data", "found", "n", "odds, evens"]
    graph = drawn.find(".nbflow-view .graph")
    expect(graph).to_have_accessible_name("Graph of primes: 4 steps · 1 cached · 3 queued")
    expect(node(drawn, "primes")).to_have_accessible_name("primes, foreach ×4, queued")


def test_a_node_that_is_pointed_at_tells_all_about_itself(drawn: Notebook) -> None:
    about = drawn.find(".nbflow-view .about")
    expect(about).to_be_hidden()
    node(drawn, "primes").hover()
    for text in ("foreach ×4", "queued", "its code changed", "cores ← parameters"):
        expect(about).to_contain_text(text)
    expect(about).to_contain_text("found → report")
    expect(drawn.find(".nbflow-view .edge.near")).to_have_count(3)
    drawn.picture("graph-hovered")
    drawn.find(".nbflow-view .title").hover()
    expect(about).to_be_hidden()


def test_what_a_node_has_nothing_to_do_with_steps_back(drawn: Notebook) -> None:
    node(drawn, "primes").hover()
    expect(drawn.find(".nbflow-view .edge.along")).to_have_count(4)
    for name in ("parameters", "load", "report"):
        expect(node(drawn, name)).to_have_css("opacity", "1")
    expect(node(drawn, "odd")).to_have_css("opacity", "0.4")
    drawn.find(".nbflow-view .title").hover()
    expect(node(drawn, "odd")).to_have_css("opacity", "1")


def test_many_names_on_arrows_show_only_where_one_looks(drawn: Notebook) -> None:
    drawn.execute("""
nodes = [GraphNode(f"c{n}", f"s{n}", "step", "new") for n in range(50)]
graph.draw(nodes, [GraphEdge("c0", f"c{n}", ("data",)) for n in range(1, 50)])
""")
    labels = drawn.find(".nbflow-view .label")
    expect(labels).to_have_count(49)
    expect(labels.first).to_be_hidden()
    node(drawn, "s1").focus()
    expect(drawn.find(".nbflow-view .label.near")).to_have_count(1)
    expect(drawn.find(".nbflow-view .label.near")).to_be_visible()


def test_the_graph_follows_a_run(drawn: Notebook) -> None:
    drawn.execute("""
for done in range(2000):
    graph.update([replace(nodes[2], status="running", detail=f"{done}", count=2000, done=done)])
""")
    expect(node(drawn, "primes").locator(".detail")).to_have_text("running · 1999")
    drawn.execute(RUNNING)
    expect(node(drawn, "load").locator(".word")).to_have_text("completed")
    expect(node(drawn, "report")).to_have_class(re.compile(r"\bfailed\b"))
    expect(drawn.find(".nbflow-view .summary")).to_have_text(
        "4 steps · 1 completed · 2 running · 1 failed"
    )
    drawn.find(".nbflow-view .title").hover()
    drawn.picture("graph-running")
    drawn.execute('graph.draw([GraphNode("a", "all_new", "step", "new")], [])')
    expect(drawn.find(".nbflow-view .name")).to_have_text(["all_new"])


def test_the_graph_survives_a_reload_of_the_page(drawn: Notebook) -> None:
    drawn.execute(RUNNING)
    drawn.reload()
    expect(node(drawn, "primes").locator(".detail")).to_have_text("running · 3 of 4 · 12 s")
    drawn.execute('graph.update([replace(nodes[3], status="completed", detail="1.20 s")])')
    expect(node(drawn, "odd").locator(".detail")).to_have_text("completed · 1.20 s")


def test_the_graph_is_dark_where_the_page_is(dark: Notebook) -> None:
    dark.execute(RUNNING)
    expect(dark.find(".nbflow-view")).to_have_class(re.compile(r"\bdark\b"))
    expect(node(dark, "load").locator(".disc")).to_have_css("fill", "rgb(20, 48, 30)")
    node(dark, "load").hover()
    dark.picture("graph-dark")


def test_the_graph_is_read_with_the_keyboard_and_the_notebook_stays_where_it_is(
    drawn: Notebook,
) -> None:
    keys = drawn.page.keyboard
    drawn.find(".nbflow-view .graph").focus()
    active = drawn.page.evaluate(ACTIVE)
    for key, name in (
        ("ArrowRight", "parameters"),
        ("ArrowRight", "load"),
        ("ArrowRight", "odd"),
        ("ArrowUp", "primes"),
        ("End", "report"),
        ("ArrowLeft", "odd"),
        ("Home", "parameters"),
    ):
        keys.press(key)
        expect(node(drawn, name)).to_be_focused()
        expect(drawn.find(".nbflow-view .about strong")).to_have_text(name)
    _, _, before = view(drawn)
    keys.press("+")
    assert view(drawn)[2] > before
    keys.press("0")
    assert view(drawn)[2] == before
    keys.press("Escape")
    expect(drawn.find(".nbflow-view .graph")).to_be_focused()
    expect(drawn.find(".nbflow-view .about")).to_be_hidden()
    assert drawn.page.evaluate(ACTIVE) == active


def test_the_graph_is_moved_by_dragging_and_zoomed_by_wheel_and_buttons(drawn: Notebook) -> None:
    mouse = drawn.page.mouse
    drawn.find(".nbflow-view .graph").scroll_into_view_if_needed()
    box = drawn.find(".nbflow-view .graph").bounding_box()
    assert box is not None
    x, y = box["x"] + 30, box["y"] + 20
    before = view(drawn)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 50, y + 30, steps=3)
    mouse.up()
    moved = view(drawn)
    assert moved == pytest.approx((before[0] + 50, before[1] + 30, before[2]), abs=4)
    mouse.wheel(0, -5)  # scrolls the page
    drawn.page.keyboard.down("Control")
    mouse.wheel(0, -120)
    drawn.page.keyboard.up("Control")
    drawn.page.wait_for_function(
        "(old) => !document.querySelector('.graph > g').getAttribute('transform').endsWith(old)",
        arg=f"scale({moved[2]:g})",
    )
    assert view(drawn)[2] > moved[2]
    drawn.find(".nbflow-view").get_by_role("button", name="Zoom out").click()
    drawn.find(".nbflow-view").get_by_role("button", name="Show all").click()
    assert view(drawn) == before


def test_no_name_of_a_step_is_parsed(notebook: Notebook) -> None:
    notebook.run("""
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.widget import GraphWidget

bad = [
    "<img src=x onerror='window.stolen = 1'>",
    "</style></svg><script>window.stolen = 2</script>",
    "\\u202eevil\\u2066",
    "javascript:alert(3)",
    "x" * 1_000_000,
    "$\\\\href{javascript:alert(4)}{x}$",
]
nodes = [GraphNode(t, t, "foreach", t, t, 3, 1, (t,)) for t in bad]
edges = [GraphEdge(s, t, (s, t)) for s, t in zip(bad, bad[1:])]
graph = GraphWidget(nodes, edges, "".join(bad))
graph
""")
    expect(notebook.find(".nbflow-view .node")).to_have_count(6)
    for one in notebook.find(".nbflow-view .node").all():
        one.focus()
        expect(one).to_be_focused()
    expect(notebook.find(".nbflow-view .about")).to_be_visible()
    assert notebook.page.evaluate("window.stolen") is None
    expect(notebook.find(".nbflow-view :is(img, script, a)")).to_have_count(0)
    assert len(notebook.find(".nbflow-view").inner_text()) < 5000
    assert "\u202e" not in notebook.find(".nbflow-view").inner_text()


def test_of_very_many_steps_only_those_are_in_the_page_that_can_be_seen(notebook: Notebook) -> None:
    notebook.run("""
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.widget import GraphWidget

nodes = [GraphNode(f"s{n}", f"s{n}", "step", "new") for n in range(400)]
edges = [GraphEdge(f"s{max(0, n - n % 3 - 1)}", f"s{n}", (f"x{n}",)) for n in range(1, 400)]
graph = GraphWidget(nodes, edges, "many")
graph
""")
    first, last = node(notebook, "s0"), node(notebook, "s399")
    expect(first).to_be_visible()
    expect(last).to_have_count(0)
    failed = 'replace(nodes[399], status="failed", detail="ZeroDivisionError")'
    notebook.execute(f"from msgspec.structs import replace\ngraph.update([{failed}])")
    notebook.find(".nbflow-view .graph").focus()
    notebook.page.keyboard.press("End")
    expect(last).to_be_focused()
    expect(last).to_contain_text("failed · ZeroDivisionError")
    expect(notebook.find(".nbflow-view .edge.near")).to_have_count(1)
    expect(notebook.find(".nbflow-view .label")).to_have_text(["x399"])
    expect(first).to_have_count(0)
    notebook.page.keyboard.press("ArrowLeft")
    expect(node(notebook, "s398")).to_be_focused()
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("0")
    expect(node(notebook, "s150")).to_be_visible()
    # Seen from afar, colour is not all that tells how one stands.
    spot = node(notebook, "s150").locator(".spot")
    expect(spot).to_have_attribute("d", SPOTS["new"])
    notebook.execute('graph.update([replace(nodes[150], status="failed")])')
    expect(spot).to_have_attribute("d", SPOTS["failed"])
    notebook.picture("graph-many")
    notebook.page.keyboard.press("Home")
    expect(first).to_be_focused()
