"""Whether the notebook was executed from top to bottom, and nothing else was, when it was saved."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby

from nbflow.analysis.syntax import parse
from nbflow.records.notebook import Cell
from nbflow.records.problem import Problem
from nbflow.review.subject import Subject, also

_REMEDY = "Restart the kernel, run all cells, and save."


def order(subject: Subject) -> Iterator[Problem]:
    """Cells that were executed at another turn than theirs, or not at all."""
    cells = [code.cell for code in subject.codes() if _acts(code.body)]
    executed = [(cell, cell.executed) for cell in cells if cell.executed is not None]
    in_order = _longest_rise([count for _, count in executed])
    strayed = [pair for place, pair in enumerate(executed) if place not in in_order]
    if strayed:
        cell, count = strayed[0]
        others = also(each.number for each, _ in strayed[1:])
        yield _at(
            cell,
            "out-of-order",
            f"executed out of order: {_turn(count, executed, in_order)}{others}",
            _REMEDY,
        )
    last = max((cells.index(cell) for cell, _ in executed), default=0)
    left_out = [cell for cell in cells[:last] if cell.executed is None]
    if left_out:
        yield _at(
            left_out[0],
            "not-executed",
            f"not executed, though cells below it were{also(c.number for c in left_out[1:])}",
            _REMEDY,
        )


def gone(subject: Subject) -> Iterator[Problem]:
    """Executions that left no trace in the notebook, and perhaps values in the kernel."""
    counts = {cell.executed for cell in subject.notebook.cells if cell.executed is not None}
    missing = sorted(set(range(1, max(counts, default=0))) - counts)
    if missing:
        is_one = len(missing) == 1
        yield Problem(
            "hidden-state",
            f"{len(missing)} execution{'' if is_one else 's'} ({_ranges(missing)}) "
            f"{'is' if is_one else 'are'} no longer in the notebook, of cells that were run again, "
            "changed or deleted: the cells may use what they left",
            _REMEDY,
            severity="warning",
        )


def _acts(body: str) -> bool:
    """Whether anything in it would be executed; comments alone are not."""
    try:
        return bool(parse(body).statements)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return True


def _turn(count: int, executed: Sequence[tuple[Cell, int]], in_order: set[int]) -> str:
    later = [c for p, (c, n) in enumerate(executed) if p in in_order and n > count]
    strayed = next(cell for cell, n in executed if n == count)
    above = [cell for cell in later if cell.number < strayed.number]
    if above:
        return f"[{count}], before cell [{above[0].number}] above it"
    earlier = [c for p, (c, n) in enumerate(executed) if p in in_order and n <= count]
    below = [cell for cell in earlier if cell.number > strayed.number]
    return f"[{count}], after cell [{below[-1].number}] below it" if below else f"[{count}]"


def _longest_rise(counts: Sequence[int]) -> set[int]:
    """The places of a longest rising run of counts: the fewest other cells are out of order."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int | None] = []
    for place, count in enumerate(counts):
        length = bisect_right(ends, count)
        if length and ends[length - 1] == count:
            length -= 1  # two cells with one count come from two sessions
        before.append(places[length - 1] if length else None)
        ends[length:] = [count, *ends[length + 1 :]]
        places[length:] = [place, *places[length + 1 :]]
    found: set[int] = set()
    place_or_none = places[-1] if places else None
    while place_or_none is not None:
        found.add(place_or_none)
        place_or_none = before[place_or_none]
    return found


def _ranges(numbers: Sequence[int]) -> str:
    """``[3] to [6], [9]``."""
    runs = [
        [number for _, number in group]
        for _, group in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ]
    texts = [f"[{run[0]}]" + (f" to [{run[-1]}]" if len(run) > 1 else "") for run in runs]
    return ", ".join(texts) if len(texts) <= 4 else f"{', '.join(texts[:3])}, …"


def _at(cell: Cell, code: str, message: str, remedy: str) -> Problem:
    return Problem(code, message, remedy, cell.id, cell.number, severity="warning")
