"""The executors of one notebook's flow, each started with the first task that needs it."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Literal, TypeAlias

from nbflow.flow import Flow
from nbflow.records.message import WorkerEvent
from nbflow.run.executor import Executor
from nbflow.run.local import LocalExecutor

ExecutorKind: TypeAlias = Literal["local", "inline"]


class Workers:
    """Keeps executors from one run to the next; a run that finds all cached starts none."""

    def __init__(self) -> None:
        #: Events of all executors.
        self.events: SimpleQueue[WorkerEvent] = SimpleQueue()
        self._executors: dict[ExecutorKind, Executor] = {}

    def executor(self, kind: ExecutorKind, flow: Flow) -> Executor:
        """The executor of a kind, for tasks of this flow."""
        if kind not in self._executors:
            self._executors[kind] = (
                self._inline()
                if kind == "inline"
                else LocalExecutor(self.events, preload=_preload(flow))
            )
        return self._executors[kind]

    def close(self) -> None:
        """End all worker processes; nobody hears of them again."""
        while self._executors:
            _, executor = self._executors.popitem()
            executor.close()
        while not self.events.empty():
            self.events.get()

    def _inline(self) -> Executor:
        # Late: importing IPython takes as long as a small cached run does without it.
        from nbflow.run.inline import InlineExecutor

        return InlineExecutor(self.events)


def _preload(flow: Flow) -> tuple[str, ...]:
    """Modules that the flow's definitions import: a worker that has them already starts fast."""
    modules = {
        module: None
        for code in flow.cells
        for definition in code.facts.definitions
        for module in definition.modules
        if not module.startswith(".")
    }
    return tuple(modules)
