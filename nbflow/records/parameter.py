"""A named run-time input of a flow, with its default."""

from __future__ import annotations

import msgspec


class Parameter(msgspec.Struct, frozen=True):
    """One literal binding of a parameters cell."""

    name: str
    #: Annotation as written; None without one.
    annotation: str | None
    #: The literal's value.
    default: object
    #: The values that a ``Literal[...]`` annotation allows; None for any.
    choices: tuple[object, ...] | None = None
    #: 1-based line in the cell; 0 when unknown.
    line: int = 0
