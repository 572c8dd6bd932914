"""The history: one line a run, the newest last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbflow.records.task import RunRecord
from nbflow.views.durations import duration, moment
from nbflow.views.text import columns, mark


def runs(subjects: Sequence[RunRecord]) -> str:
    """Id, start, flow, time taken and parameters of each run."""
    if not subjects:
        return "No runs yet."
    rows = [
        (run.id, moment(run.started), run.flow, duration(run.seconds), parameters(run.parameters))
        for run in subjects
    ]
    lines = columns(rows, limits=(24, 16, 16, 9), right=3)
    return "\n".join(
        f"  {mark(run.status)} {line}" for run, line in zip(subjects, lines, strict=True)
    )


def parameters(values: Mapping[str, str]) -> str:
    """Parameters as ``cores=4 n=200``."""
    return " ".join(f"{name}={text}" for name, text in values.items())
