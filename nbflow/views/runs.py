"""The history: one line a run, the newest last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbflow.records.task import RunRecord
from nbflow.views.blocks import Row, Table
from nbflow.views.durations import duration, moment
from nbflow.views.page import Page, page


def runs(subjects: Sequence[RunRecord]) -> Page:
    """Id, start, flow, time taken, steps asked for and parameters of each run."""
    if not subjects:
        return page("No runs yet.")
    heads = ("run", "started", "flow", "time", "what")
    rows = tuple(Row(_cells(run), run.status) for run in subjects)
    return page(Table(rows, heads, limits=(24, 16, 16, 9), right=3))


def parameters(values: Mapping[str, str]) -> str:
    """Parameters as ``cores=4 n=200``."""
    return " ".join(f"{name}={text}" for name, text in values.items())


def _cells(run: RunRecord) -> tuple[str, ...]:
    what = " · ".join(filter(None, (", ".join(run.steps), parameters(run.parameters))))
    return run.id, moment(run.started), run.flow, duration(run.seconds), what
