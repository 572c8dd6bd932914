"""A terminal's IPython: the same flow, as plain text, without a front end that keeps outputs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
from IPython.terminal.interactiveshell import TerminalInteractiveShell
shell = TerminalInteractiveShell.instance(colors="nocolor")
for cell in {cells!r}:
    print(">>>")
    shell.run_cell(cell, store_history=True)
"""

CELLS = [
    "%load_ext nbflow",
    "def grow(x):\n    return x + 1",
    "%%parameters\nn: int = 2",
    "# a remark\n%%step load\nprint('loading')\ndata = list(range(n))\ndata",
    "#| foreach: x in data\npart = grow(x)\nprint('part', x)",
    "part, data",
    "%flow",
    "%%step load\nprint('loading')\ndata = list(range(n + 1))\ndata",
    "%%step wrong\n1 / 0",
    "%flow plan",
    "def grow(x):\n    return x + 100",
    "#| foreach: x in data\npart = grow(x)\nprint('part', x)",
    "part",
]


def test_cells_are_steps_and_the_flow_is_shown_as_text(tmp_path: Path) -> None:
    script = SCRIPT.format(cells=CELLS)
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    parts = [part.strip() for part in ran.stdout.split(">>>\n")][1:]
    assert "loading" in parts[3]
    assert "[0, 1]" in parts[3]
    assert "✔ load: in n · out data (list[2]" in parts[3]
    assert parts[3].count("load:") == 1
    assert parts[4].startswith("part 0\npart 1\n")
    assert parts[5] == "Out[6]: ([1, 2], [0, 1])"
    assert "2 of 2 steps fresh" in parts[6]
    # The same name once more replaces the step: there are no cells to tell apart.
    assert "its code changed" in parts[7]
    assert "ZeroDivisionError: division by zero" in parts[8]
    assert "nbflow/" not in parts[8]
    assert "▸ part" in parts[9] or "? part" in parts[9]
    # So does the same function.
    assert "`grow` changed" in parts[11]
    assert parts[12] == "Out[13]: [100, 101, 102]"
    assert ran.stderr == ""
