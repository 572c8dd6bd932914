"""Some runs of the history, as a list that can be looked at as a frame."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nbflow.results.run import FlowRun
from nbflow.store.filters import RunFilter
from nbflow.store.store import Store


class Runs(list[FlowRun]):
    """Runs, oldest first. What their tasks gave is read when somebody looks at it."""

    def to_frame(self) -> Any:
        """A row for each run: its parameters, and the outputs that are numbers, as columns.

        An output that is called like a parameter, say, or like one of the first columns, stands
        in a column ``output …``.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        import pandas as pd

        from nbflow.results.numbers import numbers_of

        rows = [
            {
                "run": run.id,
                "started": datetime.fromtimestamp(run.head.started),
                "status": run.status,
                "seconds": run.seconds,
                "tags": " ".join(run.head.tags),
                **run.parameters,
            }
            for run in self
        ]
        taken = {name for row in rows for name in row}
        for row, run in zip(rows, self, strict=True):
            for name, number in numbers_of(run.record, run.store).items():
                row[name if name not in taken else f"output {name}"] = number
        columns = list(dict.fromkeys(name for row in rows for name in row))
        return pd.DataFrame(rows, columns=columns).set_index("run") if rows else pd.DataFrame()


def found(store: Store, wanted: RunFilter, last: int | None = None) -> Runs:
    """The runs of a store that are asked for; at most the ``last`` so many."""
    return Runs(FlowRun(run, store) for run in store.history.find(wanted, last))
