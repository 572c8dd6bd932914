"""Cells that only make sense together, as one piece."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from msgspec.structs import replace

from nbflow.analysis import analyse
from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import parse
from nbflow.conversion.pieces import Piece
from nbflow.conversion.statements import shows

_WRITING = frozenset("wax+")


def merged(
    pieces: Sequence[Piece], chosen: Collection[int], why: str, file: str = ""
) -> list[Piece]:
    """The pieces with those at some places made one, where the last of them stands.

    Parameters
    ----------
    file
        The name of the open file that they share.
    """
    places = sorted(chosen)
    parts = [pieces[place] for place in places]
    texts = [_shown(part.source, file) for part in parts[:-1]] + [parts[-1].source]
    named = next((part for part in parts if part.name), parts[-1])
    one = replace(
        named,
        origins=tuple(dict.fromkeys(o for part in parts for o in part.origins)),
        became="step",
        source="\n\n".join(text.strip("\n") for text in texts),
        why=why,
        after=tuple(dict.fromkeys(a for part in parts for a in part.after)),
    )
    return [
        one if place == places[-1] else piece
        for place, piece in enumerate(pieces)
        if place == places[-1] or place not in places
    ]


def with_files_whole(pieces: Sequence[Piece]) -> list[Piece]:
    """The steps that write through one open file made one: no other process can go on with it."""
    pieces = list(pieces)
    place = 0
    while place < len(pieces):
        if pieces[place].became == "step":
            for name in _opened(pieces[place].source):
                last = _last_reader(pieces, place, name)
                span = range(place, last + 1)
                chosen = [n for n in span if pieces[n].is_step or pieces[n].became == "ordinary"]
                if len(chosen) > 1 and all(pieces[n].became != "foreach" for n in chosen):
                    why = f"one cell now, since they share the open file `{name}`"
                    pieces = merged(pieces, chosen, why, name)
                    break
        place += 1
    return pieces


def _opened(source: str) -> list[str]:
    """Names that are bound to a file opened for writing."""
    found: list[str] = []
    for statement in parse(source).statements:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="open")) as call
            ):
                modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
                for mode in modes:
                    if isinstance(mode, ast.Constant) and _WRITING & set(str(mode.value)):
                        found.append(name)
    return found


def _last_reader(pieces: Sequence[Piece], start: int, name: str) -> int:
    last = start
    for place in range(start + 1, len(pieces)):
        facts = analyse(pieces[place].source)
        if pieces[place].became != "kept" and (name in facts.reads or name in facts.mutates):
            last = place
        elif name in facts.binds:
            break
    return last


def _writes(node: ast.expr, file: str) -> bool:
    """Whether it writes to an open file, which has the number of letters to display."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="write")):
            return name == file
    return False


def _shown(text: str, file: str) -> str:
    """With its last value displayed, though it is no longer the last of its cell."""
    facts = analyse(text)
    if not facts.displays:
        return text
    last = parse(text).statements[-1]
    if not isinstance(last, ast.Expr) or not (shows(last.value) or _writes(last.value, file)):
        return text
    if any(isinstance(node, ast.Await) for node in nodes_of(last)):
        return text
    lines = text.split("\n")
    first, end = last.lineno - 1, (last.end_lineno or 1) - 1
    line = lines[end].encode()
    lines[end] = f"{line[: last.end_col_offset].decode()}){line[last.end_col_offset :].decode()}"
    line = lines[first].encode()
    head, rest = line[: last.col_offset].decode(), line[last.col_offset :].decode()
    lines[first] = f"{head}display({rest}"
    return "\n".join(lines)
