"""``docs/convert.md``: its notebook, and what each command prints about it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from nbflow.cli import main
from tests.docs.markdown import DOCS, blocks
from tests.notebooks import notebook, read, write


@pytest.mark.slow
def test_the_page_shows_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = list(blocks((DOCS / "convert.md").read_text("utf-8")))
    plain = write(notebook(*(b.text for b in page if b.kind == "python")), Path("plain.ipynb"))
    commands = 0
    for block in page:
        if block.kind == "direction" and block.name.startswith("replace "):
            _, old, new = block.name.split()
            document = read(plain)
            for cell in document.cells:
                cell.source = cell.source.replace(old, new)
            write(document, plain)
        elif block.kind == "console":
            command, _, shown = block.text.partition("\n")
            words = shlex.split(command.removeprefix("$ "))
            assert words[0] == "nbflow"
            assert CliRunner().invoke(main, words[1:]).stdout == f"{shown}\n"
            commands += 1
    assert commands == 2
