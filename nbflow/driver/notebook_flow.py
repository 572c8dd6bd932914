"""A notebook's flow that can be looked at, planned and run."""

from __future__ import annotations

import functools
import os
import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from nbflow import cells
from nbflow.checks import check
from nbflow.driver import values
from nbflow.driver.interrupts import interrupts, resume
from nbflow.driver.kept import Kept
from nbflow.driver.lookup import NoHistory, StoreLookup
from nbflow.driver.origin import Changes, origin
from nbflow.driver.refusals import ProblemsError, check_arguments, no_step
from nbflow.driver.run_record import begun, ended, looked_at, note
from nbflow.driver.snapshot import snapshot
from nbflow.driver.stars import star_names
from nbflow.driver.workers import ExecutorKind, Workers, inline_calls
from nbflow.errors import FlowError, StoreError
from nbflow.fingerprint import fingerprint, recipe_of
from nbflow.flow import Flow, FlowStep, build
from nbflow.plan import Call, Plan, Preparer, StepPlan, decide
from nbflow.records.digest import Digest
from nbflow.records.lesson import Learnt, Lesson
from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.records.task import RunRecord
from nbflow.results import FlowRun, Runs, found
from nbflow.run.loop import Loop, RunEvent
from nbflow.run.machine import Machine
from nbflow.run.surroundings import Surroundings
from nbflow.store.filters import RunFilter
from nbflow.store.near import store_beside
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


