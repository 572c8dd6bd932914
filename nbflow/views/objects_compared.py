"""The JSON objects of comparisons and sweeps, in the shapes that programs read."""

from __future__ import annotations

import math

from nbflow.comparison import Column, Comparison, Output, Shown, Varied, extremes
from nbflow.views.objects import Object, listed, text

__all__ = ["comparison", "text"]


def comparison(subject: Comparison) -> Object:
    """Runs side by side; whatever has one entry for each run is in their order."""
    return {
        "runs": [
            {**listed(run), "other_code": None if other is None else list(other)}
            for run, other in zip(subject.runs, subject.other_code, strict=True)
        ],
        "parameters": [_varied(each) for each in subject.parameters],
        "code": [{"cell": cell.label, "sources": list(cell.sources)} for cell in subject.cells],
        "surroundings": [
            {"kind": each.kind, **_varied(each)} for each in subject.surroundings if each.differs
        ],
        "steps": [
            {
                "step": each.step,
                "seconds": list(each.seconds),
                "statuses": list(each.statuses),
                "peak_bytes": list(each.peak_bytes),
            }
            for each in subject.steps
        ],
        "outputs": [_output(each) for each in subject.outputs],
        "put_out": [
            {
                "step": each.step,
                "texts": list(each.texts),
                "pictures": [len(found) for found in each.pictures],
                "collected": list(each.collected),
            }
            for each in subject.put_out
        ],
    }


def _varied(subject: Varied) -> Object:
    return {"name": subject.name, "values": list(subject.values), "differs": subject.differs}


def _output(subject: Output) -> Object:
    told: Object = {
        "step": subject.step,
        "name": subject.name,
        "differs": subject.differs,
        "given": [None if each is None else _shown(each) for each in subject.shown],
    }
    if subject.is_numeric:
        ends = extremes(subject.numbers)
        told["max"], told["min"] = sorted(ends["max"]), sorted(ends["min"])
    return told


def _shown(subject: Shown) -> Object:
    number = subject.number
    told: Object = {"state": subject.state, "summary": subject.summary, "digest": subject.digest}
    if number is not None and math.isfinite(number):
        told["number"] = number
    if subject.columns:
        told["columns"] = [_column(each) for each in subject.columns]
    return told


def _column(subject: Column) -> Object:
    return {
        "name": subject.name,
        "type": subject.type,
        "low": subject.low,
        "mean": subject.mean,
        "high": subject.high,
        "missing": subject.missing,
    }
