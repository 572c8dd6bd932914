"""Marks are written in each spelling, and read back as what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from nbflow import cells
from nbflow.conversion import Piece, Spelling, spelled
from nbflow.directives import parse
from tests.notebooks import code, notebook

PIECES = [
    Piece((0,), "step", "x = 1", name="load"),
    Piece((0,), "step", "%%time\nx = 1", name="load"),
    Piece((0,), "step", "x = 1", name="load", after=("a", "b")),
    Piece((0,), "foreach", "y = x", name="y", clause="x in xs"),
    Piece((0,), "foreach", "y = k", name="y", clause="k, v in d.items()", outputs=("y",)),
    Piece((0,), "foreach", "y = k", name="y_2", clause="k in d if k > 1", outputs=("y", "z")),
    Piece((0,), "parameters", "x = 1"),
    Piece((0,), "setup", "x.y = 1"),
]


@pytest.mark.parametrize("spelling", get_args(Spelling))
@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: f"{piece.became}-{piece.name}")
def test_a_mark_is_read_back_as_it_was_meant(piece: Piece, spelling: Spelling) -> None:
    written = spelled(piece, spelling)
    cell = code(written.source, *written.tags)
    if written.metadata:
        cell.metadata["nbflow"] = dict(written.metadata)
    read = cells.parse(notebook(cell), Path("/nowhere/test.ipynb"))
    directive, problems = parse(read.cells[0])
    assert problems == ()
    assert directive is not None
    assert directive.kind == piece.became
    assert (directive.clause or "") == piece.clause
    assert (directive.options.outputs or ()) == piece.outputs
    assert directive.options.after == piece.after
    assert directive.body.endswith(piece.source)
    if piece.name != (piece.outputs or ("y",))[0]:
        assert (directive.name or "") == piece.name


def test_what_is_no_part_of_the_flow_is_left_as_it_is() -> None:
    for spelling in get_args(Spelling):
        assert spelled(Piece((0,), "ordinary", "x"), spelling).source == "x"