class NotebookFlow(Kept):
    """The flow of one notebook, with its store and the executors it has started.

    Use it as a context manager, or call :meth:`close`, to end its worker processes early.
    """

    def __init__(
        self,
        notebook: Notebook,
        store: Path | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.path = Path(notebook.path)
        #: The store's directory, whether it is there yet or not.
        self.root = (store or store_beside(self.path)).absolute()
        self._store: Store | None = None
        self._read(notebook)
        self._workers = Workers(surroundings)
        #: The run in progress.
        self._loop: Loop | None = None
        self._alone = threading.Lock()
        # Nobody has to close a flow: its processes end with it, or with this process.
        weakref.finalize(self, self._workers.close)

    @property
    def is_running(self) -> bool:
        """Whether a run is in progress, in whichever thread."""
        return self._alone.locked()

    @property
    def store(self) -> Store:
        """The store, opened (and made) on first use, and again when somebody has deleted it."""
        if self._store is None or not self._store.is_there:
            self._store = Store.open(self.root)
        return self._store

    def run(
        self,
        *steps: str,
        workers: int | None = None,
        executor: ExecutorKind = "local",
        here: Collection[str] = (),
        cache: bool = True,
        on_event: Callable[[RunEvent], None] | None = None,
        parameters: Mapping[str, object] | None = None,
        **named: object,
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
        here
            Names of steps that run in this process, as ``--here`` has it.
        cache
            False runs every task, and records the results.
        on_event
            Called with every change of a task's status and every output, in this thread.
        parameters, named
            Values for the notebook's parameters: Python values, or text where only text fits that
            reads like one. A name that is also an argument's, like ``workers``, goes into
            ``parameters``.

        Raises
        ------
        FlowError
            One of the steps, or one above it, has a problem; there is no such step or executor;
            or the flow is being run already.
        ParameterError
            A value does not fit its parameter.
        StoreError
            The store cannot be used.
        """
        check_arguments(workers, executor)
        is_inline = inline_calls(executor, here)
        # From here on, for what is looked at now is what runs.
        with self._alone_in_it():
            if self._store is not None and self._store.database.is_damaged:
                self._store.close()
                self._store = None
            targets = self.check(*steps)
            given = values.complete(self.flow, {**(parameters or {}), **named})
            artifacts, data = values.encoded(given)
            store = self._writable()
            lookup = self._lookup(store, is_inline)
            machine = Machine(
                self.flow,
                replace(self._preparer, parameters=artifacts),
                targets,
                workers or os.cpu_count() or 1,
                lookup.durations,
                self._build,
            )
            loop = Loop(
                machine=machine,
                store=store,
                decide=lambda call: decide(call, lookup, cache),
                executor=functools.partial(self._workers.local, self.flow),
                inline=self._workers.inline,
                is_inline=is_inline,
                events=self._workers.events,
                changed=lookup.changed_file,
                files=lookup.files,
                on_record=lookup.wrote,
                on_event=on_event or (lambda _: None),
            )
            with self._running(loop):
                self._workers.refresh(self.flow)
                by = origin(self.path.parent)
                record = begun(self.notebook.path, self.flow.name, given, steps, by)
                return self._carry_out(loop, record, data)

    def update(self, notebook: Notebook, afresh: bool = False) -> None:
        """Take the notebook as it is now; ``afresh``, though only what runs have learnt is new.

        Raises
        ------
        FlowError
            The flow is being run.
        """
        if afresh or notebook != self.notebook:
            with self._alone_in_it():
                self._read(notebook)

    def cancel(self) -> None:
        """Cancel the run in progress, from another thread; nothing to do if there is none."""
        if (loop := self._loop) is not None:
            loop.cancel()

    def said(self, task: str) -> list[dict[str, Any]]:
        """What a task of the run in progress has put out so far (nbformat), for another thread."""
        loop = self._loop
        return loop.said(task) if loop is not None else []

    def plan(
        self,
        *steps: str,
        cache: bool = True,
        parameters: Mapping[str, object] | None = None,
        **named: object,
    ) -> Plan:
        """What a run would do, step by step, and why; runs nothing and writes nothing."""
        has_history = self.root.exists()
        lookup = self._lookup(self.store, inline_calls()) if has_history else NoHistory()
        judge = functools.partial(decide, lookup=lookup, cache=cache)
        walk, _ = self._walk(lookup, judge, {**(parameters or {}), **named})
        return walk.plan(self._targets(steps))

    def why(
        self, step: str, /, *, parameters: Mapping[str, object] | None = None, **named: object
    ) -> StepPlan:
        """Why a step would run, or that it would not."""
        return self.plan(step, parameters={**(parameters or {}), **named})[step]

    def step(self, name: str) -> FlowStep:
        """The step of a name.

        Raises
        ------
        FlowError
            There is none.
        """
        # Of two that are called so it is the first: the other has a problem.
        step = self.flow.named(name)
        if step is None:
            raise no_step(name, self.path.name, [each.name for each in self.flow.steps.values()])
        return step

    def check(self, *steps: str) -> list[str]:
        """The cell ids of steps, all of them by default, if nothing speaks against running them.

        Raises
        ------
        FlowError
            There is no such step; or one of them, or of those above, has a problem: all are named.
        """
        targets = self._targets(steps)
        wanted = self.flow.closure(targets)
        problems = [
            p
            for p in self.problems
            if p.severity == "error" and (not steps or self._concerns(p, wanted))
        ]
        if problems:
            raise ProblemsError(self.path.name, problems)
        return targets

    def runs(self) -> Runs:
        """The runs of this notebook, oldest first."""
        if not self.root.exists():
            return Runs()
        return found(self.store, RunFilter(str(self.path)))

    def typed(self, texts: Mapping[str, str]) -> dict[str, object]:
        """The values that texts stand for, as somebody typed them for these parameters.

        Raises
        ------
        ParameterError
            There is no such parameter, or the text is no value for it.
        """
        return values.typed(self.flow, texts)

    def close(self) -> None:
        """End the worker processes; the store stays, and the flow can still be run."""
        self._workers.close()

    def __enter__(self) -> NotebookFlow:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<flow {self.flow.name}: {len(self.flow.steps)} steps>"

    # -- reading --

    def _read(self, notebook: Notebook) -> None:
        self.notebook = notebook
        flow = self._build({})
        if self.root.exists() and (learnt := self._learnt(flow)):
            flow = self._build(learnt)
        self._take(flow)

    def _build(self, learnt: Learnt) -> Flow:
        stars = functools.partial(star_names, directory=self.path.parent)
        return build(self.notebook, stars, self.path.stem, learnt)

    def _take(self, flow: Flow) -> None:
        #: The pure graph.
        self.flow = flow
        #: Everything that is wrong with the notebook, in document order.
        self.problems: tuple[Problem, ...] = check(flow)
        #: Of all runs and plans: fingerprints do not depend on parameters.
        self._preparer = Preparer(flow, {})

    def _learnt(self, flow: Flow) -> Learnt:
        """What earlier runs have taught, as far as the steps are still the same."""
        learnt: dict[str, Lesson] = {}
        for (cell, recipe), lesson in self.store.learnt(flow.name).items():
            step = flow.steps.get(cell)
            if step is not None and fingerprint(recipe_of(flow, step, "body")) == recipe:
                learnt[cell] = lesson
        return learnt

    # -- running --

    def _lookup(self, store: Store, is_inline: Callable[[Call], bool]) -> StoreLookup:
        environment = self._workers.environments(is_inline)
        return StoreLookup(store, self.flow.name, self.path, environment)

    @contextmanager
    def _alone_in_it(self) -> Iterator[None]:
        """One run at a time: the events of two would mix."""
        if not self._alone.acquire(blocking=False):
            raise FlowError(
                f"{self.path.name} is being run already",
                "Wait for that run, or load the notebook once more to run it beside.",
            )
        try:
            yield
        finally:
            self._alone.release()

    @contextmanager
    def _running(self, loop: Loop) -> Iterator[None]:
        self._loop = loop
        try:
            yield
        except BaseException:
            # Whatever broke off the run: its workers end here, and nobody hears of them again.
            self.close()
            raise
        finally:
            self._loop = None

    def _carry_out(
        self, loop: Loop, start: RunRecord, parameters: Mapping[Digest, bytes]
    ) -> FlowRun:
        start = loop.store.history.begin(start, snapshot(self.notebook))
        loop.note = functools.partial(note, loop.store.history, start)
        changes = Changes(self.path.parent, start.commit)
        try:
            loop.store.keep(parameters)
            with interrupts(loop.cancel) as interrupted:
                loop.run()
        except BaseException:
            with suppress(StoreError):  # the very thing that may have broken off the run
                broken = structs.replace(ended(start, loop.machine), status="interrupted")
                loop.store.history.finish(broken, looked_at(loop.machine))
            changes.answer()
            raise
        machine = loop.machine
        if machine.flow is not self.flow or machine.learnt:
            # What has been learnt without a new start is for the next run.
            learnt = {**machine.flow.learnt, **machine.learnt}
            self._take(self._build(learnt) if machine.learnt else machine.flow)
        record = ended(start, loop.machine, changes.answer())
        loop.store.history.finish(record, looked_at(loop.machine))
        resume(interrupted)
        return FlowRun(record, loop.store)

    # -- preparing a run --

    def _targets(self, names: Iterable[str]) -> list[str]:
        return [self.step(name).id for name in names] or list(self.flow.steps)

    def _concerns(self, problem: Problem, wanted: Collection[str]) -> bool:
        """Whether a problem is of one of these steps, or of what they may share."""
        if problem.cell is None or problem.cell in self.flow.steps:
            return problem.cell is None or problem.cell in wanted
        index = next(i for i, c in enumerate(self.flow.cells) if c.cell.id == problem.cell)
        code = self.flow.cells[index]
        if code.role in ("parameters", "setup"):
            return True
        # An ordinary cell, or a step whose mark cannot be read: who stands above it has no need of
        # it, who stands below only of what it gives.
        steps = (self.flow.steps[cell] for cell in wanted)
        return any(step.index > index and step.may_miss(code) for step in steps)
