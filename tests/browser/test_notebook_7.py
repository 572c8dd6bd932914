"""Steps in Notebook 7: its own page, with the same line, outputs and graph."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.lab import Lab
from tests.browser.notebook import READY, expect

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Error, Locator, Page

CELLS = (
    new_code_cell("%load_ext nbflow"),
    new_code_cell("%%parameters\nn: int = 3"),
    new_code_cell("%%step load\ndata = list(range(n))\nprint('loading', n)"),
    new_code_cell("total = sum(data)\ntotal", metadata={"tags": ["step:total"]}),
    new_code_cell("%flow graph"),
)
#: Milliseconds for a kernel to start and run two steps.
PATIENCE = 60_000


@pytest.fixture
def folder(lab: Lab, request: pytest.FixtureRequest) -> Path:
    """Where the notebook lies, with a store of its own."""
    folder: Path = lab.folder / request.node.name
    folder.mkdir()
    return folder


@pytest.fixture
def page(window: BrowserContext, lab: Lab, folder: Path) -> Iterator[Page]:
    """A notebook on a page of Notebook 7, which the server of JupyterLab serves as well."""
    if importlib.util.find_spec("notebook") is None:
        assert not os.environ.get("CI"), "Notebook 7 is not installed"
        pytest.skip("Notebook 7 is not installed")
    document = new_notebook(cells=list(CELLS))
    document.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(document, folder / "seven.ipynb")
    page = window.new_page()
    errors: list[Error] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(f"{lab.url}notebooks/{folder.name}/seven.ipynb?token={lab.token}")
    # What is executed before it has a kernel is dropped, as by JupyterLab.
    page.wait_for_function(READY, timeout=PATIENCE)
    yield page
    page.close(run_before_unload=False)
    # Notebook 7.6 has one of its own on every page, also on one that never heard of us.
    assert not [str(e) for e in errors if "/static/notebook/" not in (e.stack or "")]


def outputs(page: Page, position: int) -> Locator:
    """What a cell shows."""
    return page.locator(".jp-CodeCell").nth(position).locator(".jp-OutputArea")


def test_shift_enter_brings_a_step_up_to_date(page: Page, folder: Path, pictures: Path) -> None:
    page.locator(".jp-CodeCell .cm-content").first.click()
    for _ in CELLS:
        page.keyboard.press("Shift+Enter")
    graph = outputs(page, 4).locator(".nbflow-view")
    expect(graph).to_be_visible(timeout=PATIENCE)
    expect(graph).to_contain_text("2 fresh")
    expect(outputs(page, 2)).to_contain_text("load: in n · out data (list[3]")
    expect(outputs(page, 2)).to_contain_text("loading 3")
    # A tag marks a step as well as a magic does: this front end sends it.
    expect(outputs(page, 3)).to_contain_text("total: in data · out total (3)")
    page.screenshot(path=pictures / "notebook-7.png")
    # The kernel was told where the notebook lies, and what it is called.
    assert (folder / ".nbflow" / "history.sqlite").exists()
    expect(graph).to_contain_text("seven")


def test_the_panel_opens_at_its_side_and_runs_the_flow(page: Page, pictures: Path) -> None:
    page.locator('.jp-Toolbar [data-command="nbflow:open"]').click(timeout=PATIENCE)
    panel = page.locator(".nbflow-panel")
    expect(panel.locator(".node")).to_have_count(3, timeout=PATIENCE)
    expect(panel.locator(".summary")).to_have_text("2 steps · 2 new")
    panel.locator("jp-button:not([disabled])").get_by_text("Run", exact=True).click()
    expect(panel.locator(".summary")).to_have_text("2 steps · 2 fresh", timeout=PATIENCE)
    page.screenshot(path=pictures / "notebook-7-panel.png")
