"""The cells of the README, and the line that loads nbflow in every notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, blocks
from tests.magics.kernels import Kernel

pytestmark = pytest.mark.slow

PYTHON = [
    block.text
    for block in blocks((DOCS.parent / "README.md").read_text("utf-8"))
    if block.kind == "python"
]


def test_its_notebook_can_be_followed_cell_by_cell(tmp_path: Path) -> None:
    cells = [text for text in PYTHON if text.startswith("%")]
    running = Kernel(tmp_path)
    try:
        shown = [running.run(cell, f"cell-{n}") for n, cell in enumerate(cells)]
    finally:
        running.close()
    assert [each.status for each in shown] == ["ok"] * 5
    assert shown[3].headline.startswith("✔ primes ×2: in data, cores · out primes")
    # As SymPy counts them.
    assert shown[-1].rest == ["13901\n"]


def test_its_line_in_the_profile_loads_nbflow_in_every_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (setting,) = [text for text in PYTHON if text.startswith("c.")]
    (profile := tmp_path / "ipython" / "profile_default").mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text(setting + "\n")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    running = Kernel(tmp_path)
    try:
        shown = running.run("%%step first\nvalue = 1", "cell")
        assert shown.headline.startswith("✔ first: out value (1)")
        # Notebooks that load it themselves stay as they are.
        assert running.run("%load_ext nbflow", "load").status == "ok"
        assert running.run("value", "look").rest == ["1"]
    finally:
        running.close()
