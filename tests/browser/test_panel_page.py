"""The panel as the docs show it."""

from __future__ import annotations

import pytest

from tests.browser.notebook import Notebook, expect
from tests.browser.panel import FlowPage
from tests.browser.test_first_flow import cells_of_the_page
from tests.docs.markdown import DOCS

PICTURE = DOCS / "panel.png"


@pytest.mark.timeout(300)
def test_it_is_seen_at_a_glance_what_would_run_and_why(notebook: Notebook) -> None:
    notebook.name = "prime-numbers"
    notebook.page.set_viewport_size({"width": 1320, "height": 900})
    flow = FlowPage(notebook)
    flow.open(*cells_of_the_page()[:-1])
    notebook.command("application:toggle-left-area")
    flow.command("nbflow:run-flow")
    flow.expect_words(load="fresh", primes="fresh", report="fresh")
    helper = cells_of_the_page()[1]
    flow.edit(1, helper.replace("n < 3", "n <= 2"))
    flow.expect_words(load="fresh", primes="stale", report="unknown")
    flow.node("primes").click()
    expect(flow.find(".nbflow-details-body")).to_contain_text("n <= 2")
    flow.find(".nbflow-tab[aria-selected=true]").focus()
    notebook.page.mouse.move(0, 0)
    expect(flow.find(".nbflow-view .about")).to_be_hidden()
    notebook.keep("#jp-main-dock-panel", PICTURE)
    assert PICTURE.stat().st_size < 160_000
