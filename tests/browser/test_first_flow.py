"""The notebook of ``docs/first-flow.md`` in JupyterLab, and the picture of it in the docs."""

from __future__ import annotations

import pytest

from tests.browser.notebook import Notebook, expect
from tests.docs.markdown import DOCS, blocks

CELLS = ("load-ext", "helper", "parameters", "load", "primes", "report", "graph")
PICTURE = DOCS / "first-flow.png"


def cells_of_the_page() -> list[str]:
    """The cells as they are at its end."""
    found = {
        block.name: block.text
        for block in blocks((DOCS / "first-flow.md").read_text("utf-8"))
        if block.kind == "python"
    }
    return [found[name] for name in CELLS]


@pytest.mark.timeout(300)
def test_its_lines_and_its_graph_are_seen_at_a_glance(notebook: Notebook) -> None:
    notebook.name = "primes"
    notebook.page.set_viewport_size({"width": 940, "height": 960})
    notebook.run(*cells_of_the_page())
    expect(notebook.find(".nbflow-view .node")).to_have_count(4)
    for line in ("load: in n", "primes ×4: in data, chunks", "report: in primes"):
        expect(notebook.find(".nbf").filter(has_text=line)).to_be_in_viewport()
    expect(notebook.find(".nbflow-view")).to_be_in_viewport(ratio=1)
    notebook.keep(".jp-Notebook", PICTURE)
    assert PICTURE.stat().st_size < 120_000
