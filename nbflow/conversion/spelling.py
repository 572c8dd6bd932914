"""How a piece is written down: its mark in one of the spellings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from nbflow.conversion.pieces import Piece

Spelling = Literal["magic", "tag", "comment"]


class Spelled(msgspec.Struct, frozen=True):
    """The source of a marked cell, and what its metadata says beside it."""

    source: str
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)


def spelled(piece: Piece, spelling: Spelling) -> Spelled:
    """The piece as a cell.

    >>> spelled(Piece((0,), "step", "x = 1", name="load"), "comment").source
    '#| step: load\\nx = 1'
    """
    if piece.became in ("ordinary", "kept"):
        return Spelled(piece.source)
    argument = piece.clause or piece.name
    options = _options(piece)
    match spelling:
        case "magic":
            words = [f"--{name} {' '.join(values)}" for name, values in options.items()]
            first = " ".join(word for word in (f"%%{piece.became}", argument, *words) if word)
            return Spelled(f"{first}\n{piece.source}")
        case "comment":
            lines = [f"#| {piece.became}: {argument}" if argument else f"#| {piece.became}"]
            lines += [f"#| {name}: {' '.join(values)}" for name, values in options.items()]
            return Spelled("\n".join([*lines, piece.source]))
        case "tag":
            metadata: dict[str, Any] = {n: _value(n, values) for n, values in options.items()}
            if "," in argument:  # which no tag may hold
                return Spelled(piece.source, (), {piece.became: argument, **metadata})
            tag = f"{piece.became}:{argument}" if argument else piece.became
            return Spelled(piece.source, (tag,), metadata)


def _options(piece: Piece) -> dict[str, tuple[str, ...]]:
    options: dict[str, tuple[str, ...]] = {}
    # Without `--out` it is called after the one name that it binds, as without a name.
    if piece.outputs and piece.name != piece.outputs[0]:
        options["name"] = (piece.name,)
    if piece.outputs:
        options["out"] = piece.outputs
    if piece.after:
        options["after"] = piece.after
    return options


def _value(name: str, values: tuple[str, ...]) -> Any:
    return values[0] if name == "name" else list(values)
