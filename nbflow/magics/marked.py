"""Sends the cells of steps to the flow when they are executed, however their mark is spelled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbflow.directives import parse
from nbflow.magics.told import told
from nbflow.records.notebook import Cell

if TYPE_CHECKING:
    from nbflow.magics.session import Session

#: What the text of a marked cell holds, unless a tag or metadata mark it: a quick look.
_MAYBE = re.compile(r"%%(step|foreach|parameters|setup)\b|#\|\s*(step|foreach|parameters|setup)\b")


class Marked:
    """An input transformer that IPython asks before its own.

    So it makes no difference what stands above a magic, or whether the mark is a comment or a tag.
    The cell of a step becomes a call; in one of parameters or of set-up, which run in the kernel,
    just the mark is left out; all others stay as they are.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, lines: list[str]) -> list[str]:
        """The lines of a cell, or of a part of one, as IPython is to run them."""
        source = "".join(lines)
        self._session.step_source = self._session.declaring = None
        sent = told(self._session.shell)
        if sent.source is not None and sent.source.rstrip("\n") == source.rstrip("\n"):
            cell = self._session.executed(sent.source, sent)
        else:
            cell = Cell("", 0, "code", source.removesuffix("\n"))
        if not (cell.tags or cell.metadata or _MAYBE.search(source)):
            return lines
        directive, _ = parse(cell)
        if directive is None:
            return lines
        if directive.kind in ("parameters", "setup"):
            self._session.declaring = cell.id
            return directive.body.splitlines(keepends=True)
        self._session.step_source = source
        # Not by the name `get_ipython`, which a cell may have bound to something else.
        shell = "__import__('IPython').get_ipython()"
        return [f"{shell}.run_cell_magic('nbflow_cell', {cell.id!r}, {cell.source!r})\n"]
