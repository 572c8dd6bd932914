"""The flow of the notebook that a kernel runs: what is known of its cells, its runs and results."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbflow import cells
from nbflow.errors import FlowError, NotebookError
from nbflow.magics.document import LiveDocument
from nbflow.magics.in_progress import InProgress, Listeners
from nbflow.magics.results import Given, Results, Stayed
from nbflow.magics.settings import Settings
from nbflow.magics.told import Told, told
from nbflow.records.notebook import Cell
from nbflow.run.surroundings import Surroundings

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow, RunEvent
    from nbflow.flow import FlowStep
    from nbflow.records.task import TaskRun
    from nbflow.results import FlowRun

#: How often somebody who waits for another run looks whether it was interrupted, in seconds.
_LOOK = 0.1
#: Seconds for a page to tell what is on its screen once it has heard of this kernel.
_TELLS_WITHIN = 0.5


class Session:
    """One kernel's flow.

    Responsibilities: keeps the notebook as it is now, and one run at a time; binds what steps give.

    Parameters
    ----------
    shell
        IPython's, in a kernel or in a terminal.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.document = LiveDocument(_path(shell))
        self.results = Results(shell.user_ns)
        self.settings = Settings()
        # Before any cell can change them: tasks start from what the kernel was started with.
        self._surroundings = Surroundings.now()
        self._flow: NotebookFlow | None = None
        #: That of another text of the notebook, while the one before runs.
        self._draft: NotebookFlow | None = None
        self._stamp: tuple[int, int] | None = None
        #: When the file was looked at last.
        self._looked = 0.0
        #: The document as a page had it on its screen last, and when that was.
        self._mirror: tuple[Sequence[Cell], float] | None = None
        #: Whether a page has told, or had the time to.
        self._screen = threading.Event()
        self._reading = threading.RLock()
        self._turn = threading.Lock()
        #: The cell that is about to be executed, if it is a step's.
        self.step_source: str | None = None
        #: Id of the cell of parameters or set-up that is about to be executed.
        self.declaring: str | None = None
        self.listeners: Listeners = []
        self.in_progress = InProgress(self.listeners)

    def executed(self, source: str, sent: Told) -> Cell:
        """Take in a cell that is executed, and give it with its id and its marks."""
        with self._reading:
            if self._flow is None:
                # VS Code tells it only after the extensions of a profile have been loaded.
                self.document.path = _path(self.shell)
            self._look()
            return self.document.executed(source, sent, time.time())

    def mirrored(self, cells: Sequence[Cell]) -> None:
        """Hear how the document is on the screen, saved or not: waits for nobody."""
        self._mirror = cells, time.time()
        self._screen.set()

    def remember(self, sources: Iterable[str]) -> None:
        """Take in what was executed before the extension was loaded, where no file tells."""
        self._look()
        if self._stamp is None:
            for source in sources:
                if source.strip():
                    self.document.executed(source, Told(), time.time())

    def before_cell(self, info: Any) -> None:
        """IPython is about to execute a cell, or a part of one."""
        if not self._is_step(info.raw_cell):
            self.results.before(info.raw_cell)  # a step loads what it needs in its own process
        if info.store_history and told(self.shell).source is None:
            self.executed(info.raw_cell, Told())  # of a terminal: it sends nothing

    def after_cell(self, result: Any) -> None:
        """IPython has executed a cell: if it has missed what stayed in a step, say so.

        And if it declares what the flow cannot take.
        """
        if not self._is_step(result.info.raw_cell):
            self.results.after(result.info.raw_cell)
        if stayed := self.results.missed(result.error_in_exec):
            from nbflow.magics.missed import say  # late: few kernels ever need it

            say(self.shell, stayed)
        if self.declaring and result.success:
            from nbflow.magics.declared import say_problems  # late: with it comes the flow

            say_problems(self.seen, self.shell, self.declaring)

    def _is_step(self, source: str) -> bool:
        step = self.step_source
        return step is not None and step.rstrip("\n") == source.rstrip("\n")

    def outdated(self, step: FlowStep) -> dict[str, Cell]:
        """Definitions that a step uses as they were saved, while the kernel has older ones."""
        assert self._flow is not None
        outdated, codes = self.document.outdated(), self._flow.flow.cells
        return {
            name: codes[placed.position[0]].cell
            for needs in (step.clause, step.body)
            for placed in needs.definitions
            if codes[placed.position[0]].cell.id in outdated
            for name in placed.definition.names
        }

    def only_saved(self, step: FlowStep) -> list[str]:
        """Steps above a step that the screen need not have any more, only an older file has."""
        assert self._flow is not None
        flow, unseen = self._flow.flow, self.document.only_saved()
        above = flow.closure([step.id])
        return [each.name for cell, each in flow.steps.items() if cell in above & unseen]

    def perhaps_above(self, step: FlowStep) -> list[str]:
        """Steps without a place in the file that hand on what a step, or one above it, reads."""
        assert self._flow is not None
        steps, unplaced = self._flow.flow.steps, self.document.unplaced
        if not unplaced or step.id in unplaced:
            return []
        readers = [steps[cell] for cell in self._flow.flow.closure([step.id])]
        return [
            each.name
            for cell, each in steps.items()
            if cell in unplaced and any(one.reads(name) for one in readers for name in each.outputs)
        ]

    def flow(self) -> NotebookFlow:
        """The flow of the notebook as it is now; while it runs, as it was when that began."""
        # Late: the first step pays for what a kernel without one never needs.
        from nbflow.driver import NotebookFlow

        with self._reading:
            self._look()
            if self._flow is None:
                notebook = self.document.notebook()
                self._flow = NotebookFlow(notebook, surroundings=self._surroundings)
                return self._flow
            before = self._flow.notebook
            if not self._flow.is_running:
                self._flow.update(self.document.notebook())
        if self._flow.notebook is not before:
            self.tell(None)
        return self._flow

    def seen(self) -> NotebookFlow:
        """The flow for somebody who only looks: while another holds the turn, as that has it.

        So no look, in whichever thread, changes a flow that is about to be run.
        """
        with self._reading:
            if self._flow is not None and self._turn.locked():
                self._look()
                return self._flow
            return self.flow()

    def on_screen(self) -> NotebookFlow:
        """The flow of the notebook as it is now, to be looked at only, though another text runs."""
        with self._reading:
            flow, notebook = self.seen(), self.document.notebook()
            if notebook == flow.notebook:
                self._draft = None
                return flow
            if self._draft is None:
                self._draft = type(flow)(notebook, surroundings=self._surroundings)
            self._draft.update(notebook)
            return self._draft

    def look_again(self) -> None:
        """Take in what runs in other processes have taught of the flow; not while one goes on."""
        # Nobody who wants to run is turned away for it: who takes the turn meanwhile asks for the
        # flow next, and waits until this has read.
        with self._reading:
            if self._flow is not None and not self._turn.locked():
                self._flow.update(self._flow.notebook, afresh=True)

    @contextmanager
    def turn(self, on_wait: Callable[[], None]) -> Iterator[NotebookFlow]:
        """The flow, for one run; a run in the background ends first."""
        if not self._turn.acquire(blocking=False):
            on_wait()
            while not self._turn.acquire(timeout=_LOOK):
                pass  # in short waits, so that it can be interrupted
        try:
            self._wait_for_screen()
            yield self.flow()
        finally:
            self.end_turn()

    def take_turn(self) -> NotebookFlow:
        """The flow, for a run that ends in another thread, which then calls ``end_turn``.

        Raises
        ------
        FlowError
            Another run is in progress.
        """
        if not self._turn.acquire(blocking=False):
            raise FlowError("a run is in progress", "Wait for it, or end it: `%flow cancel`.")
        try:
            return self.flow()
        except BaseException:
            self._turn.release()
            raise

    def end_turn(self) -> None:
        """The run has ended for which the turn was taken."""
        self._turn.release()
        self.tell(None)

    def tell(self, event: RunEvent | None) -> None:
        """Pass on what happens in a run to whoever draws the flow; None when it has ended."""
        for listener in tuple(self.listeners):
            if (hear := listener()) is None:
                self.listeners.remove(listener)
            else:
                hear(event)

    def bind(self, run: FlowRun, target: str | None = None) -> None:
        """Bind what the steps of a run gave, as executing their cells would have.

        Parameters
        ----------
        target
            Cell id of the step that was asked for: its names are bound anew, whoever has bound
            them meanwhile.
        """
        assert self._flow is not None
        current: set[str] = set()
        names: set[str] = set()
        for cell, step in self._flow.flow.steps.items():
            tasks = [task for task in run.tasks if task.cell == cell]
            if not tasks or any(task.status not in ("completed", "cached") for task in tasks):
                continue
            current.add(cell)
            given: dict[str, Given] = {**run.artifacts_of(cell), **_stayed(step, tasks)}
            names |= given.keys()
            if cell != target and all(task.status == "cached" for task in tasks):
                given = {n: one for n, one in given.items() if not self.results.has(n, one)}
                if not given:
                    continue
            for definition in step.step.code.facts.definitions:
                if step.step.code.defined().issuperset(definition.names):
                    self._define(definition.source)
                    self.results.define(cell, definition.names)
            self.results.bind(
                cell,
                {name: one for name, one in given.items() if name.isidentifier()},
                lambda artifact: run.store.load(artifact, self.shell.user_ns),
            )
        self._unbind(current, names)

    def _unbind(self, current: Collection[str], given: set[str]) -> None:
        """Unbind what steps that are up to date, or gone, have given and none gives any longer."""
        assert self._flow is not None
        steps = self._flow.flow.steps
        for step in steps.values():
            given |= {*step.outputs, *step.step.code.defined()}
        self.results.unbind(
            lambda name, cell: name in given or (cell in steps and cell not in current)
        )

    def cancel(self) -> bool:
        """Cancel the run in progress; whether there was one."""
        if self._flow is None or not self._flow.is_running:
            return False
        self._flow.cancel()
        return True

    def close(self) -> None:
        """End all worker processes."""
        if self._flow is not None:
            self._flow.close()

    def _define(self, source: str) -> None:
        try:
            exec(compile(source, "<step>", "exec"), self.shell.user_ns)
        except Exception as error:  # it went well in the worker, so this is the kernel's own
            self.results.on_failure(source.partition("\n")[0], error)

    def _wait_for_screen(self) -> None:
        """Wait, once, for a page that was just told of this kernel: it knows where cells stand."""
        if self.document.is_behind and not self._screen.is_set():
            self._screen.wait(_TELLS_WITHIN)
            self._screen.set()

    def _look(self) -> None:
        """Take in what has become of the screen and of the file."""
        if self._mirror is not None:
            self.document.saved(*self._mirror)
        path = self.document.path
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                # A file that was put in its place can look older than it is.
                self.document.saved(cells.read(path).cells, max(status.st_mtime, self._looked))
                self._stamp = stamp
            self._looked = time.time()
        except (OSError, NotebookError):
            # Not saved yet, or in the middle of being saved: what is known holds.
            return


def _stayed(step: FlowStep, tasks: Sequence[TaskRun]) -> dict[str, Stayed]:
    from nbflow.driver import staying  # late: loaded with the first flow

    remedy = staying.remedy(step.step.kind)
    return {
        one.name: Stayed(task.key, staying.told(step.name, step.step.cell, one), remedy)
        for task in tasks
        for one in task.uncarried
        if task.key is not None
    }


def _path(shell: Any) -> Path:
    """Where the notebook lies, as far as anybody tells the kernel.

    VS Code tells where it lies on its own machine, though the kernel may run on another.
    """
    for path in (shell.user_ns.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")):
        if path and Path(path).suffix.lower() in (".ipynb", ".py", ".md", ".rmd"):
            there = Path(path).absolute()
            if there.parent.is_dir():
                return there
    return Path.cwd() / "notebook.ipynb"
