"""Requests and what became of them, for the tests of executors and workers."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.message import (
    Failed,
    Finished,
    Output,
    Source,
    Started,
    TaskRequest,
    WorkerEvent,
    Writing,
)
from nbflow.run.executor import Executor
from nbflow.store.artifacts import Artifacts
from nbflow.store.codecs import encode_splits

TIMEOUT = 60.0


@dataclass
class Outcome:
    """All events of one task."""

    started: Started
    live: list[dict[str, Any]]
    end: Finished | Failed
    artifacts: Artifacts
    data: Mapping[Digest, bytes]

    @property
    def finished(self) -> Finished:
        if isinstance(self.end, Failed):
            raise AssertionError("\n".join(self.end.error.traceback))
        return self.end

    @property
    def failed(self) -> Failed:
        assert isinstance(self.end, Failed), self.end
        return self.end

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.load(artifact) for name, artifact in self.finished.outputs.items()}

    @property
    def log(self) -> list[dict[str, Any]]:
        if self.end.log is None:
            return []
        log = self.load(self.end.log)
        assert isinstance(log, list)
        return log

    @property
    def printed(self) -> str:
        return "".join(output["text"] for output in self.log if output["output_type"] == "stream")

    @property
    def traceback(self) -> str:
        return plain("\n".join(self.failed.error.traceback))

    def load(self, artifact: Artifact) -> Any:
        return self.artifacts.load(artifact, {**self.data, **self.end.data}, {})


class Told(SimpleQueue[WorkerEvent]):
    """The events of tasks, without those about files that they are about to write."""

    def put(self, item: WorkerEvent, block: bool = True, timeout: float | None = None) -> None:
        if not isinstance(item, Writing):
            super().put(item, block, timeout)


@dataclass
class Desk:
    """Hands requests to an executor, and waits for what becomes of them."""

    executor: Executor
    events: SimpleQueue[WorkerEvent]
    root: Path
    data: dict[Digest, bytes] = field(default_factory=dict)

    @property
    def artifacts(self) -> Artifacts:
        return Artifacts(self.root / ".store")

    def store(self, value: object) -> Artifact:
        artifact, data = self.artifacts.store(value)
        if data is not None:
            self.data[artifact.digest] = data
        return artifact

    def store_splits(self, values: list[object]) -> Artifact:
        """A joined list, as the scheduler makes it of the splits' artifacts."""
        encoded = encode_splits([self.store(value) for value in values])
        artifact, data = self.artifacts.put(encoded)
        assert data is not None
        self.data[artifact.digest] = data
        return artifact

    def request(self, text: str, task: str = "train", **options: Any) -> TaskRequest:
        inputs = {name: self.store(value) for name, value in options.pop("inputs", {}).items()}
        inputs.update(options.pop("artifacts_of", {}))
        if "item" in options:
            options["item"] = self.store(options["item"])
        known: dict[str, Any] = {
            "kind": "body",
            "setup": (),
            "definitions": (),
            "outputs": (),
            "cwd": str(self.root),
            "artifacts": str(self.root / ".store"),
        }
        known.update(options)
        return TaskRequest(
            task=task,
            body=Source(text, 4, step="train"),
            inputs=inputs,
            data=dict(self.data),
            **known,
        )

    def run(self, text: str, *, outputs: str = "", **options: Any) -> Outcome:
        """Run one body to its end."""
        request = self.request(text, outputs=tuple(outputs.split()), **options)
        self.executor.start(request)
        return self.wait(request.task)

    def wait(self, task: str) -> Outcome:
        """Wait for the end of a task; events of others are a mistake."""
        started: Started | None = None
        live: list[dict[str, Any]] = []
        while True:
            event = self.events.get(timeout=TIMEOUT)
            assert event.task == task
            if isinstance(event, Started):
                started = event
            elif isinstance(event, Output):
                live.append(event.content)
            else:
                assert not isinstance(event, Writing)
                return Outcome(started or Started(task, 0), live, event, self.artifacts, self.data)

    def wait_started(self) -> Started:
        """Wait until a worker has begun."""
        event = self.events.get(timeout=TIMEOUT)
        assert isinstance(event, Started)
        return event

    def wait_printed(self, text: str) -> None:
        """Wait until a task has printed this."""
        seen = ""
        while text not in seen:
            event = self.events.get(timeout=TIMEOUT)
            assert isinstance(event, Output | Started), event
            if isinstance(event, Output):
                seen += event.content.get("text", "")


def definition(text: str, *needs: str, number: int = 2, line: int = 1) -> Any:
    return Source(text, number, line), needs


def plain(text: str) -> str:
    """Without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def assert_ends(pid: int) -> None:
    """A process ends within two seconds (a zombie that waits to be reaped has ended)."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} still runs")
