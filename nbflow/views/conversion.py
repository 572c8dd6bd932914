"""What became of a notebook's cells when it was converted, and how the two compare, as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from nbflow.conversion import Piece
from nbflow.conversion.pieces import Became
from nbflow.driver.converting import Compared, Converting, Outcome
from nbflow.views import objects, problems
from nbflow.views.blocks import WIDTH, Note, Row, Span, Table, line
from nbflow.views.blocks import Piece as Text
from nbflow.views.durations import plural
from nbflow.views.page import Page, page
from nbflow.views.text import width

_NUMBER, _ROLE = 9, 10
#: What is left of a line for the name, or for why a cell is no step.
_ROOM = WIDTH - 4 - _NUMBER - _ROLE - 4
_MARKS = {
    "equal": "completed",
    "varies": "unknown",
    "differs": "failed",
    "unreached": "skipped",
    "skipped": "skipped",
}
#: What is said of one cell, and of several.
_ROLES: Mapping[Became, tuple[str, str]] = {
    "ordinary": ("is an ordinary cell", "are ordinary cells"),
    "parameters": ("has parameters", "have parameters"),
    "setup": ("is set-up", "are set-up"),
}


def conversion(subject: Converting, compared: Compared | None) -> Page:
    """Each cell in one line, whatever needs more room below, and a line that sums it up."""
    pieces = [piece for piece in subject.conversion.pieces if _number(subject, piece)]
    rows = tuple(_row(subject, piece, compared) for piece in pieces)
    found = Table(rows, ("cell", "became", "name"), limits=(_NUMBER, _ROLE))
    notes = [block for note in _notes(subject, pieces, compared) for block in (line(), note)]
    return page(found, *notes, line(), *summary(subject, compared))


def summary(subject: Converting, compared: Compared | None) -> tuple[str, str]:
    """``4 steps and 1 foreach in 9 cells``, and how the two compare."""
    counts = Counter(piece.became for piece in subject.conversion.pieces)
    cells = sum(1 for cell in subject.notebook.cells if cell.number)
    parts = [plural(counts["step"], "step")] if counts["step"] or not counts["foreach"] else []
    parts += [f"{counts['foreach']} foreach"] if counts["foreach"] else []
    made = f"{' and '.join(parts)} in {plural(cells, 'cell')}"
    if compared is None:
        return made, "nothing was run"
    verdicts = Counter(outcome.verdict for outcome in compared.outcomes.values())
    if verdicts["differs"]:
        count = verdicts["differs"]
        ending = f"{plural(count, 'cell')} show{'s'[count > 1 :]} something else"
    elif compared.fails is not None or verdicts["unreached"]:
        failing = compared.fails and compared.fails[0]
        reached = [
            n for n, each in compared.outcomes.items() if each.verdict in ("equal", "varies")
        ]
        count = sum(n != failing for n in reached)
        first = "the first cell shows" if count == 1 else f"the first {count} cells show"
        ending = f"{first} the same" if count else "nothing could be compared"
    else:
        ending = "all cells show the same"
    varying = verdicts["varies"]
    told = f", but for {plural(varying, 'cell')} that nobody can compare" if varying else ""
    return made, f"run both ways, {ending}{told}"


def _row(subject: Converting, piece: Piece, compared: Compared | None) -> Row:
    mark = ""
    if compared is not None:
        mark = _MARKS[compared.outcomes[piece.origins[-1]].verdict]
    role = "" if piece.became == "kept" else piece.became
    cells: tuple[Text, ...] = (_cells(subject, piece), role, _told(piece))
    if not piece.is_step and piece.became != "parameters":
        cells = (cells[0], cells[1], Span(_told(piece), "quiet"))
    return Row(cells, mark)


def _told(piece: Piece) -> str:
    if not piece.is_step:
        return piece.why
    clause = f" for each {piece.clause}" if piece.clause else ""
    why = f" · {piece.why}" if piece.why else ""
    return f"{piece.name}{clause}{why}"


def _notes(subject: Converting, pieces: list[Piece], compared: Compared | None) -> Iterator[Note]:
    long = [piece for piece in pieces if piece.why and width(_told(piece)) > _ROOM]
    for became, why in dict.fromkeys((piece.became, piece.why) for piece in long):
        of = [piece for piece in long if (piece.became, piece.why) == (became, why)]
        one, several = _ROLES.get(became, ("is a step", "are steps"))
        be = one if len(of) == 1 else several
        yield Note("warning", f"{_every(subject, of)} {be}: {why}", "")
    if compared is None:
        return
    groups = {piece.origins[-1]: piece for piece in pieces}
    for position, piece in groups.items():
        outcome = compared.outcomes[position]
        if outcome.verdict == "differs":
            yield Note("error", f"cell {_cells(subject, piece)} {outcome.told}", _REMEDY)
    varying = [p for position, p in groups.items() if _varies(compared.outcomes[position])]
    if varying:
        told = "shows something else at each run, as it is"
        if len(varying) > 1:
            told = "show something else at each run, as they are"
        yield Note("warning", f"{_every(subject, varying)} {told}", "")
    if any(outcome.verdict == "differs" for outcome in compared.outcomes.values()):
        # They may say why.
        yield from map(problems.problem, compared.warnings)
    if compared.fails is not None:
        position, error = compared.fails
        number = subject.notebook.cells[position].number
        message = f"cell [{number}] fails in the original: {error}"
        yield Note("error", message, "The cells below it were not compared.")


def _varies(outcome: Outcome) -> bool:
    return outcome.verdict == "varies"


def _every(subject: Converting, pieces: Sequence[Piece]) -> str:
    """``cell [3]``, or ``cells [3], [4], [7]``."""
    word = "cell" if len(pieces) == 1 else "cells"
    return f"{word} {', '.join(_cells(subject, piece) for piece in pieces)}"


_REMEDY = "Look at this cell in the converted notebook, or take its mark off."


def _number(subject: Converting, piece: Piece) -> int:
    return subject.notebook.cells[piece.origins[-1]].number


def _cells(subject: Converting, piece: Piece) -> str:
    numbers = [subject.notebook.cells[origin].number for origin in piece.origins]
    if len(numbers) == 1:
        return f"[{numbers[0]}]"
    is_range = numbers == list(range(numbers[0], numbers[-1] + 1))
    return f"[{numbers[0]}-{numbers[-1]}]" if is_range else f"[{numbers[0]}, …]"


def told_as_data(
    subject: Converting, compared: Compared | None, output: str | None
) -> dict[str, object]:
    """The same for programs."""
    cells = []
    for piece in subject.conversion.pieces:
        number = _number(subject, piece)
        if not number:
            continue
        outcome = compared.outcomes[piece.origins[-1]] if compared else Outcome("unreached")
        cells.append(
            {
                "numbers": [subject.notebook.cells[origin].number for origin in piece.origins],
                "became": piece.became,
                "name": piece.name,
                "clause": piece.clause,
                "why": piece.why,
                "verdict": outcome.verdict if compared else None,
                "difference": outcome.told,
            }
        )
    fails = compared.fails if compared else None
    return {
        "output": output,
        "equal": compared.is_equal if compared else None,
        "warnings": [objects.problem(each) for each in (compared.warnings if compared else ())],
        "fails": fails and {"number": subject.notebook.cells[fails[0]].number, "error": fails[1]},
        "cells": cells,
    }
