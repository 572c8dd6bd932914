"""Some runs of the history, as a list that can be looked at as a frame."""

from __future__ import annotations

from nbflow.results.run import FlowRun
from nbflow.store.filters import RunFilter
from nbflow.store.store import Store


class Runs(list[FlowRun]):
    """Runs, oldest first. What their tasks gave is read when somebody looks at it."""


def found(store: Store, wanted: RunFilter, last: int | None = None) -> Runs:
    """The runs of a store that are asked for; at most the ``last`` so many."""
    return Runs(FlowRun(run, store) for run in store.history.find(wanted, last))
