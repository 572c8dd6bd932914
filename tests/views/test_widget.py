"""The graph's widget: what the page is sent, how often, and what stands in for the widget."""

from __future__ import annotations

import json
import re
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import comm
import pytest
from comm.base_comm import BaseComm
from msgspec.structs import replace
from nbformat.v4 import new_code_cell, new_notebook, new_output

from nbflow.views import widget as module
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.pace import Pace
from nbflow.views.status import LOOKS
from nbflow.views.widget import GraphWidget

NODES = [
    GraphNode("p", "parameters", "parameters", None, "n = 2"),
    GraphNode("load", "load", "step", "cached", "0.02 s"),
    GraphNode("each", "each", "foreach", "queued", "", 4, 0, ("first run",)),
]
EDGES = [GraphEdge("p", "load", ("n",)), GraphEdge("load", "each", ("xs",), replayed=True)]


class Wire(BaseComm):
    """A line to a page that only notes what is said."""

    said: list[dict[str, Any]]

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
        # As it is sent: changes after it must not be seen. Its layout is a widget of its own.
        message = json.loads(json.dumps({"type": msg_type, **(data or {})}))
        if message.get("state", {}).get("_model_name") != "LayoutModel":
            self.said.append(message)


@dataclass
class Clock:
    now: float = 0.0
    ring: Callable[[], None] | None = None

    def alarm(self, _: float, call: Callable[[], None]) -> Clock:
        self.ring = call
        return self

    def cancel(self) -> None:
        self.ring = None


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(Wire, "said", messages, raising=False)
    monkeypatch.setattr(comm, "create_comm", Wire)
    yield messages
    GraphWidget.close_all()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(
        module, "Pace", lambda act, interval: Pace(act, interval, lambda: clock.now, clock.alarm)
    )
    return clock


