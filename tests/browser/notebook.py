"""A notebook in the browser, driven as a user does, and as a kernel does."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.lab import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

#: Whether the notebook of a page has a kernel that waits for cells.
READY = """() => {
    const { commands, shell } = window.jupyterapp ?? {};
    const panel = shell?.currentWidget;
    if (!panel?.context?.isReady || !panel.sessionContext.isReady) return false;
    const kernel = panel.sessionContext.session?.kernel;
    return commands.isEnabled("notebook:run-all-cells") && kernel?.status === "idle";
}"""
_EXECUTE = """async (code) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code, store_history: false });
    const reply = await future.done;
    return reply.content.status === "ok" ? "" : reply.content.traceback.join("\\n");
}"""
_COMMAND = "([name, options]) => window.jupyterapp.commands.execute(name, options)"


def expect(found: Locator) -> Any:
    """Playwright's, imported when it is used: everyday runs collect the tests here too."""
    from playwright.sync_api import expect as of_playwright

    return of_playwright(found)


@dataclass(slots=True)
class Notebook:
    """One notebook in one page."""

    page: Page
    lab: Lab
    name: str
    #: Where screenshots go.
    pictures: Path

    @property
    def folder(self) -> Path:
        """Where it lies, with a store and files of its own."""
        return self.lab.folder / self.name

    def write(self, *cells: str) -> None:
        """Make its file, of these cells."""
        document = new_notebook(cells=[new_code_cell(cell) for cell in cells])
        document.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        self.folder.mkdir(exist_ok=True)
        nbformat.write(document, self.folder / f"{self.name}.ipynb")

    def run(self, *cells: str) -> None:
        """Open a notebook of these cells and run all of them."""
        self.write(*cells)
        self.page.goto(self.lab.address(f"{self.name}/{self.name}.ipynb"))
        self.wait()
        self.command("notebook:run-all-cells")

    def reload(self) -> None:
        """Save the notebook and load its page again; its kernel lives on."""
        self.command("docmanager:save")
        self.page.reload()
        self.wait()

    def wait(self) -> None:
        """Until its kernel answers."""
        self.page.wait_for_function(READY)

    def execute(self, code: str) -> None:
        """Run code in the kernel, past all cells, and wait for its end."""
        failure = self.page.evaluate(_EXECUTE, code)
        assert not failure, failure

    def start(self, code: str) -> None:
        """Have the kernel run code, and wait for nothing."""
        self.page.evaluate(f"(code) => {{ ({_EXECUTE})(code); }}", code)

    def value(self, expression: str) -> str:
        """The repr of something in the kernel."""
        path = self.folder / f"{self.name}.txt"
        self.execute(f"with open({str(path)!r}, 'w') as file: file.write(repr({expression}))")
        return path.read_text()

    def command(self, name: str, **options: object) -> None:
        """One of JupyterLab's."""
        self.page.evaluate(_COMMAND, [name, options])

    def find(self, selector: str) -> Locator:
        """What a selector finds in the page, when it is looked at."""
        return self.page.locator(selector)

    def keep(self, selector: str, path: Path) -> None:
        """Show a part of the page in the docs, when their pictures are made anew."""
        image = self.find(selector).screenshot()
        if os.environ.get("NBFLOW_SNAPSHOTS") == "write":
            # Two hundred kilobytes of true colours say no more.
            from PIL import Image

            Image.open(io.BytesIO(image)).quantize(128).save(path, optimize=True)

    def picture(self, name: str) -> None:
        """Keep how the page looks, for people."""
        self.page.screenshot(path=self.pictures / f"{name}.png")
