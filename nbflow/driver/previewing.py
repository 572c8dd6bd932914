"""What values look like: each as a cell shows it that says its name, in a worker of its own."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import structs

from nbflow.driver.workers import Workers
from nbflow.flow import Flow
from nbflow.plan import Call
from nbflow.records.message import Failed, Finished, Output, Source, TaskRequest
from nbflow.records.task import TaskRecord
from nbflow.run.request import request_of
from nbflow.store.store import Store

#: What is shown of one name (nbformat).
Shown = list[dict[str, Any]]
#: Seconds for all of it: what takes longer, nobody waits for.
_PATIENCE = 20.0


def previews(
    flow: Flow, store: Store, tasks: Sequence[tuple[Call, TaskRecord]], workers: Workers
) -> dict[str, dict[str, Shown]]:
    """By the task's name, what each of its outputs looks like, as far as it can be shown.

    Parameters
    ----------
    tasks
        Whose outputs are kept.
    workers
        Ended afterwards: values may be large.
    """
    found: dict[str, dict[str, Shown]] = {}
    until = time.monotonic() + _PATIENCE
    with closing(workers):
        for call, record in tasks:
            found[call.task] = {}
            for name in _names(record):
                workers.local(flow).start(_request(flow, store, call, record, name))
                try:
                    shown = list(_outputs(workers, until))
                except queue.Empty:
                    return found
                if shown:
                    found[call.task][name] = shown
    return found


def _names(record: TaskRecord) -> Iterator[str]:
    """Of its outputs, those that are variables and can be had."""
    return (name for name in record.outputs if name.isidentifier() and name != "_")


def _outputs(workers: Workers, until: float) -> Iterator[dict[str, Any]]:
    """What the task that runs displays, until it has ended."""
    while True:
        match workers.events.get(timeout=max(until - time.monotonic(), 0)):
            case Output(_, content) if content["output_type"] == "display_data":
                yield {key: content[key] for key in ("output_type", "data", "metadata")}
            case Finished() | Failed():
                return


def _request(flow: Flow, store: Store, call: Call, record: TaskRecord, name: str) -> TaskRequest:
    """The step's surroundings, with one of its outputs in the place of what it reads and does."""
    given: Mapping[str, Any] = {name: record.outputs[name]}
    data = store.data([*given.values(), *call.settings.values()])
    request = request_of(flow, call, data, Path(store.artifacts.root), {})
    return structs.replace(
        request,
        body=Source(f"display({name})\n", request.body.number, step=request.body.step),
        inputs=given,
        outputs=(),
        together=(),
        held={},
        item=None,
        target="",
        files=(),
        replays=(),
        replayed=(),
        left={},
    )
