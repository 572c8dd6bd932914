"""The executors of one notebook's flow, each started with the first task that needs it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Literal, TypeAlias

from nbflow.analysis import magics
from nbflow.flow import Flow
from nbflow.plan import Call
from nbflow.records.message import Output, WorkerEvent
from nbflow.run.executor import Executor
from nbflow.run.local import LocalExecutor
from nbflow.run.surroundings import Surroundings
from nbflow.run.worker.observing.places import configuration, stamp

ExecutorKind: TypeAlias = Literal["local", "inline"]


class Workers:
    """Keeps executors from one run to the next; a run that finds all cached starts none."""

    def __init__(self, surroundings: Surroundings | None = None) -> None:
        #: Events of all executors.
        self.events: SimpleQueue[WorkerEvent] = SimpleQueue()
        self._local: LocalExecutor | None = None
        self._given = surroundings
        #: What the running workers have.
        self._surroundings = self.surroundings
        #: The folders of installed libraries, as they were when the workers began.
        self._libraries = stamp()
        #: What they look for beside the notebook when they are imported, as it was then.
        self._configured: tuple[object, ...] | None = None
        #: Modules that the workers have from the start.
        self._loaded: set[str] = set()

    @property
    def surroundings(self) -> Surroundings:
        """What the workers of the next run have: unless it was given, what this process has."""
        return self._given or Surroundings.now()

    def environments(
        self, is_inline: Callable[[Call], bool]
    ) -> Callable[[Call], Mapping[str, str]]:
        """The environment that the task of a call starts from, in the run that comes next."""
        here, workers = dict(os.environ), self.surroundings.environment
        return lambda call: here if is_inline(call) else workers

    def local(self, flow: Flow) -> Executor:
        """The executor that runs tasks of this flow in processes of their own."""
        if self._local is None:
            modules = preload(flow)
            self._local = LocalExecutor(
                self.events,
                modules,
                surroundings=self._surroundings,
                directory=Path(flow.path).parent,
            )
            self._loaded = set(modules)
        return self._local

    def inline(self, on_output: Callable[[Output], None]) -> Executor:
        """An executor that runs tasks in this very process and thread."""
        # Late: importing IPython takes as long as a small cached run does without it.
        from nbflow.run.inline import InlineExecutor

        return InlineExecutor(self.events, on_output)

    def refresh(self, flow: Flow) -> None:
        """Before a run: workers that have at hand what the flow imports, and what is set by now.

        A package that was installed meanwhile is imported anew, as its version is told anew.
        """
        surroundings, libraries = self.surroundings, stamp()
        configured = configuration(Path(flow.path).parent)
        is_new = (
            surroundings != self._surroundings
            or libraries != self._libraries
            or configured != self._configured
        )
        self._surroundings, self._libraries = surroundings, libraries
        self._configured = configured
        if self._local is not None and is_new:
            self._local.close()
            self._local = None
        elif self._local is not None and (more := set(preload(flow)) - self._loaded):
            self._local.load(sorted(more))
            self._loaded |= more

    def close(self) -> None:
        """End all worker processes; nobody hears of them again."""
        if self._local is not None:
            self._local.close()
            self._local = None
        while not self.events.empty():
            self.events.get()


def inline_calls(
    executor: ExecutorKind = "local", here: Collection[str] = ()
) -> Callable[[Call], bool]:
    """Which tasks run in this process."""
    return lambda call: (
        executor == "inline" or call.step.step.directive.options.here or call.step.name in here
    )


def preload(flow: Flow) -> tuple[str, ...]:
    """Modules that the flow imports: a worker that has them already starts fast."""
    definitions = (
        module
        for code in flow.cells
        for definition in code.facts.definitions
        for module in definition.modules
        if not module.startswith(".")
    )
    configuring = (
        module
        for code in flow.cells
        for line in code.facts.config_magics
        for module in magics.IMPORTS.get(line.partition(" ")[0], ())
    )
    return tuple(dict.fromkeys([*definitions, *configuring]))
