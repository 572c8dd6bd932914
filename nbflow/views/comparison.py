"""Some runs side by side: what they were given, how they went, and what they gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path, PurePath

from nbflow.comparison import (
    Best,
    CellCode,
    Column,
    Comparison,
    Output,
    PutOut,
    Shown,
    StepTimes,
    Varied,
    extremes,
)
from nbflow.errors import command
from nbflow.views.blocks import (
    REST,
    WIDTH,
    Block,
    Difference,
    Gallery,
    Heading,
    Note,
    Piece,
    Row,
    Span,
    Table,
    line,
)
from nbflow.views.durations import duration, moment
from nbflow.views.page import Page, Part, page
from nbflow.views.text import width

#: How many runs stand side by side in a terminal, and so many columns a name may take there.
_ABREAST, _NAME = 4, 22
_NOTHING = "–"
#: What stands before the name of something that runs have looked at.
_KINDS: Mapping[str, str] = {
    "distribution": "",
    "python": "Python",
    "environment": "variable ",
    "module": "module ",
    "locale": "locale",
    "timezone": "time zone",
    "platform": "platform",
}
#: Those whose values say nothing to people.
_DIGESTS = frozenset({"file", "module", "listing", "matching", "link"})


def comparison(subject: Comparison, best: Best | None = None) -> Page:
    """All that differs, part by part, and what does not in a line.

    Parameters
    ----------
    best
        Which of the numbers in a row is marked as the best; both ends of it where nobody says.
    """
    parts: list[Part] = [_runs(subject), *_notes(subject)]
    same: list[str] = []
    for title, blocks in (
        ("parameters", list(_parameters(subject.parameters))),
        ("numbers", list(_numbers(subject.outputs, best))),
        ("outputs", list(_outputs(subject.outputs))),
        ("code", list(_code(subject.cells))),
        ("packages and files", list(_surroundings(subject.surroundings))),
        ("times", list(_times(subject))),
        ("put out", list(_texts(subject.put_out))),
        ("pictures", list(_pictures(subject.put_out))),
    ):
        if blocks:
            parts += [line(), Heading(title, "strong"), *blocks]
        elif title in ("code", "packages and files"):
            same.append(title)
    if same:
        parts += [line(), line(Span(f"The same in all: {', '.join(same)}.", "quiet"))]
    return page(*parts)


def letter(place: int) -> str:
    """What a run is called in a comparison: A, B, … Z, A2, …"""
    turn, at = divmod(place, 26)
    return f"{chr(ord('A') + at)}{turn + 1 if turn else ''}"


def with_marks(
    numbers: Sequence[float | None], texts: Sequence[str], best: Best | None
) -> list[Piece]:
    """Numbers as texts; the greatest and the least are marked, or the best where one knows it."""
    ends = extremes(numbers)
    pieces: list[Piece] = []
    for place, text in enumerate(texts):
        if best is not None and place in ends[best]:
            pieces.append(Span(f"{text} ★", "good"))
        elif best is None and place in ends["max"]:
            pieces.append(f"{text} ▲")
        elif best is None and place in ends["min"]:
            pieces.append(f"{text} ▼")
        else:
            pieces.append(text)
    return pieces


def legend(best: Best | None) -> Block:
    """What the marks at numbers mean."""
    if best is None:
        told = "▲ the greatest, ▼ the least; `--best max` or `min` marks the better"
    else:
        told = f"★ the {'greatest' if best == 'max' else 'least'}"
    return line(Span(told, "quiet"), indent=2)


def _runs(subject: Comparison) -> Table:
    rows = []
    for place, run in enumerate(subject.runs):
        tags = " ".join(f"#{tag}" for tag in run.tags)
        told = " · ".join(filter(None, (run.flow, tags, run.note)))
        when = moment(run.started)
        rows.append(Row((letter(place), run.id, when, duration(run.seconds), told), run.status))
    return Table(tuple(rows), ("", "run", "started", "time", ""), (3, 24, 16, 9), right=3)


def _notes(subject: Comparison) -> Iterator[Block]:
    """What is to be known before anything is compared."""
    for place, (run, other) in enumerate(zip(subject.runs, subject.other_code, strict=True)):
        name = letter(place)
        if other:
            yield Note(
                "warning",
                f"{name} was made by other code than {PurePath(run.notebook).name} has today: "
                f"{', '.join(other)}.",
                f"`nbflow restore {run.id}` writes its notebook to a new file.",
            )
    for place, run in enumerate(subject.runs):
        told = {
            task.step: reason.subject
            for task in run.tasks
            for reason in task.reasons
            if reason.kind == "accepted"
        }
        if told:
            steps = ", ".join(f"`{step}` ({why})" for step, why in told.items())
            again = command("run", Path(run.notebook), "--no-cache")
            yield Note(
                "warning",
                f"{letter(place)} took results that were accepted: {steps}. They, and what follows "
                "from them, are of before that change.",
                f"`{again}` computes all anew.",
            )
    lost = [
        letter(place)
        for place in range(len(subject.runs))
        if any(_is_lost(each.shown[place]) for each in subject.outputs)
        or any(each.collected[place] for each in subject.put_out)
    ]
    if lost:
        again = subject.runs[_place_of(lost[0])].id
        what = "it" if len(lost) == 1 else f"that of {lost[0]}"
        yield Note(
            "warning",
            f"Some of what {_and(lost)} gave was collected (`nbflow gc`): the rest is compared.",
            f"`nbflow rerun {again}` makes {what} again.",
        )


def _is_lost(shown: Shown | None) -> bool:
    return shown is not None and shown.state == "collected"


def _place_of(name: str) -> int:
    return ord(name[0]) - ord("A") + 26 * (int(name[1:] or 1) - 1)


def _parameters(subjects: Sequence[Varied]) -> Iterator[Block]:
    differing = [each for each in subjects if each.differs]
    yield from _side_by_side(
        [(each.name, [value or _NOTHING for value in each.values]) for each in differing]
    )
    same = [f"{each.name}={each.values[0]}" for each in subjects if not each.differs]
    yield from _same(same)


def _numbers(outputs: Iterable[Output], best: Best | None) -> Iterator[Block]:
    numeric = [each for each in outputs if each.is_numeric]
    names = _named(numeric)
    rows = [
        (name, with_marks(each.numbers, list(map(_told, each.shown)), best))
        for name, each in zip(names, numeric, strict=True)
        if each.differs
    ]
    yield from _side_by_side(rows)
    if any(len({n for n in each.numbers if n is not None}) > 1 for each in numeric):
        yield legend(best)
    yield from _same(
        [
            f"{name}={_told(each.shown[0])}"
            for name, each in zip(names, numeric, strict=True)
            if not each.differs
        ]
    )


def _outputs(outputs: Iterable[Output]) -> Iterator[Block]:
    others = [each for each in outputs if not each.is_numeric]
    names = _named(others)
    rows: list[tuple[str, list[Piece]]] = []
    same = []
    described = False
    for name, each in zip(names, others, strict=True):
        if not each.differs and not any(map(_is_lost, each.shown)):
            same.append(name)
            continue
        columns = list(_columns(name, each.shown))
        described |= bool(columns)
        # Of arrays of one shape and kind, the numbers alone tell them apart.
        if not columns or columns[0][0] != name:
            rows.append((name, [_told(shown) for shown in each.shown]))
        rows += columns
    yield from _side_by_side(rows)
    if described:
        told = "of columns and arrays: the mean (the least … the greatest)"
        yield line(Span(told, "quiet"), indent=2)
    yield from _same(same)


def _columns(name: str, shown: Sequence[Shown | None]) -> Iterator[tuple[str, list[Piece]]]:
    """The columns of frames that differ: mean, least and greatest of each."""
    sides = [{column.name: column for column in each.columns} if each else {} for each in shown]
    alike = len({each and each.summary for each in shown}) == 1
    for column in dict.fromkeys(column for side in sides for column in side):
        found = [side.get(column) for side in sides]
        if len({each for each in found if each is not None}) > 1:
            label = f'{name}["{column}"]' if column else name if alike else f"{name}, elements"
            yield label, list(map(_column, found))


def _column(subject: Column | None) -> str:
    if subject is None:
        return _NOTHING
    missing = f", {subject.missing} missing" if subject.missing else ""
    if subject.mean is None:
        return subject.type + missing
    assert subject.low is not None
    assert subject.high is not None
    return f"{subject.mean:.3g} ({subject.low:.3g} … {subject.high:.3g}){missing}"


def _code(cells: Iterable[CellCode]) -> Iterator[Block]:
    for cell in cells:
        yield from _differences(cell.label, cell.sources, "is not there")


def _differences(
    label: str, texts: Sequence[str | None], absent: str, known: Sequence[bool] = ()
) -> Iterator[Block]:
    """The text of the first run that has one, and how those of the others differ from it."""
    groups: dict[str, list[str]] = {}
    without = []
    for place, text in enumerate(texts):
        if text is None:
            if not known or not known[place]:
                without.append(letter(place))
        else:
            groups.setdefault(text, []).append(letter(place))
    (first, having), *others = groups.items()
    for text, letters in others:
        yield line(f"{label}: {_and(having)} → {_and(letters)}", indent=2)
        yield Difference(first, text, 4)
    if without:
        yield line(f"{label}: {absent} in {_and(without)}", indent=2)


def _surroundings(subjects: Iterable[Varied]) -> Iterator[Block]:
    rows = []
    for each in subjects:
        # A run that did not look at something, for it ran other steps, says nothing against it.
        if len({value for value in each.values if value is not None}) > 1:
            values = _surrounding(each)
            prefix = _KINDS.get(each.kind, "file ")
            rows.append((f"{prefix}{each.name}", values))
    yield from _side_by_side(rows)


def _surrounding(subject: Varied) -> list[str]:
    if subject.kind == "environment":
        # Values may be secrets; even of their digests nothing is told.
        every = list(dict.fromkeys(value for value in subject.values if value))
        told = {value: f"value {number}" for number, value in enumerate(every, 1)}
    elif subject.kind in _DIGESTS:
        told = {value: f"#{value[:7]}" for value in subject.values if value}
    else:
        told = {value: value for value in subject.values if value}
    return [_NOTHING if v is None else told.get(v, "not there") for v in subject.values]


def _times(subject: Comparison) -> Iterator[Block]:
    def told(step: StepTimes, place: int) -> str:
        seconds, status = step.seconds[place], step.statuses[place]
        if seconds is None or status is None:
            return _NOTHING
        if status in ("skipped", "cancelled", "queued"):
            return status
        return duration(seconds) + (f" {status}" if status != "completed" else "")

    whole = ("the run", [duration(run.seconds) for run in subject.runs])
    steps = [
        (step.step, [told(step, place) for place in range(len(subject.runs))])
        for step in subject.steps
    ]
    yield from _side_by_side([whole, *steps])


def _texts(subjects: Iterable[PutOut]) -> Iterator[Block]:
    for each in subjects:
        if len({text for text in each.texts if text is not None}) > 1:
            yield from _differences(each.step, each.texts, "nothing is known", each.collected)


def _pictures(subjects: Iterable[PutOut]) -> Iterator[Block]:
    for each in subjects:
        if any(each.pictures):
            named = [(letter(place), found) for place, found in enumerate(each.pictures)]
            yield Gallery(each.step, tuple(named))


def _side_by_side(rows: Sequence[tuple[str, Sequence[Piece]]]) -> Iterator[Block]:
    """A table with a column for each run; more than fit abreast stand in tables of their own."""
    if not rows:
        return
    count = len(rows[0][1])
    name = min(_NAME, max(width(label) for label, _ in rows))
    for start in range(0, count, _ABREAST):
        abreast = range(start, min(start + _ABREAST, count))
        wide = (WIDTH - 4 - name) // len(abreast) - 2
        yield Table(
            tuple(Row((label, *(cells[place] for place in abreast))) for label, cells in rows),
            ("", *map(letter, abreast)),
            (_NAME, *[wide] * (len(abreast) - 1)),
            titled=True,
        )


def _same(names: Sequence[str]) -> Iterator[Block]:
    if names:
        yield line(Span(f"the same in all: {', '.join(names)}", "quiet", limit=REST), indent=2)


def _named(outputs: Sequence[Output]) -> list[str]:
    """Their names; with the step's where several steps give a name."""
    ordered = sorted(outputs, key=lambda each: each.name)
    several = {name for name, group in groupby(ordered, lambda o: o.name) if len(list(group)) > 1}
    return [f"{each.step}.{each.name}" if each.name in several else each.name for each in outputs]


def _told(shown: Shown | None) -> str:
    if shown is None:
        return _NOTHING
    return "collected" if shown.state == "collected" else shown.summary


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]
