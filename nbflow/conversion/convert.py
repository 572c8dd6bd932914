"""Converts a plain notebook: drafts what its cells become, and mends the draft till it is wired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from msgspec import structs

from nbflow.analysis import analyse
from nbflow.checks import check
from nbflow.conversion.drafting import Forced, draft
from nbflow.conversion.pieces import Became, Conversion, Piece
from nbflow.flow import Flow, build
from nbflow.records.notebook import Cell, Notebook
from nbflow.records.problem import Problem

StarNames: TypeAlias = Callable[[str], frozenset[str] | None]

#: What a cell becomes when it cannot be what it was drafted as.
_NEXT: Mapping[Became, Became] = {
    "foreach": "step",
    "setup": "step",
    "parameters": "ordinary",
    "step": "ordinary",
}


def convert(
    notebook: Notebook, star_names: StarNames, forced: Mapping[int, Forced] | None = None
) -> Conversion:
    """What each cell of a plain notebook becomes; a cell that cannot be wired stays ordinary.

    Parameters
    ----------
    star_names
        Tells the public names of a module (for ``from m import *``), or None when it cannot.
    forced
        By a cell's position, what it must become and why: as a run of both has shown.
    """
    decided = dict(forced or {})
    while True:
        pieces = draft(notebook, decided)
        flow = build(_in_memory(notebook, pieces), star_names, "converted")
        refused = _refusals(flow, pieces)
        if not refused:
            return Conversion(_ordered(flow, pieces))
        decided |= refused


def _in_memory(notebook: Notebook, pieces: Sequence[Piece]) -> Notebook:
    """The converted notebook as the flow is wired from it; the id of a cell is its place."""
    cells: list[Cell] = []
    number = 0
    for place, piece in enumerate(pieces):
        cell = notebook.cells[piece.origins[-1]]
        is_code = cell.kind == "code" and bool(piece.source.strip())
        number += is_code
        changed = replace(cell, id=str(place), number=number if is_code else 0)
        if piece.became != "kept":
            changed = replace(changed, source=piece.source, tags=(), metadata=_metadata(piece))
        cells.append(changed)
    return structs.replace(notebook, cells=tuple(cells))


def _metadata(piece: Piece) -> dict[str, object]:
    match piece.became:
        case "step":
            return {"step": piece.name}
        case "foreach":
            return {"foreach": piece.clause, "name": piece.name, "out": list(piece.outputs)}
        case "parameters" | "setup":
            return {piece.became: True}
    return {}


def _refusals(flow: Flow, pieces: Sequence[Piece]) -> dict[int, Forced]:
    """Of the first cell that cannot be what it was drafted as, what it becomes instead.

    One at a time: a problem often comes from another, further up.
    """
    problems = [each for each in check(flow) if each.cell is not None]
    for problem in problems:
        piece = pieces[int(problem.cell or 0)]
        if _matters(problem, piece):
            return _instead(piece, pieces, problem.message)
    for step in flow.steps.values():
        piece = pieces[int(step.id)]
        if piece.became == "foreach" and step.draws:
            return _instead(piece, pieces, "its rounds share random numbers")
    return {}


def _matters(problem: Problem, piece: Piece) -> bool:
    if problem.severity == "error":
        return piece.became in _NEXT
    return problem.code == "parameters-act" and piece.became == "parameters"


def _instead(piece: Piece, pieces: Sequence[Piece], why: str) -> dict[int, Forced]:
    """Of a cell in several pieces the whole is taken back."""
    parts = [each for each in pieces if set(each.origins) & set(piece.origins)]
    became: Became = "foreach" if any(p.became == "foreach" for p in parts) else piece.became
    told = f"its loop stays: {why}" if became == "foreach" else why
    return {origin: Forced(_NEXT[became], told) for origin in piece.origins}


def _ordered(flow: Flow, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """With the order that was asked for only where names do not give it already."""
    ids = {piece.name: str(place) for place, piece in enumerate(pieces) if piece.is_step}
    result: list[Piece] = []
    for place, piece in enumerate(pieces):
        if piece.after:
            above = flow.closure([str(place)]) if str(place) in flow.steps else set()
            after = tuple(n for n in piece.after if n in ids and ids[n] not in above)
            piece = structs.replace(piece, after=tuple(n for n in after if int(ids[n]) < place))
        result.append(piece)
    return tuple(_named_without_need(piece) for piece in result)


def _named_without_need(piece: Piece) -> Piece:
    """A foreach whose body binds nothing but its outputs needs no ``--out``."""
    if piece.became != "foreach":
        return piece
    facts = analyse(piece.source)
    bound = {*facts.binds, *facts.may_bind}
    first = next(iter(facts.binds), "")
    is_plain = bound == set(piece.outputs) and piece.name == piece.outputs[0] == first
    return structs.replace(piece, outputs=()) if is_plain else piece
