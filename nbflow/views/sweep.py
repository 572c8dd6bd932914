"""The table after a sweep: what each run was given, and the numbers that it gave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from nbflow.comparison import Best
from nbflow.records.task import RunRecord
from nbflow.results.sides import told
from nbflow.views.blocks import REST, WIDTH, Heading, Line, Piece, Row, Span, Table, line
from nbflow.views.comparison import legend, with_marks
from nbflow.views.durations import duration, plural
from nbflow.views.objects import Object, listed
from nbflow.views.page import Page, page
from nbflow.views.text import width

#: Runs, each with the numbers that it gave.
Given: TypeAlias = Sequence[tuple[RunRecord, Mapping[str, float]]]
#: What parts two columns.
_GAP = 2


def heading(number: int, count: int, given: Mapping[str, object], varied: Sequence[str]) -> Page:
    """Which run of how many begins, and with which values."""
    values = " ".join(f"{name}={given[name]!r}" for name in varied)
    return page(Heading(f"{number} of {count}: {values}", "quiet"))


def table(
    subjects: Given,
    varied: Sequence[str],
    best: Best | None = None,
    columns: int | None = WIDTH,
) -> Page:
    """A row for each run; as many of its numbers as fit, the last steps' before the others.

    Parameters
    ----------
    columns
        Of the terminal; None for what is none, where all fit.
    """
    found = _by_name(subjects)
    same = [name for name, each in found.items() if len(subjects) > 1 and len(set(each)) == 1]
    marked = {
        name: with_marks(each, list(map(_text, each)), best)
        for name, each in found.items()
        if name not in same
    }
    first = [("run", [run.id for run, _ in subjects])]
    first += [(name, [run.parameters[name] for run, _ in subjects]) for name in varied]
    times = ("time", [duration(run.seconds) for run, _ in subjects])
    room = math.inf if columns is None else columns - 4 - sum(map(_width, first)) - _width(times)
    shown: list[str] = []
    ended = [place for place, (run, _) in enumerate(subjects) if run.status == "completed"]
    # The last steps' first, and before all what tells all runs apart.
    last = list(reversed(marked))
    for name in sorted(last, key=lambda name: None in [found[name][place] for place in ended]):
        if (room := room - _width((name, list(map(_bare, marked[name]))))) < 0:
            break
        shown.append(name)
    shown = [name for name in marked if name in shown]
    every: list[tuple[str, Sequence[Piece]]] = [*first]
    every += [(name, marked[name]) for name in shown]
    every.append(times)
    rows = tuple(
        Row(tuple(cells[place] for _, cells in every), run.status)
        for place, (run, _) in enumerate(subjects)
    )
    limits = tuple(_width((name, list(map(_bare, cells)))) for name, cells in every[:-1])
    left = len(marked) - len(shown)
    more = f"{plural(left, 'more number')}: a wider terminal, or `--json`, shows them"
    alike = ", ".join(f"{name}={_text(found[name][0])}" for name in same)
    return page(
        Table(rows, tuple(name for name, _ in every), limits, titled=True),
        *([legend(best)] if shown and len(subjects) > 1 else []),
        *([_quiet(f"the same in all: {alike}")] if same else []),
        *([_quiet(more)] if left else []),
    )


def as_objects(subjects: Given) -> list[Object]:
    """The runs as ``nbflow runs --json`` tells them, each with its numbers."""
    return [
        {
            **listed(run),
            # JSON has no word for the others.
            "numbers": {n: each if math.isfinite(each) else None for n, each in numbers.items()},
        }
        for run, numbers in subjects
    ]


def _by_name(subjects: Given) -> dict[str, list[float | None]]:
    names = dict.fromkeys(name for _, numbers in subjects for name in numbers)
    return {name: [numbers.get(name) for _, numbers in subjects] for name in names}


def _text(number: float | None) -> str:
    return "–" if number is None else told(number)


def _quiet(text: str) -> Line:
    return line(Span(text, "quiet", limit=REST), indent=2)


def _width(column: tuple[str, Iterable[str]]) -> int:
    name, texts = column
    return max(map(width, (name, *texts))) + _GAP


def _bare(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.text
