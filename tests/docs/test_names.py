"""``docs/names.md``: each example in a plain kernel, as a flow, and as marked cells in a kernel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

import nbflow
from nbflow.views import problems
from tests import notebooks
from tests.docs.markdown import DOCS, blocks
from tests.laws.run_both import as_flow, plainly
from tests.magics.kernels import kernel

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Example:
    """The cells below one heading, and what the page shows for some of them."""

    heading: str
    cells: tuple[str, ...]
    #: By the place of the cell.
    shown: Mapping[int, str]

    @property
    def refused(self) -> str:
        """What is said of it where it cannot run as a flow."""
        return next((text for text in self.shown.values() if text.startswith("✘")), "")

    def document(self) -> NotebookNode:
        return notebooks.notebook(*map(notebooks.code, self.cells))


def examples() -> Iterator[Example]:
    heading, cells, shown = "", list[str](), dict[int, str]()
    for block in blocks((DOCS / "names.md").read_text("utf-8")):
        match block.kind:
            case "heading":
                if cells:
                    yield Example(heading, tuple(cells), shown)
                heading, cells, shown = block.text, [], {}
            case "python":
                cells.append(block.text)
            case "text":
                shown[len(cells) - 1] = block.text


EXAMPLES = tuple(examples())
RUNNING = [example for example in EXAMPLES if not example.refused]
REFUSED = [example for example in EXAMPLES if example.refused]


def told(outputs: list[dict[str, Any]]) -> str:
    """Outputs as a page shows them."""
    texts = [
        output.get("text") or "\n".join(data["text/plain"] for data in output.values())
        for output in outputs
    ]
    return "\n".join(text.rstrip("\n") for text in texts)


@pytest.mark.parametrize("example", RUNNING, ids=lambda example: example.heading)
def test_both_ways_an_example_gives_what_is_shown(example: Example, tmp_path: Path) -> None:
    document = example.document()
    (plain := tmp_path / "plain").mkdir()
    (flow := tmp_path / "flow").mkdir()
    outputs = [plainly(document, plain).outputs, as_flow(document, flow).outputs]
    for place, shown in example.shown.items():
        cell = document.cells[place]
        is_step = notebooks.mark(cell)[0] in ("step", "foreach")
        # The command line executes no ordinary cell.
        for found in outputs if is_step else outputs[:1]:
            assert told(found[cell.id]) == shown


@pytest.mark.parametrize("example", RUNNING, ids=lambda example: example.heading)
def test_in_a_notebook_it_gives_that_too(example: Example, tmp_path: Path) -> None:
    with kernel(tmp_path) as running:
        for place, source in enumerate(example.cells):
            shown = running.run(source, f"cell-{place}")
            assert shown.status == "ok", shown.text
            text = "\n".join(each.rstrip("\n") for each in shown.rest)
            assert text == example.shown.get(place, text)


@pytest.mark.parametrize("example", REFUSED, ids=lambda example: example.heading)
def test_what_is_refused_is_told_as_shown(example: Example, tmp_path: Path) -> None:
    plainly(example.document(), tmp_path)
    path = notebooks.write(example.document(), tmp_path / "notebook.ipynb")
    with nbflow.load(path) as flow:
        assert problems.problems(flow.problems).plain() == example.refused
