"""A notebook's flow that can be looked at, planned and run."""

from __future__ import annotations

import difflib
import functools
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Literal

from nbflow import cells
from nbflow.checks import check
from nbflow.driver.lookup import NoHistory, StoreLookup
from nbflow.driver.stars import star_names
from nbflow.errors import FlowError, ParameterError, StoreError
from nbflow.flow import Flow, build
from nbflow.parameters import check as check_value
from nbflow.parameters import convert
from nbflow.plan import Plan, Preparer, StepPlan, decide, make_plan
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.message import WorkerEvent
from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.records.task import RunRecord
from nbflow.results import FlowRun
from nbflow.run.executor import Executor
from nbflow.run.local import LocalExecutor
from nbflow.run.loop import Loop, RunEvent
from nbflow.run.machine import Machine
from nbflow.store.codecs import encode
from nbflow.store.store import Store


def load(path: str | Path, *, store: str | Path | None = None) -> NotebookFlow:
    """Read a notebook and wire its flow; nothing is run.

    Parameters
    ----------
    path
        A notebook: ``.ipynb``, or a jupytext text notebook (``.py``, ``.md``).
    store
        Directory of artifacts and history; ``.nbflow`` beside the notebook by default.

    Raises
    ------
    NotebookError
        The file is missing, unreadable or not a notebook.

    >>> flow = nbflow.load("train.ipynb")  # doctest: +SKIP
    >>> flow.run(cores=4)["report"].found  # doctest: +SKIP
    """
    file = Path(path)
    return NotebookFlow(cells.read(file), Path(store) if store is not None else None)


def runs(path: str | Path, *, store: str | Path | None = None) -> list[FlowRun]:
    """The runs of a notebook, oldest first.

    >>> nbflow.runs("train.ipynb")[-1]["load"].data  # doctest: +SKIP
    """
    file = Path(path).absolute()
    root = Path(store) if store is not None else store_beside(file)
    if not root.exists():
        return []
    held = Store.open(root)
    return [FlowRun(record, held) for record in held.runs(str(file))]


def store_beside(notebook: Path) -> Path:
    """Where a notebook's store lies unless another place is named."""
    return notebook.absolute().parent / ".nbflow"


