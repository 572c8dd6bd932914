"""The picture is sound XML whatever the texts, and says in words all that its colours say."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.status import LOOKS, SPOTS, look, word_for
from nbflow.views.svg import svg

SVG = "{http://www.w3.org/2000/svg}"
NODES = [
    GraphNode("p", "parameters", "parameters", None, "cores = 2"),
    GraphNode("load", "load", "step", "cached", "0.02 s"),
    GraphNode("primes", "primes", "foreach", "running", "1 of 1200", 1200),
    GraphNode("report", "report", "step", "queued"),
]
EDGES = [
    GraphEdge("p", "primes", ("cores",)),
    GraphEdge("load", "primes", ("data",)),
    GraphEdge("load", "report", ("data", "config"), observed=True),
    GraphEdge("primes", "report", ("a", "b", "c", "d")),
]


def drawn(nodes: list[GraphNode], edges: list[GraphEdge], title: str = "t") -> ElementTree.Element:
    return ElementTree.fromstring(svg(nodes, edges, title))


def texts(root: ElementTree.Element, name: str = "text") -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(SVG + name)]


def test_cards_and_edges_say_what_they_are() -> None:
    root = drawn(NODES, EDGES, "primes")
    shown = texts(root)
    assert shown[:2] == ["primes", "3 steps · 1 cached · 1 running · 1 queued"]
    for text in ("load", "cached · 0.02 s", "running · 1 of 1200", "×1\u202f200", "queued"):
        assert text in shown
    assert "cores = 2" in shown
    assert {"cores", "data", "data, config", "a, b +2"} <= set(shown)
    assert [g.get("data-step") for g in root.iter(SVG + "g") if g.get("data-step")] == [
        "p",
        "load",
        "primes",
        "report",
    ]


def test_a_foreach_is_a_stack_and_an_observed_edge_is_dashed() -> None:
    root = drawn(NODES, EDGES)
    cards = {g.get("data-step"): g.findall(SVG + "rect") for g in root.iter(SVG + "g")}
    assert len(cards["primes"]) == len(cards["load"]) + 2
    edges = [path.get("class") for path in root.iter(SVG + "path") if path.get("marker-end")]
    assert sorted(filter(None, edges)) == ["edge", "edge", "edge", "edge observed"]


def test_a_replayed_edge_is_dotted_and_says_so() -> None:
    root = drawn(NODES, [GraphEdge("load", "report", ("conn",), replayed=True)])
    (path,) = [each for each in root.iter(SVG + "path") if each.get("marker-end")]
    assert path.get("class") == "edge replayed"
    assert path.findtext(SVG + "title") == "load → report: conn (replayed)"


@pytest.mark.parametrize("status", list(LOOKS))
def test_each_status_has_a_word_an_icon_and_colours_for_light_and_dark(status: str) -> None:
    picture = svg([GraphNode("a", "load", "step", status)], [], "t")
    assert f">{word_for(status)}</tspan>" in picture
    assert look(status).icon in picture
    light, dark = picture.split("@media (prefers-color-scheme: dark)")
    assert look(status).light[0] in light
    assert look(status).dark[0] in dark


def test_no_two_statuses_look_alike() -> None:
    alike = {"fresh", "blocked", "interrupted"}  # completed, failed, cancelled in other words
    own = [style.icon for status, style in LOOKS.items() if status not in alike]
    assert len(set(own)) == len(own)
    spots = {SPOTS[status] for status in LOOKS}
    assert len(spots) == len(LOOKS) - 1  # what is fresh has completed


def test_a_status_that_has_no_look_is_still_said() -> None:
    assert ">odd</tspan>" in svg([GraphNode("a", "load", "step", "odd")], [], "t")
    assert "none" in {g.get("class") for g in drawn([GraphNode("a", "a")], []).iter(SVG + "g")}


def test_a_long_label_is_shortened_and_whole_in_its_tooltip() -> None:
    label = "a_step_" * 20
    root = drawn([GraphNode("a", label)], [])
    assert any(text.endswith("…") and len(text) <= 30 for text in texts(root))
    assert label in texts(root, "title")


def test_edges_to_nowhere_are_left_out_and_an_empty_graph_is_a_picture() -> None:
    assert "edge" not in [p.get("class") for p in drawn([], [GraphEdge("a", "b")]).iter()]
    assert texts(drawn([], [], "nothing")) == ["nothing", "0 steps"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><script>',
        "]]>&amp;'",
        "</style><img onerror=x>",
        "\0\x1b\ud800\uffff",
        "\u202eabc\u200b",
        "日本語のラベル" * 9,
        "x" * 100_000,
    ],
)
def test_any_text_is_text(text: str) -> None:
    nodes = [GraphNode(text, text, "foreach", text, text), GraphNode("b", "b")]
    root = drawn(nodes, [GraphEdge(text, "b", (text, text))], text)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert not tags & {"script", "img"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on")}


@given(st.text(max_size=8), st.text(max_size=8))
def test_no_text_breaks_the_xml(label: str, title: str) -> None:
    drawn([GraphNode(label, label, "step", "cached", label)], [], title)


def test_what_edges_of_one_source_share_is_drawn_once() -> None:
    nodes = [GraphNode(str(i), "x") for i in range(200)]
    chain = [GraphEdge(str(i), str(i + 1)) for i in range(199)]
    far = [GraphEdge("0", str(i)) for i in range(2, 200)]
    assert len(svg(nodes, chain + far, "t")) < 3 * len(svg(nodes, chain, "t"))
