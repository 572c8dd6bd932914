"""The panel beside a notebook in JupyterLab's window, as its user sees and drives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.browser.notebook import Notebook, expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

#: The notebook, whatever stands in front.
_NOTEBOOK = """
const { commands, shell } = window.jupyterapp;
const notebook = [...shell.widgets("main")].find((each) => each.sessionContext && each.content);
"""
_READY = f"""() => {{
    if (!window.jupyterapp?.commands.hasCommand("nbflow:open")) return false;
    {_NOTEBOOK}
    if (!notebook?.context.isReady || !notebook.sessionContext.isReady) return false;
    return commands.isEnabled("nbflow:open");
}}"""
_REPLACE = f"""(sources) => {{
    {_NOTEBOOK}
    const shared = notebook.context.model.sharedModel;
    const kind = (source) => (/^#+ .*$/.test(source) ? "markdown" : "code");
    const cells = sources.map((source) => ({{ cell_type: kind(source), source, metadata: {{}} }}));
    shared.transact(() => {{
        shared.deleteCellRange(0, shared.cells.length);
        shared.insertCells(0, cells);
    }});
    notebook.content.activeCellIndex = 0;
}}"""
_EDIT = f"""([index, source]) => {{
    {_NOTEBOOK}
    notebook.context.model.sharedModel.cells[index].setSource(source);
}}"""
_ACTIVE = f"""(index) => {{
    {_NOTEBOOK}
    if (index !== null) notebook.content.activeCellIndex = index;
    return notebook.content.activeCellIndex;
}}"""
_RUN_CELL = f"""(index) => {{
    {_NOTEBOOK}
    notebook.content.activeCellIndex = index;
    notebook.content.deselectAll();
    void commands.execute("notebook:run-cell");
}}"""
_KERNEL = f"(act) => {{ {_NOTEBOOK} return notebook.sessionContext.session.kernel[act](); }}"
_EXECUTE = f"""async (code) => {{
    {_NOTEBOOK}
    const kernel = notebook.sessionContext.session.kernel;
    const reply = await kernel.requestExecute({{ code, store_history: false }}).done;
    return reply.content.status === "ok" ? "" : JSON.stringify(reply.content);
}}"""
_RENAME = f"(name) => {{ {_NOTEBOOK} return notebook.context.rename(name); }}"
_DEAF = f"""() => {{
    {_NOTEBOOK}
    const signal = notebook.sessionContext._iopubMessage;
    const emit = signal.emit.bind(signal);
    signal.emit = (message) => {{
        if (message.content.data?.kind === "hello") delete signal.emit;
        else emit(message);
    }};
}}"""
_LOSE = f"""() => {{
    {_NOTEBOOK}
    const signal = notebook.sessionContext._iopubMessage;
    const emit = signal.emit.bind(signal);
    window.lost = 0;
    signal.emit = (message) => {{
        if (message.content.data?.rev) window.lost++;
        else emit(message);
    }};
}}"""
_HEAR = f"() => {{ {_NOTEBOOK} delete notebook.sessionContext._iopubMessage.emit; }}"
_CLOSE = f"() => {{ {_NOTEBOOK} notebook.dispose(); }}"
_SOURCE = f"""([index, source]) => {{
    {_NOTEBOOK}
    return notebook.context.model.sharedModel.cells[index].getSource() === source;
}}"""
_INTO = f"""(index) => {{
    {_NOTEBOOK}
    notebook.content.activeCellIndex = index;
    notebook.content.mode = "edit";
    notebook.content.activeCell.editor.focus();
}}"""
_TAG = f"""([index, tag]) => {{
    {_NOTEBOOK}
    notebook.context.model.sharedModel.cells[index].setMetadata("tags", [tag]);
}}"""
_TAGS = f"""(index) => {{
    {_NOTEBOOK}
    return notebook.context.model.sharedModel.cells[index].getMetadata("tags") ?? [];
}}"""
_SAVE = f"() => {{ {_NOTEBOOK} return notebook.context.save(); }}"


@dataclass(slots=True)
class FlowPage:
    """One notebook with its panel, in one page."""

    notebook: Notebook

    @property
    def page(self) -> Page:
        """The browser's."""
        return self.notebook.page

    def open(self, *cells: str) -> None:
        """Open a notebook of these cells, and its panel beside it; nothing is run."""
        self.notebook.write(*cells)
        self.visit()
        self.command("nbflow:open")

    def visit(self) -> None:
        """Load the page, with whatever it had open; nobody asks about unsaved cells."""
        self.page.goto(self.notebook.lab.workspace(self.notebook.name))
        self.page.wait_for_function(_READY)

    def cells(self, *sources: str) -> None:
        """Put other cells in the place of all; a line that begins with ``# `` is a heading."""
        self.page.evaluate(_REPLACE, list(sources))

    def edit(self, index: int, source: str) -> None:
        """Type another text into a cell."""
        self.page.evaluate(_EDIT, [index, source])

    def expect_source(self, index: int, source: str) -> None:
        """Wait until a cell has this text."""
        self.page.wait_for_function(_SOURCE, arg=[index, source])

    def undo(self, index: int) -> None:
        """Undo what was last done to a cell, as from its editor."""
        self.page.evaluate(_INTO, index)
        self.page.keyboard.press("Control+z")

    def tag(self, index: int, tag: str) -> None:
        """Give a cell a tag, and no other."""
        self.page.evaluate(_TAG, [index, tag])

    def tags(self, index: int) -> list[str]:
        """A cell's."""
        found: list[str] = self.page.evaluate(_TAGS, index)
        return found

    def run_cell(self, index: int) -> None:
        """Start a cell, and wait for nothing."""
        self.page.evaluate(_RUN_CELL, index)

    def execute(self, code: str) -> None:
        """Run code in the kernel, past all cells, and wait for its end."""
        failure = self.page.evaluate(_EXECUTE, code)
        assert not failure, failure

    def kernel(self, act: str) -> None:
        """What a kernel connection can do: ``restart``, ``interrupt``."""
        self.page.evaluate(_KERNEL, act)

    def save(self) -> None:
        """Save the notebook, whichever widget is in front."""
        self.page.evaluate(_SAVE)

    def rename(self, name: str) -> None:
        """Give the notebook's file another name."""
        self.page.evaluate(_RENAME, f"{name}.ipynb")

    def be_deaf(self) -> None:
        """Do not hear that the kernel has nbflow, as where its word was lost on the way."""
        self.page.evaluate(_DEAF)

    def lose(self) -> None:
        """Hear nothing of what changes, as where Jupyter leaves messages out of too many."""
        self.page.evaluate(_LOSE)

    def hear(self) -> None:
        """Hear all again, once something was lost."""
        self.page.wait_for_function("window.lost > 0")
        self.page.evaluate(_HEAR)

    def close(self) -> None:
        """Close the notebook, as it was saved."""
        self.page.evaluate(_CLOSE)

    def idle(self) -> None:
        """Wait until the kernel has nothing to do.

        JupyterLab's own word may stay "unknown" after a restart until something is executed.
        """
        self.execute("")

    def active(self, index: int | None = None) -> int:
        """The active cell's index, set first where one is given."""
        found: int = self.page.evaluate(_ACTIVE, index)
        return found

    def command(self, name: str) -> None:
        """One of JupyterLab's, started."""
        self.page.evaluate("(name) => void window.jupyterapp.commands.execute(name)", name)

    def find(self, selector: str) -> Locator:
        """What a selector finds in the panel."""
        return self.page.locator(f".nbflow-panel {selector}")

    def node(self, name: str) -> Locator:
        """The card of a step."""
        return self.find(f'.node[aria-label^="{name},"]')

    def expect_words(self, **words: str) -> None:
        """Wait until each of these steps has this status on its card."""
        for name, word in words.items():
            try:
                expect(self.node(name).locator(".word")).to_have_text(word)
            except AssertionError as error:
                error.add_note("\n".join(["The panel says:", *self.find("").all_inner_texts()]))
                raise

    def expect_link(self, word: str) -> None:
        """Wait until the panel says that this is where it has its knowledge from."""
        expect(self.find(".nbflow-link")).to_have_text(word)

    def picture(self, name: str) -> None:
        """Keep how the page looks, for people."""
        self.notebook.picture(f"panel-{name}")