class NotebookFlow:
    """The flow of one notebook, with its store and the executors it has started.

    Use it as a context manager, or call :meth:`close`, to end its worker processes early.
    """

    def __init__(self, notebook: Notebook, store: Path | None = None) -> None:
        self.notebook = notebook
        self.path = Path(notebook.path)
        directory = self.path.parent
        #: The pure graph.
        self.flow: Flow = build(
            notebook, functools.partial(star_names, directory=directory), self.path.stem
        )
        #: Everything that is wrong with the notebook, in document order.
        self.problems: tuple[Problem, ...] = check(self.flow)
        self._root = (store or store_beside(self.path)).absolute()
        #: Of all runs and plans: fingerprints do not depend on parameters.
        self._preparer = Preparer(self.flow, {})
        self._store: Store | None = None
        self._events: SimpleQueue[WorkerEvent] = SimpleQueue()
        self._executors: dict[str, Executor] = {}
        self._loop: Loop | None = None

    @property
    def store(self) -> Store:
        """The store, opened (and made) on first use."""
        if self._store is None:
            self._store = Store.open(self._root)
        return self._store

    def run(
        self,
        *steps: str,
        workers: int | None = None,
        executor: Literal["local", "inline"] = "local",
        cache: bool = True,
        on_event: Callable[[RunEvent], None] | None = None,
        **parameters: object,
    ) -> FlowRun:
        """Bring steps up to date, with all that they need.

        Parameters
        ----------
        steps
            Names of the steps wanted; all of them by default.
        workers
            How many tasks run at once; the number of this machine's cpus by default.
        executor
            ``local`` runs each task in a process of its own; ``inline`` in this one, for debugging.
        cache
            False runs every task, and records the results.
        on_event
            Called with every change of a task's status and every output, in this thread.
        parameters
            Values for the notebook's parameters: Python values, or text as on a command line.

        Raises
        ------
        FlowError
            One of the steps, or one above it, has a problem; or there is no such step.
        ParameterError
            A value does not fit its parameter.
        StoreError
            The store cannot be used.
        """
        targets = self._targets(steps)
        values = self.values(parameters)
        self._refuse_problems(targets)
        artifacts, data = self._encoded(values)
        store = self.store
        if not store.writable:
            raise StoreError(
                f"the store {self._root} cannot be written",
                "Name another with --store DIR, or make it writable.",
            )
        lookup = StoreLookup(store, self.flow.name, self.path.parent)
        machine = Machine(
            self.flow,
            replace(self._preparer, parameters=artifacts),
            targets,
            workers or os.cpu_count() or 1,
            lookup.durations,
        )
        self._loop = loop = Loop(
            machine=machine,
            store=store,
            decide=lambda call: decide(call, lookup, cache),
            executor=functools.partial(self._executor, executor),
            here=functools.partial(self._executor, "inline"),
            events=self._events,
            directory=self.path.parent,
            on_record=lookup.wrote,
            on_event=on_event or _ignore,
        )
        store.keep(data)
        begun = self._begun(values)
        store.begin_run(begun)
        with _interrupts(loop.cancel) as interrupted:
            loop.run()
        record = _ended(begun, loop.machine)
        store.finish_run(record)
        if interrupted:
            raise KeyboardInterrupt
        hazards = dict.fromkeys(h for one in loop.records.values() for h in one.hazards)
        return FlowRun(record, store, tuple(hazards))

    def cancel(self) -> None:
        """Cancel the run in progress, from another thread."""
        if self._loop is not None:
            self._loop.cancel()

    def plan(self, *steps: str, cache: bool = True, **parameters: object) -> Plan:
        """What a run would do, step by step, and why; runs nothing and writes nothing."""
        artifacts, _ = self._encoded(self.values(parameters))
        broken = {p.cell for p in self.problems if p.cell and p.severity == "error"}
        has_history = self._root.exists()
        return make_plan(
            self.flow,
            replace(self._preparer, parameters=artifacts),
            StoreLookup(self.store, self.flow.name, self.path.parent)
            if has_history
            else NoHistory(),
            self._targets(steps),
            broken,
            cache,
        )

    def why(self, step: str, /, **parameters: object) -> StepPlan:
        """Why a step would run, or that it would not."""
        return self.plan(step, cache=True, **parameters)[step]

    def values(self, given: Mapping[str, object]) -> dict[str, Any]:
        """All parameters' values: what is given, checked and typed, over the defaults."""
        declared = {parameter.name: parameter for parameter in self.flow.parameters}
        values: dict[str, Any] = {name: parameter.default for name, parameter in declared.items()}
        for name, value in given.items():
            if name not in declared:
                known = ", ".join(f"`{n}`" for n in declared) or "none"
                raise ParameterError(
                    f"{self.path.name} has no parameter `{name}`", f"Its parameters: {known}."
                )
            parameter = declared[name]
            as_text = isinstance(value, str) and not isinstance(parameter.default, str)
            values[name] = (
                convert(parameter, str(value)) if as_text else check_value(parameter, value)
            )
        return values

    def close(self) -> None:
        """End the worker processes; the store stays."""
        for executor in self._executors.values():
            executor.close()
        self._executors.clear()

    def __enter__(self) -> NotebookFlow:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<flow {self.flow.name}: {len(self.flow.steps)} steps>"

    # -- preparing a run --

    def _targets(self, names: Iterable[str]) -> list[str]:
        ids = {step.name: cell for cell, step in self.flow.steps.items()}
        wanted = list(names)
        for name in wanted:
            if name not in ids:
                close = difflib.get_close_matches(name, ids, 1)
                hint = f"Did you mean `{close[0]}`?" if close else f"Its steps: {', '.join(ids)}."
                raise FlowError(f"{self.path.name} has no step `{name}`", hint)
        return [ids[name] for name in wanted] if wanted else list(self.flow.steps)

    def _refuse_problems(self, targets: list[str]) -> None:
        """A problem anywhere in what would run refuses the run, and all are named at once."""
        wanted = self.flow.closure(targets)
        problems = [
            p
            for p in self.problems
            if p.severity == "error" and (p.cell is None or p.cell in wanted or self._shared(p))
        ]
        if problems:
            raise ProblemsError(self.path.name, problems)

    def _shared(self, problem: Problem) -> bool:
        """Whether the problem is not of one step, but of what all of them share."""
        return problem.cell not in self.flow.steps

    def _encoded(
        self, values: Mapping[str, object]
    ) -> tuple[dict[str, Artifact], dict[Digest, bytes]]:
        artifacts: dict[str, Artifact] = {}
        data: dict[Digest, bytes] = {}
        for name, value in values.items():
            encoded = encode(value)
            artifacts[name] = encoded.artifact
            data[encoded.artifact.digest] = b"".join(encoded.buffers)
        return artifacts, data

    def _begun(self, values: Mapping[str, object]) -> RunRecord:
        now = time.time()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
        return RunRecord(
            id=f"{stamp}-{secrets.token_hex(2)}",
            notebook=str(self.path),
            flow=self.flow.name,
            parameters={name: repr(value) for name, value in values.items()},
            status="running",
            started=now,
        )

    def _executor(self, kind: Literal["local", "inline"]) -> Executor:
        # Started with the first task that runs: a run that finds everything cached starts none.
        if kind not in self._executors:
            self._executors[kind] = self._inline() if kind == "inline" else self._local()
        return self._executors[kind]

    def _local(self) -> Executor:
        return LocalExecutor(self._events, preload=_preload(self.flow))

    def _inline(self) -> Executor:
        # Late: importing IPython takes as long as a small cached run does without it.
        from nbflow.run.inline import InlineExecutor

        return InlineExecutor(self._events)


class ProblemsError(FlowError):
    """The flow has problems; all of them are in ``problems``."""

    def __init__(self, notebook: str, problems: list[Problem]) -> None:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        lines = [f"cell [{p.number}]: {p.message}. {p.remedy}" for p in problems]
        super().__init__(f"{notebook} has {count}", "\n  ".join(lines))
        self.problems = tuple(problems)


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


def _ended(begun: RunRecord, machine: Machine) -> RunRecord:
    return RunRecord(
        id=begun.id,
        notebook=begun.notebook,
        flow=begun.flow,
        parameters=begun.parameters,
        status=machine.status,
        started=begun.started,
        seconds=time.time() - begun.started,
        tasks=machine.runs(),
    )


@contextmanager
def _interrupts(cancel: Callable[[], None]) -> Iterator[list[int]]:
    """Ctrl-C cancels the run instead of breaking into the loop; says whether it came."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def handle(number: int, _frame: object) -> None:
        came.append(number)
        cancel()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)


def _ignore(event: RunEvent) -> None:
    """Nobody listens."""