def changes(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = [each["state"] for each in messages if each.get("method") == "update"]
    return [state["changes"]["states"] for state in told if "changes" in state]


def test_a_page_is_told_all_when_it_opens(said: list[dict[str, Any]]) -> None:
    graph = GraphWidget(NODES, EDGES, "primes")
    (opened,) = said
    state = opened["state"]
    assert state["drawing"] == graph.drawing
    assert [card["name"] for card in state["drawing"]["cards"]] == ["parameters", "load", "each"]
    load = state["drawing"]["cards"][1]
    assert load["reads"] == [{"text": "n ← parameters", "names": ["n"], "card": 0}]
    assert load["gives"] == [{"text": "xs (replayed) → each", "names": ["xs"], "card": 2}]
    assert [arrow["kind"] for arrow in state["drawing"]["arrows"]] == ["", "replayed"]
    assert state["states"]["1"]["word"] == "cached"
    assert state["states"]["2"]["reasons"] == ["first run"]
    assert "export default" in state["_esm"]
    assert abs(state["now"] - time.time()) < 60


def test_only_what_differs_is_sent(said: list[dict[str, Any]], clock: Clock) -> None:
    graph = GraphWidget(NODES, EDGES, "primes")
    running = replace(NODES[2], status="running", detail="1 of 4", done=1)
    graph.update([NODES[0], NODES[1], running, GraphNode("stranger", "stranger")])
    (sent,) = changes(said)
    assert list(sent) == ["2"]
    assert (sent["2"]["word"], sent["2"]["detail"], sent["2"]["done"]) == (
        "running",
        "1 of 4",
        0.25,
    )
    clock.now += 1
    graph.update([running])
    assert len(changes(said)) == 1


def test_a_thousand_updates_are_few_messages_and_the_last_state_arrives(
    said: list[dict[str, Any]], clock: Clock
) -> None:
    graph = GraphWidget(NODES, EDGES, "primes")
    for done in range(1000):
        clock.now += 0.001
        graph.update([replace(NODES[2], status="running", detail=f"{done}", count=1000, done=done)])
    assert clock.ring is not None
    clock.ring()
    assert len(changes(said)) <= 1 + 1000 * 0.001 / 0.05
    assert changes(said)[-1]["2"]["detail"] == "999"


@pytest.mark.usefixtures("said")
def test_a_page_that_is_reloaded_is_told_all_as_it_is_now() -> None:
    graph = GraphWidget(NODES, EDGES, "primes")
    graph.update([replace(NODES[1], status="failed")])
    graph.update([replace(NODES[2], status="skipped")])
    told = graph.get_state()
    assert [told["states"][at]["word"] for at in "012"] == ["", "failed", "skipped"]


def test_flush_sends_what_waits_and_then_all_once(said: list[dict[str, Any]], clock: Clock) -> None:
    graph = GraphWidget(NODES, EDGES, "primes")
    graph.flush()
    assert len(said) == 1
    graph.update([replace(NODES[1], status="running")])
    graph.update([replace(NODES[1], status="completed")])
    graph.flush()
    graph.flush()
    assert clock.ring is None
    assert [each["1"]["word"] for each in changes(said)] == ["running", "completed"]
    last = said[-1]
    assert set(last["state"]) == {"states"}
    assert last["state"]["states"]["1"]["word"] == "completed"
    assert len(said) == 4


def test_another_graph_is_one_message_and_forgets_what_waits(
    said: list[dict[str, Any]], clock: Clock
) -> None:
    graph = GraphWidget(NODES, EDGES, "primes")
    for status in ("running", "completed"):
        graph.update([replace(NODES[1], status=status)])
    before = len(said)
    graph.draw([GraphNode("other", "other", status="new")], [])
    assert clock.ring is not None
    clock.ring()
    (drawn,) = said[before:]
    assert set(drawn["state"]) == {"drawing", "states"}
    assert drawn["state"]["states"]["0"]["word"] == "new"
    clock.now += 1
    graph.update([GraphNode("other", "other", status="fresh"), replace(NODES[1], status="new")])
    assert [each["0"]["word"] for each in changes(said[before:])] == ["fresh"]


def test_beside_the_widget_stand_the_picture_and_the_text_as_they_are_now() -> None:
    graph = GraphWidget(NODES, EDGES, "primes")
    graph.update([replace(NODES[1], status="completed")])
    data, _ = graph._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == graph.model_id
    assert "completed" in " ".join(ElementTree.fromstring(data["image/svg+xml"]).itertext())
    assert "✔ load" in data["text/plain"]


def test_a_page_made_of_the_notebook_shows_the_picture() -> None:
    nbconvert = pytest.importorskip("nbconvert")
    graph = GraphWidget(NODES, EDGES, "primes")
    data, _ = graph._repr_mimebundle_()
    shown = new_output("display_data", data)
    page, _ = nbconvert.HTMLExporter().from_notebook_node(
        new_notebook(cells=[new_code_cell("graph", outputs=[shown])])
    )
    (picture,) = re.findall('src="data:image/svg\\+xml;base64,(.*?)"', page)
    assert b'class="nbflow-graph"' in b64decode(picture)
    assert graph.model_id not in page


def test_every_status_has_colours_for_light_and_dark_pages() -> None:
    sheet = str(GraphWidget(NODES, EDGES, "t").get_state()["_css"])
    for status, style in LOOKS.items():
        assert f".nbflow-view .{status} {{ --sign: {style.light[0]}" in sheet
        assert f".nbflow-view.dark .{status} {{ --sign: {style.dark[0]}" in sheet


@pytest.mark.parametrize(
    "text", ["\u202eabc", "\ud800\0", "x" * 1_000_000, "<img src=x onerror=alert(1)>", "日本" * 99]
)
def test_any_text_can_be_sent_and_none_is_long(text: str, said: list[dict[str, Any]]) -> None:
    node = GraphNode("a", text, "foreach", text, text, reasons=(text,) * 100)
    graph = GraphWidget([node, GraphNode("b", "b")], [GraphEdge("a", "b", (text,) * 9)], text)
    (opened,) = said
    told = json.dumps([graph.drawing, graph.states], ensure_ascii=False)
    assert opened["state"]["states"] == graph.states
    assert len(told) < 20_000
    told.encode()
    assert "\u202e" not in told
    data, _ = graph._repr_mimebundle_()
    assert len(data["text/plain"]) < 200
    assert len(data["image/svg+xml"]) < 20_000 + 2 * len(text)  # its id is kept whole
