"""The panel in another language than English, as a language pack of JupyterLab has it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import opened
from tests.browser.lab import running
from tests.browser.notebook import expect
from tests.browser.panel import FlowPage

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

#: What JupyterLab makes of the name of the panel's package.
DOMAIN = "nbflow_lab"
#: Some of what the panel says, in Esperanto.
TEXTS = {
    "new": "nova",
    "fresh": "aktuala",
    "stale": "malaktuala",
    "blocked": "blokita",
    "step": "paŝo",
    "steps": "paŝoj",
    "foreach": "por ĉiu",
    "why": "kial",
    "reads": "legas",
    "gives": "donas",
    "live": "viva",
    "not loaded": "ne ŝargita",
    "Run": "Ruli",
    "Why": "Kial",
    "Outputs": "Rezultoj",
    "Flow: %1": "Fluo: %1",
    "Graph of %1: %2": "Grafo de %1: %2",
    "Show all": "Montri ĉion",
    "problem": "problemo",
    "first run": "unua fojo",
    "%1 would run, because": "%1 estus rulata, ĉar",
    "This holds of %1 of its %2 tasks.": "Tio validas por %1 el %2 taskoj.",
    "status": "stato",
    "completed": "finita",
    "step %1, cell [%2]": "paŝo %1, ĉelo [%2]",
    "parameter `%1` changed: %2 → %3": "la parametro `%1` ŝanĝiĝis: %2 → %3",
}
PACK = "nbflow_test_esperanto"


@pytest.fixture
def flow(window: BrowserContext, tmp_path: Path, pictures: Path) -> Iterator[FlowPage]:
    """The panel in a JupyterLab that speaks Esperanto."""
    packages = tmp_path / "packages"
    texts = packages / PACK / "locale" / "eo" / "LC_MESSAGES" / f"{DOMAIN}.json"
    texts.parent.mkdir(parents=True)
    head = {"domain": DOMAIN, "language": "eo", "plural_forms": "nplurals=2; plural=(n != 1);"}
    texts.write_text(json.dumps({"": head, **{text: [own] for text, own in TEXTS.items()}}))
    (packages / PACK / "__init__.py").touch()
    about = packages / f"{PACK}-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Name: {PACK}\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[jupyterlab.languagepack]\neo = {PACK}\n")
    settings = tmp_path / "jupyterlab_settings_dir" / "@jupyterlab" / "translation-extension"
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text(json.dumps({"locale": "eo"}))
    path = os.pathsep.join([str(packages), *filter(None, [os.environ.get("PYTHONPATH")])])
    with running(tmp_path, PYTHONPATH=path) as lab, opened(window, lab, pictures, "eo") as notebook:
        yield FlowPage(notebook)


def test_what_the_panel_says_is_said_in_the_language_of_jupyterlab(flow: FlowPage) -> None:
    flow.open("%%parameters\nn = 1", "%%foreach x in [n, 2]\ny = x", "%%step z\nz = y + w")
    flow.expect_words(y="nova", z="blokita")
    flow.expect_link("ne ŝargita")
    expect(flow.node("y").locator(".detail")).to_have_text("nova · unua fojo")
    expect(flow.find(".summary")).to_have_text("2 paŝoj · 1 nova · 1 blokita")
    graph = flow.find(".graph")
    expect(graph).to_have_accessible_name("Grafo de eo: 2 paŝoj · 1 nova · 1 blokita")
    badges = flow.page.locator(".jp-Cell .nbflow-badge")
    expect(badges).to_have_text(["nova", "blokita"])
    expect(badges.first).to_have_attribute("title", "nova · unua fojo")
    flow.edit(2, "%%step z\nz = y")
    flow.node("y").focus()
    for text in ("por ĉiu ×n", "kial", "legas", "donas"):
        expect(flow.find(".about")).to_contain_text(text)
    flow.command("nbflow:run-flow")
    flow.expect_words(y="aktuala", z="aktuala")
    flow.expect_link("viva")
    flow.edit(0, "%%parameters\nn = 5")
    flow.expect_words(y="malaktuala")
    flow.node("y").click()
    expect(flow.find(".nbflow-details-head .nbflow-word")).to_have_text("malaktuala")
    expect(flow.find(".nbflow-tab").first).to_have_text("Kial")
    body = flow.find(".nbflow-details-body")
    expect(body).to_contain_text("y estus rulata, ĉar")
    expect(body.locator("code").first).to_have_text("n")
    expect(body).to_contain_text("la parametro n ŝanĝiĝis: 1 → 5")
    for tab, text in (
        ("Rezultoj", "stato"),
        ("Rezultoj", "finita"),
        ("Source", "paŝo y, ĉelo [2]"),
    ):
        flow.find(".nbflow-tab").get_by_text(tab).click()
        expect(body).to_contain_text(text)
    reason = "la parametro `n` ŝanĝiĝis: 1 → 5"
    expect(badges.first).to_have_attribute("title", re.compile(reason))
    flow.find(".graph").focus()
    flow.node("y").hover()
    flow.picture("esperanto")
    flow.command("nbflow:find")
    flow.page.keyboard.type("malaktuala")
    expect(flow.find(".node.mark-found")).to_have_accessible_name(re.compile("^y, "))
