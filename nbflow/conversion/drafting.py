"""Drafts what each cell becomes, looking at the cells alone; whether it is wired is seen later."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from nbflow.analysis import analyse
from nbflow.conversion import kale
from nbflow.conversion.loops import NotIndependentError, split_of
from nbflow.conversion.merging import merged, with_files_whole
from nbflow.conversion.naming import free, name_of
from nbflow.conversion.pieces import Became, Piece
from nbflow.conversion.roles import role_of
from nbflow.directives import parse
from nbflow.records.notebook import FAILING, Notebook
from nbflow.steps import CodeCell, code_cells


class Forced(msgspec.Struct, frozen=True):
    """What a cell must become, and why not something better."""

    became: Became
    why: str


def draft(notebook: Notebook, forced: Mapping[int, Forced]) -> list[Piece]:
    """The pieces that a notebook's cells become, with names."""
    if kale.is_kale(notebook):
        pieces = _by_tags(notebook, forced)
    else:
        pieces = with_files_whole(_by_content(notebook, forced))
    return _named(notebook, pieces)


def _by_content(notebook: Notebook, forced: Mapping[int, Forced]) -> list[Piece]:
    directives = [parse(cell)[0] for cell in notebook.cells]
    has_parameters = any(each is not None and each.kind == "parameters" for each in directives)
    facts = [analyse(cell.source if cell.kind == "code" else "") for cell in notebook.cells]
    at_top = True
    pieces: list[Piece] = []
    for place, cell in enumerate(notebook.cells):
        directive = directives[place]
        if cell.kind != "code" or not cell.number or directive is not None:
            why = "is marked already" if directive is not None else ""
            pieces.append(Piece((place,), "kept", cell.source, why))
            at_top = at_top and (directive is None or directive.kind in ("parameters", "setup"))
            continue
        became, why = role_of(cell.source, at_top, not has_parameters)
        given = forced.get(place)
        if cell.may_raise:
            became, why = "ordinary", f"is meant to fail (`{FAILING}`)"
        elif given is not None:
            became, why = given.became, given.why
        parts = [Piece((place,), became, cell.source, why)]
        if became == "step" and given is None:
            try:
                split = split_of(cell.source, facts[place + 1 :], facts)
            except NotIndependentError as error:
                parts = [replace(parts[0], why=f"its loop stays: {error}")]
            else:
                if split is not None:
                    parts = [
                        *_part(place, split.before, "before"),
                        Piece((place,), "foreach", split.body, "", "", split.clause, split.outputs),
                        *_part(place, split.after, "after"),
                    ]
        pieces += parts
        has_parameters = has_parameters or became == "parameters"
        at_top = at_top and not any(part.is_step for part in parts)
    return pieces


def _part(place: int, source: str, part: str) -> list[Piece]:
    """What stands beside a loop; comments alone are left out."""
    if not source.strip():
        return []
    became, why = role_of(source, at_top=False, wants_parameters=False)
    return [Piece((place,), became, source, why, part=part)]


def _by_tags(notebook: Notebook, forced: Mapping[int, Forced]) -> list[Piece]:
    """A cell without tags belongs to the block above it, and blocks of one name are one step."""
    pieces: list[Piece] = []
    block = ""
    blocks: dict[str, int] = {}
    for place, cell in enumerate(notebook.cells):
        if cell.kind != "code" or not cell.number or "parameters" in cell.tags:
            pieces.append(Piece((place,), "kept", cell.source))
            continue
        tags = kale.tags_of(cell)
        at_top = not blocks
        block = tags.block or ("pipeline_metrics" if tags.word == "pipeline-metrics" else block)
        if (given := forced.get(place)) is not None:
            pieces.append(Piece((place,), given.became, cell.source, given.why))
            continue
        became, why = role_of(cell.source, at_top, tags.word == "pipeline-parameters")
        if tags.word == "skip":
            became, why = "ordinary", "is not run by Kale (`skip`)"
        elif tags.word in ("imports", "functions") or (not block and not tags.is_block):
            became = "setup" if became == "step" and at_top and tags.word else became
        elif tags.word != "pipeline-parameters" or became not in ("parameters", "ordinary"):
            became, why = "step", ""
        named = block if became == "step" else ""
        pieces.append(Piece((place,), became, cell.source, why, named, after=tags.after))
        if became != "step" or not block:
            continue
        above = blocks.get(block)
        between = pieces[above + 1 : -1] if above is not None else []
        if above is not None and not any(each.is_step for each in between):
            pieces = merged(pieces, [above, len(pieces) - 1], "")
        blocks[block] = len(pieces) - 1
    return [
        replace(piece, after=tuple(n for n in piece.after if n != piece.name)) for piece in pieces
    ]


def _named(notebook: Notebook, pieces: Sequence[Piece]) -> list[Piece]:
    codes = {code.cell.id: code for code in code_cells(notebook)[0]}
    kept = [notebook.cells[p.origins[0]] for p in pieces if p.became == "kept"]
    marked = [directive.name for cell in kept if (directive := parse(cell)[0]) is not None]
    taken = {name for name in marked if name}
    defined = {
        name
        for code in codes.values()
        for definition in code.facts.definitions
        if definition.kind != "constant"
        for name in definition.names
    }
    title = _title(notebook)
    result: list[Piece] = []
    for piece in pieces:
        if piece.is_step:
            name = piece.name or (piece.outputs or ("",))[0]
            if name:
                name = free(name, taken)
            else:
                code = codes[notebook.cells[piece.origins[0]].id]
                facts = analyse(piece.source)
                own = dataclasses.replace(code.cell, source=piece.source)
                cell = CodeCell(own, "step", None, facts, code.heading)
                name = name_of(cell, taken, defined, title)
            taken.add(name)
            piece = replace(piece, name=name)
        result.append(piece)
    return result


def _title(notebook: Notebook) -> str:
    """The heading that a notebook begins with, if it is one of the whole."""
    texts = [cell.source for cell in notebook.cells if cell.kind == "markdown"]
    headings = (line for text in texts for line in text.splitlines() if line.startswith("#"))
    first = next(headings, "")
    return first.lstrip("#").strip() if first.startswith("# ") else ""
