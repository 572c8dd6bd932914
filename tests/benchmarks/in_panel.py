"""What the panel costs a page: to draw, to move, to follow a run, and where there is no flow."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbflow.views.drawn import Drawn
from nbflow.views.graph import GraphEdge, GraphNode
from nbflow.views.status import signs
from tests.benchmarks.measure import ROOT, Row

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Steps of a graph, and the seconds in which it has to be on the screen.
_DRAWN_WITHIN = {50: 0.1, 500: 0.2, 2000: 0.5, 5000: 1.0}
_TURNS = 3
_SET_UP = """async (source) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    window.View = (await import(url)).View;
    window.frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    window.shown = (told) => {
        const model = { told, acts: {}, get: (name) => model.told[name], off() {},
            on: (event, act) => { (model.acts[event] ??= []).push(act); } };
        const place = document.querySelector("#place");
        place.replaceChildren();
        window.model = model;
        window.view = new window.View(model, place);
    };
}"""
_DRAW = """async (told) => {
    await window.frame();
    const begun = performance.now();
    window.shown(JSON.parse(told));
    document.querySelector("svg").getBoundingClientRect();
    await window.frame();
    return (performance.now() - begun) / 1000;
}"""
_PAN = """async () => {
    const frames = [];
    let before = performance.now();
    for (let turn = 0; turn < 90; turn++) {
        window.view.move(turn % 30 < 15 ? 9 : -9, turn % 20 < 10 ? 5 : -5);
        if (turn % 9 === 0) window.view.zoom(turn % 18 === 0 ? 1.1 : 1 / 1.1);
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - before);
        before = now;
    }
    return frames;
}"""
_CHANGE = """async (position) => {
    await window.frame();
    const begun = performance.now();
    const { told } = window.model;
    const state = { ...told.states[position], word: "running", look: "running" };
    window.model.told = { ...told, states: { ...told.states, [position]: state } };
    for (const act of window.model.acts["change:states"]) act();
    await window.frame();
    return performance.now() - begun;
}"""


def drawing() -> Row:
    """From a flow, as analysed, to the screen: laid out by Python, and drawn by the page."""
    told, met = [], True
    with _page() as page:
        for count, bar in _DRAWN_WITHIN.items():
            nodes, edges = _flow(count)
            taken = []
            for _ in range(_TURNS):
                begun = time.perf_counter()
                message = _message(nodes, edges)
                laid_out = time.perf_counter() - begun
                taken.append(laid_out + page.evaluate(_DRAW, message))
            seconds = statistics.median(taken)
            met &= seconds <= bar
            told.append(f"{seconds:.2f} s")
    counts = "/".join(f"{count:,}" for count in _DRAWN_WITHIN)
    bars = "/".join(map(str, _DRAWN_WITHIN.values()))
    return Row(f"first draw of {counts} steps", " / ".join(told), "", f"bar: {bars} s", met)


def moving() -> Row:
    """Frames a second while a graph of 2,000 steps is moved and zoomed, without a graphics card."""
    with _page() as page:
        page.evaluate(_DRAW, _message(*_flow(2000)))
        frames: list[float] = page.evaluate(_PAN)
    rate = 1000 / statistics.fmean(frames)
    return Row("pan and zoom at 2,000 steps", f"{rate:.0f} fps", "", "bar: 50 fps", rate >= 50)


def change() -> Row:
    """One step's status to the screen, of 2,000."""
    with _page() as page:
        page.evaluate(_DRAW, _message(*_flow(2000)))
        taken = [page.evaluate(_CHANGE, str(position)) for position in range(0, 2000, 100)]
    milliseconds = statistics.median(taken)
    work = "one status to the screen at 2,000 steps"
    return Row(work, f"{milliseconds:.0f} ms", "", "bar: 50 ms", milliseconds <= 50)


def bundle() -> Row:
    """All that a page loads for the panel."""
    files = list((ROOT / "nbflow" / "labextension" / "static").glob("*.js"))
    assert files, "the panel is not built: make panel"
    size = sum(len(gzip.compress(file.read_bytes())) for file in files) / 1000
    return Row("the panel's code, compressed", f"{size:.0f} kB", "", "bar: 150 kB", size <= 150)


@contextmanager
def _page() -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        assert chromium is not None, "there is no chromium: apt-get install chromium"
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        style = (ROOT / "nbflow" / "views" / "widget.css").read_text("utf-8")
        style += signs(".nbflow-view ", ".nbflow-view.dark ")
        page.set_content(f"<style>{style}</style><div id='place' style='height: 760px'></div>")
        page.evaluate(_SET_UP, (ROOT / "nbflow" / "views" / "widget.js").read_text("utf-8"))
        yield page
        browser.close()


def _flow(count: int) -> tuple[list[GraphNode], list[GraphEdge]]:
    """A flow whose steps read one or two of those a little above them."""
    chance = random.Random(0)
    nodes = [
        GraphNode(f"c{number}", f"step_{number}", "step", "new", "first run")
        for number in range(count)
    ]
    edges = [
        GraphEdge(
            f"c{chance.randrange(max(0, number - 12), number)}", f"c{number}", (f"v{number}",)
        )
        for number in range(1, count)
        for _ in range(1 if chance.random() < 0.67 else 2)
    ]
    return nodes, edges


def _message(nodes: list[GraphNode], edges: list[GraphEdge]) -> str:
    drawn = Drawn(nodes, edges, "benchmark")
    return json.dumps({"drawing": drawn.drawing, "states": drawn.states})
