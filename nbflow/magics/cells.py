"""The cell magics: ``%%step``, ``%%foreach``, ``%%parameters`` and ``%%setup``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand

from nbflow.directives import parse
from nbflow.directives.help import docstring
from nbflow.directives.marks import KINDS
from nbflow.magics.told import Told
from nbflow.records.notebook import Cell

if TYPE_CHECKING:
    from nbflow.magics.session import Session


@magics_class
class CellMagics(Magics):
    """What a marked cell does when it is executed.

    The transformer of `nbflow.magics.marked` sends whole cells to ``nbflow_cell``; the magics by
    name are for who calls them, and for `%%step?`.
    """

    def __init__(self, shell: Any, session: Session) -> None:
        super().__init__(shell)
        self._session = session

    @no_var_expand
    @cell_magic
    def step(self, line: str, cell: str) -> None:
        """Make this cell a step of the notebook's flow."""
        self._execute(f"%%step {line}\n{cell}")

    @no_var_expand
    @cell_magic
    def foreach(self, line: str, cell: str) -> None:
        """Run this cell once for each item, each a task of its own."""
        self._execute(f"%%foreach {line}\n{cell}")

    @no_var_expand
    @cell_magic
    def parameters(self, line: str, cell: str) -> None:
        """Declare the flow's parameters with their defaults."""
        self._execute(f"%%parameters {line}\n{cell}")

    @no_var_expand
    @cell_magic
    def setup(self, line: str, cell: str) -> None:
        """Configure every task of the flow."""
        self._execute(f"%%setup {line}\n{cell}")

    @no_var_expand
    @cell_magic
    def nbflow_cell(self, line: str, cell: str) -> None:
        """Bring up to date a step whose whole cell this is, its mark included."""
        known = self._session.document.cell(line.strip())
        self._bring(known or self._session.executed(cell, Told()))

    def _execute(self, source: str) -> None:
        cell = self._session.executed(source, Told())
        directive, _ = parse(cell)
        assert directive is not None
        if directive.kind in ("parameters", "setup"):
            self._session.shell.run_cell(directive.body)
        else:
            self._bring(cell)

    def _bring(self, cell: Cell) -> None:
        # Late: the first step pays for what a kernel without one never needs.
        from nbflow.magics.step import bring_up_to_date

        bring_up_to_date(self._session, cell)


# `%%step?` shows what the parser's own table says.
for _kind in KINDS:
    getattr(CellMagics, _kind).__doc__ = docstring(_kind)
