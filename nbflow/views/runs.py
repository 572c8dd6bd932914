"""The history: one line a run, the newest last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from nbflow.records.task import RunRecord
from nbflow.views.blocks import Row, Span, Table, line
from nbflow.views.durations import duration, moment
from nbflow.views.page import Page, page


def runs(subjects: Sequence[RunRecord], more: int = 0, *, filtered: bool = False) -> Page:
    """Id, start, flow, time taken, tags, steps asked for, parameters and note of each run.

    Parameters
    ----------
    more
        How many older ones are not among them.
    filtered
        Whether only some were asked for.
    """
    if not subjects:
        return page("No such run." if filtered else "No runs yet.")
    # Where all are of one flow, its name says nothing.
    several = len({run.flow for run in subjects}) > 1
    heads = ("run", "started", *(["flow"] * several), "time", "what")
    limits = (24, 16, *([16] * several), 9)
    first = _varied(subjects)
    rows = tuple(Row(_cells(run, several, first), run.status) for run in subjects)
    older = f"{more:,} older; `--last {len(subjects) + more}` lists them, too"
    return page(
        *([line(Span(f"  … {older}", "quiet"))] if more else []),
        Table(rows, heads, limits, right=len(limits) - 1),
    )


def labels(subject: RunRecord) -> Page:
    """What people say of a run."""
    tags = " ".join(f"#{tag}" for tag in subject.tags)
    told = [text for text in (tags, subject.note) if text] or ["no tags, and no note"]
    return page(f"{subject.flow} · run {subject.id}", *(line(text, indent=2) for text in told))


def parameters(values: Mapping[str, str]) -> str:
    """Parameters as ``cores=4 n=200``."""
    return " ".join(f"{name}={text}" for name, text in values.items())


def _varied(subjects: Sequence[RunRecord]) -> set[str]:
    """The parameters by which the runs can be told apart."""
    values: dict[str, set[str | None]] = {n: set() for run in subjects for n in run.parameters}
    for name, found in values.items():
        found.update(run.parameters.get(name) for run in subjects)
    return {name for name, found in values.items() if len(found) > 1}


def _cells(run: RunRecord, several: bool, first: Collection[str]) -> tuple[str, ...]:
    tags = " ".join(f"#{tag}" for tag in run.tags)
    # A line is short: what all runs have in common can be missed in it.
    names = sorted(run.parameters, key=lambda name: name not in first)
    given = parameters({name: run.parameters[name] for name in names})
    what = " · ".join(filter(None, (tags, ", ".join(run.steps), given, run.note)))
    flow = (run.flow,) if several else ()
    return run.id, moment(run.started), *flow, duration(run.seconds), what
