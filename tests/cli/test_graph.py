"""``nbflow graph`` writes pictures of the flow, with what is known of each step."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.cli.conftest import Nbflow


def test_the_pictures_show_steps_names_and_states(folder: Path, nbflow: Nbflow) -> None:
    nbflow("run", "small.ipynb")
    result = nbflow("graph", "small.ipynb", "--svg", "flow.svg", "--dot", "-")
    assert result.exit_code == 0
    assert result.stderr == "wrote flow.svg\n"
    root = ElementTree.parse(folder / "flow.svg").getroot()
    shown = " ".join(root.itertext())
    assert all(name in shown for name in ("load", "total", "xs", "fresh", "n = 3"))
    assert result.stdout.startswith('digraph "small" {')
    assert '"load" -> "each" [label="xs"]' in result.stdout
    assert '[label="y ×3\\n✔ fresh' in result.stdout


def test_a_picture_that_cannot_be_written_is_an_error(nbflow: Nbflow) -> None:
    result = nbflow("graph", "small.ipynb", "--svg", "nowhere/flow.svg")
    assert result.exit_code == 2
    assert "nowhere/flow.svg" in result.stderr
