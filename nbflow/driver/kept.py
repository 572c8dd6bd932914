"""What may be done with the results that are kept of a notebook's flow, beside running it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nbflow.driver import values
from nbflow.driver.accepting import Accepting
from nbflow.driver.basis import Basis, Current, local_modules, of_each_cell
from nbflow.driver.exporting import beside, check_folder, exporter, write
from nbflow.driver.previewing import Shown, previews
from nbflow.driver.read_files import read_files
from nbflow.driver.verifying import Selection, outcomes
from nbflow.driver.workers import Workers, inline_calls
from nbflow.errors import FlowError, StoreError, command
from nbflow.flow import Flow
from nbflow.plan import Call, Lookup, Preparer, Walk, decide
from nbflow.records.digest import Digest
from nbflow.records.lesson import Learnt
from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.records.task import lesson_of
from nbflow.records.verdict import Reuse, Run
from nbflow.records.verification import Verification
from nbflow.results import logged
from nbflow.run.again import Again
from nbflow.store.busy import at_work
from nbflow.store.filters import RunFilter

if TYPE_CHECKING:
    from nbflow.driver.lookup import StoreLookup
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
        cells = self._targets(steps)
        if not self.root.exists():
            return 0
        # Cells that have left the notebook left their results.
        return self.store.forget(self.flow.name, cells if steps else None)

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
        with self._alone_in_it(), at_work(store, self.flow.name):
            lookup = self._lookup(store, inline_calls())
            judge = partial(decide, lookup=lookup)
            walk, data = self._walk(lookup, judge, parameters or {})
            plan = walk.plan(targets)
            known = set() if steps or every else store.verifications.passed(self.flow.name)
            reused = ((call, reuse.record) for call, reuse in walk.reused)
            selection = Selection(plan, reused, targets, known)
            selection.refuse(bool(steps))
            store.keep(data)
            self._workers.refresh(self.flow)
            again = Again(
                self.flow,
                store,
                lookup.files,
                lambda: self._workers.local(self.flow),
                self.close,
                self._workers.events,
                workers or os.cpu_count() or 1,
            )
            with closing(again.run(selection.tasks)) as done:
                found = outcomes(store, self.flow.name, selection.tasks, done)
        by_cell = {each.cell: each for each in (*found, *selection.skipped)}
        return Verification(tuple(by_cell[cell] for cell in self.flow.steps if cell in by_cell))

    def previews(self, step: str, most: int = 8) -> dict[str, dict[str, Shown]]:
        """What the values look like that a step has given, as far as they are current.

        Each is shown in a worker as by a cell that says its name; nothing of it is kept.

        Parameters
        ----------
        step
            Its name.
        most
            Of a foreach, how many splits are shown: the first ones.

        Returns
        -------
        dict
            By the task's name and the value's, outputs (nbformat).
        """
        (cell,) = self.check(step)
        if not self.root.exists():
            return {}
        lookup = self._lookup(self.store, inline_calls())
        walk, _ = self._walk(lookup, partial(decide, lookup=lookup), {})
        walk.plan([cell])
        reused = ((call, reuse.record) for call, reuse in walk.reused)
        own = (each for each in reused if each[0].step.id == cell and each[0].part == "body")
        own_workers = Workers(self._workers.surroundings)
        return previews(self.flow, self.store, [*islice(own, most)], own_workers)

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
        with self._alone_in_it(), self._unless_refused():
            name = self.flow.name
            former = store.latest(cell, None, name) or store.latest(cell, 0, name)
            if former is not None:
                # What the step was seen to do is known of its new source, too.
                learnt = self.flow.learnt
                lesson = lesson_of(former)
                lesson = learnt[cell] | lesson if cell in learnt else lesson
                self._take(self._build({**learnt, cell: lesson}))
            lookup = self._lookup(store, inline_calls())
            accepting = Accepting(cell, reason, self.path, lookup)
            walk, _ = self._walk(lookup, accepting.judge, parameters or {})
            accepted = accepting.accepted(walk.plan([cell])[step])
            store.accept(name, accepted)
        splits = sum(record.index is not None for record, _ in accepted)
        return splits or len(accepted)

    @contextmanager
    def _unless_refused(self) -> Iterator[None]:
        """Whatever refuses, the flow is then what it was before."""
        before = self.flow
        try:
            yield
        except BaseException:
            self._take(before)
            raise

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
        basis = self._basis(values.complete(self.flow, {**(parameters or {}), **named}))
        with beside(self.path.parent):
            texts = export(self.flow, basis)
        copies = {file.name: file.path for file in basis.files if file.is_copied}
        return write(texts, copies, Path(folder))

    def _basis(self, given: Mapping[str, object]) -> Basis:
        """What is known of the results that the flow has now.

        Raises
        ------
        FlowError
            The flow has problems, or a step has no current result.
        """
        targets = self.check()
        others = [n for n, value in values.complete(self.flow, {}).items() if given[n] != value]
        options = (word for name in others for word in ("-p", name, str(given[name])))
        run = command("run", self.path, *options)
        if not self.root.exists():
            raise FlowError(f"{self.path.name} has not run yet", f"Run it first: `{run}`.")
        lookup = self._lookup(self.store, inline_calls())
        walk, _ = self._walk(lookup, Current(lookup), given)
        records = of_each_cell(self.flow, walk, walk.plan(targets), run)
        shown = {name: repr(value) for name, value in given.items()}
        past = self.store.history.find(RunFilter(str(self.path), status="completed"))
        namespace: dict[str, object] = {"__name__": "__main__"}
        basis = Basis(
            self.notebook,
            given,
            {cell: tuple(found) for cell, found in records.items()},
            walk.known,
            {
                cell: [out for record in found for out in logged(self.store, record)]
                for cell, found in records.items()
            },
            {},
            (),
            lambda artifact: self.store.load(artifact, namespace),
            next((r.id for r in reversed(past) if r.parameters == shown and not r.steps), ""),
        )
        modules = local_modules(basis.facts("module"), self.path.parent)
        every = (record for found in records.values() for record in found)
        texts = [cell.source for cell in self.notebook.cells]
        files = read_files(every, self.path.parent, modules, texts)
        return replace(basis, modules=modules, files=files)

    def _kept(self) -> Store:
        """The store, where there is one that can be written."""
        if not self.root.exists():
            run = command("run", self.path)
            raise FlowError(
                f"{self.path.name} has not run yet: there is no store {self.root}",
                f"Run it first (`{run}`), or name its store with `--store DIR`.",
            )
        return self._writable()

    def _writable(self) -> Store:
        if not self.store.writable:
            raise StoreError(
                f"the store {self.root} cannot be written",
                "Name another with --store DIR, or make it writable.",
            )
        return self.store

    def _walk(
        self,
        lookup: Lookup,
        judge: Callable[[Call], Reuse | Run],
        parameters: Mapping[str, object],
    ) -> tuple[Walk, Mapping[Digest, bytes]]:
        """A walk with these parameters, whose contents come along: nothing keeps them yet."""
        artifacts, data = values.encoded(values.complete(self.flow, parameters))
        broken = frozenset(p.cell for p in self.problems if p.cell and p.severity == "error")
        preparer = replace(self._preparer, parameters=artifacts)
        return Walk(self.flow, preparer, lookup, broken, judge), data
