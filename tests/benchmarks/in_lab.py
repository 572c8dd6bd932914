"""What the panel costs in JupyterLab: to follow a run, and beside a notebook without a flow."""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.benchmarks.measure import Row
from tests.browser.lab import Lab, running
from tests.browser.notebook import Notebook
from tests.browser.panel import FlowPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

_STEPS = 40
_FIRST = "%%step s0\nimport time\ntime.sleep(0.2)\ns0 = time.time()"
_NEXT = "%%step s{n}\nimport time\ntime.sleep(0.2)\ns{n} = s{before} and time.time()"
#: Notes when each card has come to say so, on the clock that the steps have.
_WATCH = """() => {
    window.seen = {};
    const look = () => {
        for (const node of document.querySelectorAll(".nbflow-panel .node")) {
            const label = node.getAttribute("aria-label");
            if (!/, (completed|fresh)/.test(label)) continue;
            window.seen[label.split(", ")[0]] ??= Date.now() / 1000;
        }
    };
    const options = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(look).observe(document.querySelector(".nbflow-panel"), options);
}"""


#: Notebooks that are opened one after the other, and their cells.
_OPENED, _CELLS = 7, 100
_OPEN = """async (path) => {
    const notebook = await window.jupyterapp.commands.execute("docmanager:open", { path });
    await Promise.all([notebook.context.ready, notebook.sessionContext.ready, notebook.revealed]);
}"""
#: Milliseconds until all has been done that a page puts off when it has opened a notebook.
_SETTLED = 2500
#: Microseconds between two looks at what the page does.
_LOOK = 100
_OURS = "/@nbflow/lab/"


def status() -> Row:
    """From the last line of a step to the word on its card, while a cell holds the kernel."""
    cells = [_FIRST, *(_NEXT.format(n=n, before=n - 1) for n in range(1, _STEPS))]
    with _page() as (page, lab, folder):
        flow = FlowPage(Notebook(page, lab, "latency", folder))
        flow.open("%load_ext nbflow", *cells, "import time\ntime.sleep(3600)")
        flow.expect_words(s0="new")
        flow.run_cell(0)
        flow.idle()
        flow.run_cell(len(cells) + 1)
        page.evaluate(_WATCH)
        flow.command("nbflow:run-flow")
        all_seen = f"() => Object.keys(window.seen).length === {_STEPS}"
        page.wait_for_function(all_seen, timeout=120_000)
        seen: dict[str, float] = page.evaluate("window.seen")
        flow.kernel("interrupt")
        # What comes right behind the failure of a cell is not executed.
        page.wait_for_timeout(1000)
        flow.idle()
        path = f"{str(folder / 'times')!r}"
        flow.execute(
            "import json, nbflow\n"
            "run = nbflow.runs('latency.ipynb')[-1]\n"
            f"json.dump({{n: getattr(run[n], n) for n in run}}, open({path}, 'w'))"
        )
        ended: dict[str, float] = json.loads((folder / "times").read_text())
    taken = sorted(1000 * (seen[name] - ended[name]) for name in ended)
    late = statistics.quantiles(taken, n=20)[-1]
    told = f"{statistics.median(taken):.0f} ms, p95 {late:.0f} ms"
    return Row("a step's end to the screen, kernel busy", told, "", "bar: p95 100 ms", late <= 100)


def opening() -> Row:
    """What the panel's code takes while a notebook is opened that has no flow, and what it asks."""
    asked: list[str] = []
    with _page() as (page, lab, _):
        page.on("request", lambda request: _note(request.url, asked))
        page.on("websocket", lambda socket: socket.on("framesent", lambda sent: _note(sent, asked)))
        page.goto(f"{lab.url}lab?token={lab.token}")
        page.wait_for_function("window.jupyterapp?.commands.hasCommand('nbflow:open')")
        page.wait_for_timeout(_SETTLED)
        asked.clear()  # its own files
        profiler = page.context.new_cdp_session(page)
        profiler.send("Profiler.enable")
        profiler.send("Profiler.setSamplingInterval", {"interval": _LOOK})
        taken = []
        for number in range(_OPENED):
            path = f"plain-{number}.ipynb"
            nbformat.write(_plain(), lab.folder / path)
            profiler.send("Profiler.start")
            page.evaluate(_OPEN, path)
            page.wait_for_timeout(_SETTLED)
            taken.append(_ours(profiler.send("Profiler.stop")["profile"]))
    milliseconds = statistics.median(taken)
    told = f"{milliseconds:.1f} ms, {len(asked) or 'no'} requests"
    met = milliseconds <= 5 and not asked
    return Row("opening a notebook without nbflow", told, "", "bar: 5 ms, no request", met)


def _note(told: str | bytes, asked: list[str]) -> None:
    """Keep what concerns nbflow: a request's address, or a message to a kernel."""
    text = told if isinstance(told, str) else told.decode(errors="replace")
    if "nbflow" in text:
        asked.append(text)


def _plain() -> Any:
    code = [new_code_cell(f"x{n} = {n}\n# some words\nprint(x{n})") for n in range(_CELLS)]
    cells = [new_markdown_cell(f"## Part {n}") if n % 5 == 0 else code[n] for n in range(_CELLS)]
    document = new_notebook(cells=cells)
    document.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    return document


def _ours(profile: Any) -> float:
    """Milliseconds of a profile in the panel's code, and in all that it calls."""
    parents = {child: node["id"] for node in profile["nodes"] for child in node.get("children", ())}
    own = {node["id"] for node in profile["nodes"] if _OURS in node["callFrame"]["url"]}

    def is_ours(node: int | None) -> bool:
        while node is not None and node not in own:
            node = parents.get(node)
        return node is not None

    looks = zip(profile["samples"], profile["timeDeltas"], strict=True)
    microseconds: int = sum(passed for node, passed in looks if is_ours(node))
    return microseconds / 1000


@contextmanager
def _page() -> Iterator[tuple[Page, Lab, Path]]:
    """A page of a browser, a JupyterLab of its own, and the folder of that."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)
    chromium = shutil.which("chromium")
    assert chromium is not None, "there is no chromium: apt-get install chromium"
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1180, "height": 820}), lab, Path(folder)
        browser.close()
