"""What the panel costs in JupyterLab: how soon a change of status is on the screen."""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
from pathlib import Path

from tests.benchmarks.measure import Row
from tests.browser.lab import running
from tests.browser.notebook import Notebook
from tests.browser.panel import FlowPage

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


def status() -> Row:
    """From the last line of a step to the word on its card, while a cell holds the kernel."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)
    chromium = shutil.which("chromium")
    assert chromium is not None, "there is no chromium: apt-get install chromium"
    cells = [_FIRST, *(_NEXT.format(n=n, before=n - 1) for n in range(1, _STEPS))]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1180, "height": 820})
        flow = FlowPage(Notebook(page, lab, "latency", Path(folder)))
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
        path = f"{str(Path(folder) / 'times')!r}"
        flow.execute(
            "import json, nbflow\n"
            "run = nbflow.runs('latency.ipynb')[-1]\n"
            f"json.dump({{n: getattr(run[n], n) for n in run}}, open({path}, 'w'))"
        )
        ended: dict[str, float] = json.loads((Path(folder) / "times").read_text())
        browser.close()
    taken = sorted(1000 * (seen[name] - ended[name]) for name in ended)
    late = statistics.quantiles(taken, n=20)[-1]
    told = f"{statistics.median(taken):.0f} ms, p95 {late:.0f} ms"
    return Row("a step's end to the screen, kernel busy", told, "", "bar: p95 100 ms", late <= 100)
