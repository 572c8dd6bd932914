"""``docs/first-flow.md``, followed to the letter in a real kernel and on the command line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.docs.markdown import DOCS, blocks, with_texts
from tests.magics.kernels import Kernel, plain, same_everywhere

PAGE = DOCS / "first-flow.md"
NOTEBOOK = "primes.ipynb"


class Reader:
    """Does what the page says.

    Parameters
    ----------
    saves
        Whether the notebook is saved all the time, as JupyterLab may do by itself.
    """

    def __init__(self, folder: Path, *, saves: bool) -> None:
        self.folder = folder
        self.saves = saves
        #: Source of each cell by its id, in document order.
        self.cells: dict[str, str] = {}
        #: Cells whose run in the background has been seen to the end.
        self.ended: set[str] = set()
        self.save()
        self.kernel = Kernel(folder, NOTEBOOK)

    def run(self, cell_id: str, source: str, *, top: bool) -> str:
        if top:
            self.cells = {cell_id: source, **self.cells}
        self.cells[cell_id] = source
        if self.saves:
            self.save()
        request = self.kernel.start(source, cell_id)
        shown = self.kernel.finish(request)
        assert shown.status == "ok", shown.text
        if "--bg" in source and cell_id not in self.ended:
            # The cell has ended before the run has.
            assert "completed in" not in shown.text
            shown = self.kernel.until(request, "completed in")
            self.ended.add(cell_id)
        return "".join(map(readable, shown.outputs)).rstrip("\n")

    def follow(self, direction: str) -> str:
        if direction == "save":
            self.save()
            return ""
        assert direction == "restart and run all"
        self.kernel.close()
        self.kernel = Kernel(self.folder, NOTEBOOK)
        shown = [self.run(name, source, top=False) for name, source in self.cells.items()]
        told = zip(self.cells.values(), shown, strict=True)
        return "\n".join(each for source, each in told if each and source.startswith("%%"))

    def type(self, line: str) -> str:
        program, *words = shlex.split(line)
        assert program == "nbflow"
        code = "from nbflow.cli import main; main()"
        ended = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return ended.stdout.rstrip("\n")

    def save(self) -> None:
        document = nbformat.v4.new_notebook()
        for cell_id, source in self.cells.items():
            document.cells.append(nbformat.v4.new_code_cell(source, id=cell_id))
        nbformat.write(document, self.folder / NOTEBOOK)


def readable(output: dict[str, object]) -> str:
    """An output as it stands on the screen: each display on lines of its own."""
    return plain(output).rstrip("\n") + "\n"


def follow(page: str, reader: Reader) -> dict[int, tuple[str, str]]:
    """What the page shows and what really came, by line."""
    compared: dict[int, tuple[str, str]] = {}
    came = ""
    for block in blocks(page):
        match block.kind:
            case "python" | "direction":
                assert not came, f"above line {block.line} the page does not show {came}"
                if block.kind == "python":
                    came = reader.run(block.name, block.text, top=block.name == "load-ext")
                else:
                    came = reader.follow(block.name)
            case "text":
                compared[block.line] = (block.text, came)
                came = ""
            case "picture":
                assert "primes" in came
                came = ""
            case "console":
                command = block.text.partition("\n")[0]
                came = reader.type(command.removeprefix("$ "))
                compared[block.line] = (block.text, f"{command}\n{came}")
                came = ""
    assert not came
    return compared


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("saves", [False, True], ids=["saved when told", "saved all the time"])
def test_the_page_shows_what_happens(saves: bool, tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    reader = Reader(tmp_path, saves=saves)
    try:
        compared = follow(page, reader)
    finally:
        reader.kernel.close()
    # What is written anew is to be read before it is committed.
    if os.environ.get("NBFLOW_SNAPSHOTS") == "write" and not saves:
        PAGE.write_text(with_texts(page, {at: came for at, (_, came) in compared.items()}), "utf-8")
        return
    for shown, came in compared.values():
        assert same_everywhere(came) == same_everywhere(shown)
