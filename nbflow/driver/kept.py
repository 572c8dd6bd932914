"""What may be done with the results that are kept of a notebook's flow, beside running it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nbflow.driver import values
from nbflow.driver.accepting import Accepting
from nbflow.driver.exporting import check_folder, exporter, write
from nbflow.driver.origin import Current, Origin, local_modules, of_each_cell
from nbflow.driver.verifying import Selection, outcomes
from nbflow.driver.workers import inline_calls
from nbflow.errors import FlowError, StoreError
from nbflow.flow import Flow
from nbflow.plan import Call, Plan, Preparer, Walk, decide
from nbflow.records.lesson import Learnt
from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.records.task import lesson_of
from nbflow.records.verdict import Reuse, Run
from nbflow.records.verification import Verification
from nbflow.results import logged
from nbflow.run.again import Again

if TYPE_CHECKING:
    from nbflow.driver.lookup import StoreLookup
    from nbflow.driver.workers import Workers
    from nbflow.store.store import Store


class Kept:
    """The part of a notebook's flow that looks after its results."""

    path: Path
    notebook: Notebook
    flow: Flow
    problems: tuple[Problem, ...]
    root: Path
    _preparer: Preparer
    _workers: Workers

    if TYPE_CHECKING:

        @property
        def store(self) -> Store: ...

        def check(self, *steps: str) -> list[str]: ...

        def close(self) -> None: ...

        def _targets(self, names: Iterable[str]) -> list[str]: ...

        def _lookup(self, store: Store, is_inline: Callable[[Call], bool]) -> StoreLookup: ...

        def _alone_in_it(self) -> AbstractContextManager[None]: ...

        def _build(self, learnt: Learnt) -> Flow: ...

        def _take(self, flow: Flow) -> None: ...

    def forget(self, *steps: str) -> int:
        """Drop the results of steps, of all by default, so that they run again; how many."""
        cells = dict.fromkeys(self._targets(steps))
        if not self.root.exists():
            return 0
        if not steps:
            # Cells that have left the notebook left their results.
            past = self.store.runs(str(self.path))
            cells |= dict.fromkeys(task.cell for run in past for task in run.tasks)
        return self.store.forget(self.flow.name, cells)

    def verify(
        self,
        *steps: str,
        every: bool = False,
        workers: int | None = None,
        parameters: Mapping[str, object] | None = None,
    ) -> Verification:
        """Do steps once more, each in a clean process, and compare what they give.

        The results that are kept stay as they are. A step that differs is marked, until all its
        tasks have given the same again.

        Parameters
        ----------
        steps
            Names of the steps; by default all that have a current result and have not given the
            same again already.
        every
            Without names: all that have a current result.
        workers
            How many tasks run at once; the number of this machine's cpus by default.

        Raises
        ------
        FlowError
            There is no such step, or it has no current result to compare with.
        """
        targets = self.check(*steps)
        store = self._kept()
        with self._alone_in_it():
            lookup = self._lookup(store, inline_calls())
            plan, walk = self._survey(targets, lookup, parameters, partial(decide, lookup=lookup))
            known = set() if steps or every else store.verifications.passed(self.flow.name)
            reused = ((call, reuse.record) for call, reuse in walk.reused)
            selection = Selection(plan, reused, targets, known)
            selection.refuse(bool(steps))
            self._workers.refresh(self.flow)
            again = Again(
                self.flow,
                store,
                lookup.files,
                lambda: self._workers.local(self.flow),
                self._workers.events,
                workers or os.cpu_count() or 1,
            )
            try:
                done = again.run(selection.tasks)
                found = outcomes(store, self.flow.name, selection.tasks, done)
            except BaseException:
                self.close()  # the next run must not hear of these tasks
                raise
        by_cell = {each.cell: each for each in (*found, *selection.skipped)}
        return Verification(tuple(by_cell[cell] for cell in self.flow.steps if cell in by_cell))

    def accept(
        self, step: str, reason: str, *, parameters: Mapping[str, object] | None = None
    ) -> int:
        """Keep the results of a stale step as current, for a reason that is recorded with them.

        Gives the number of results; of a foreach, of its splits.

        Raises
        ------
        FlowError
            There is no such step, it is fresh, it has no result that fits, or a step above it is
            stale itself.
        """
        (cell,) = self.check(step)
        reason = " ".join(reason.split())
        if not reason:
            raise FlowError(
                f"nothing says why the result of step `{step}` may stay",
                f'Say it: `accept {step} -m "only renamed"`.',
            )
        store = self._kept()
        with self._alone_in_it():
            name = self.flow.name
            former = store.latest(cell, None, name) or store.latest(cell, 0, name)
            if former is not None:
                # What the step was seen to do is known of its new source, too.
                learnt = self.flow.learnt
                lesson = lesson_of(former)
                lesson = learnt[cell] | lesson if cell in learnt else lesson
                self._take(self._build({**learnt, cell: lesson}))
            lookup = self._lookup(store, inline_calls())
            accepting = Accepting(cell, reason, lookup)
            plan, _ = self._survey([cell], lookup, parameters, accepting.judge)
            accepted = accepting.accepted(plan[step])
            store.accept(name, accepted)
        splits = sum(record.index is not None for record, _ in accepted)
        return splits or len(accepted)

    def export(
        self,
        to: str,
        folder: str | Path,
        *,
        parameters: Mapping[str, object] | None = None,
        **named: object,
    ) -> tuple[Path, ...]:
        """Write the flow into a new folder, as a project that runs without nbflow; its files.

        Parameters
        ----------
        to
            ``script``, ``metaflow``, ``notebook``, or what an installed package offers.
        parameters, named
            Values that take the place of the parameters' defaults. With them, each step must
            have a current result: an export is held against those.

        Raises
        ------
        FlowError
            Something in the notebook speaks against it, or a step has no current result.
        NbflowError
            The folder is not empty, or cannot be written.
        """
        export = exporter(to)
        check_folder(Path(folder))
        origin = self._origin(values.complete(self.flow, {**(parameters or {}), **named}))
        return write(export(self.flow, origin), Path(folder))

    def _origin(self, given: Mapping[str, object]) -> Origin:
        """What is known of the results that the flow has now.

        Raises
        ------
        FlowError
            The flow has problems, or a step has no current result.
        """
        targets = self.check()
        others = [n for n, value in values.complete(self.flow, {}).items() if given[n] != value]
        told = "".join(f" -p {name} '{given[name]}'" for name in others)
        remedy = f"Run it first: `nbflow run {self.path.name}{told}`."
        if not self.root.exists():
            raise FlowError(f"{self.path.name} has not run yet", remedy)
        lookup = self._lookup(self.store, inline_calls())
        plan, walk = self._survey(targets, lookup, given, Current(lookup))
        records = of_each_cell(self.flow, walk, plan, remedy)
        shown = {name: repr(value) for name, value in given.items()}
        past = [r for r in self.store.runs(str(self.path)) if r.status == "completed"]
        namespace: dict[str, object] = {"__name__": "__main__"}
        origin = Origin(
            self.notebook,
            given,
            {cell: tuple(found) for cell, found in records.items()},
            walk.known,
            {
                cell: [out for record in found for out in logged(self.store, record)]
                for cell, found in records.items()
            },
            {},
            lambda artifact: self.store.load(artifact, namespace),
            next((r.id for r in reversed(past) if r.parameters == shown and not r.steps), ""),
        )
        modules = local_modules(origin.facts("module"), self.path.parent)
        return replace(origin, modules=modules)

    def _kept(self) -> Store:
        """The store, where there is one that can be written."""
        if not self.root.exists():
            raise FlowError(
                f"{self.path.name} has not run yet: there is no store {self.root}",
                "Run it first, or name its store with `--store DIR`.",
            )
        return self._writable()

    def _writable(self) -> Store:
        if not self.store.writable:
            raise StoreError(
                f"the store {self.root} cannot be written",
                "Name another with --store DIR, or make it writable.",
            )
        return self.store

    def _survey(
        self,
        targets: Iterable[str],
        lookup: StoreLookup,
        parameters: Mapping[str, object] | None,
        judge: Callable[[Call], Reuse | Run],
    ) -> tuple[Plan, Walk]:
        artifacts, _ = values.encoded(values.complete(self.flow, parameters or {}))
        broken = frozenset(p.cell for p in self.problems if p.cell and p.severity == "error")
        preparer = replace(self._preparer, parameters=artifacts)
        walk = Walk(self.flow, preparer, lookup, broken, judge)
        return walk.plan(targets), walk
