"""A problem of a flow, as data: what, where, and the remedy."""

from __future__ import annotations

from typing import Literal

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """Something wrong with a cell, or (as a hazard) something nbflow cannot vouch for."""

    #: Stable identifier in kebab case, e.g. ``duplicate-step``.
    code: str
    #: One sentence; names are in backticks.
    message: str
    #: One sentence: what to change.
    remedy: str
    #: Cell id; None for the notebook as a whole.
    cell: str | None = None
    #: The cell's number as in ``cell [3]``; 0 when there is none.
    number: int = 0
    #: 1-based line in the cell; None for the cell as a whole.
    line: int | None = None
    severity: Literal["error", "warning"] = "error"
