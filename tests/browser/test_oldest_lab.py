"""The panel in the oldest JupyterLab that it says it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import opened
from tests.browser.lab import running
from tests.browser.notebook import expect
from tests.browser.panel import FlowPage
from tests.environment import environment

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

OLDEST = "jupyterlab==4.4.0"


@pytest.fixture
def flow(window: BrowserContext, tmp_path: Path, pictures: Path) -> Iterator[FlowPage]:
    python = environment(tmp_path / "environment", OLDEST, beside=True)
    with running(tmp_path, python) as lab, opened(window, lab, pictures, "oldest") as notebook:
        yield FlowPage(notebook)


def test_the_panel_works_in_the_oldest_jupyterlab(flow: FlowPage) -> None:
    flow.open("%%step one\none = 1", "%%foreach x in [one, 2]\ntwo = x\nprint(x)")
    assert flow.page.evaluate("window.jupyterapp.version") == OLDEST.partition("==")[2]
    flow.expect_words(one="new", two="new")
    expect(flow.page.locator(".jp-Cell .nbflow-badge")).to_have_text(["new", "new"])
    flow.command("nbflow:run-flow")
    flow.expect_words(one="fresh", two="fresh")
    flow.expect_link("live")
    flow.edit(0, "%%step one\none = 10")
    flow.expect_words(one="stale", two="unknown")
    flow.node("one").click()
    assert flow.active() == 0
    body = flow.find(".nbflow-details-body")
    expect(body).to_contain_text("its code changed")
    flow.node("two").click()
    flow.find(".nbflow-tab").get_by_text("Logs").click()
    expect(body).to_contain_text(re.compile("two.1."))
    flow.picture("oldest")
