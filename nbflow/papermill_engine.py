"""papermill's engine: ``papermill in.ipynb out.ipynb -p cores 4 --engine nbflow``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nbformat import NotebookNode, v4
from papermill.engines import Engine, NotebookExecutionManager
from papermill.log import logger

from nbflow import driver
from nbflow.driver import NotebookFlow, RunEvent, TaskChanged
from nbflow.errors import FlowError


class NbflowEngine(Engine):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook's marked cells as a flow, its other cells in a kernel.

    Parameters have been injected by papermill; the store lies beside the input notebook. Steps
    run in this Python, so papermill's kernel name has no say.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str | None,  # noqa: ARG003 papermill's signature
        input_path: str | None = None,
        **options: Any,
    ) -> None:
        """Execute the notebook in place; papermill raises for the error outputs it finds."""
        flow = driver.open_document(nb_man.nb, _place(input_path))
        follower = _Follower(nb_man, flow, options.get("stdout_file"), options.get("stderr_file"))
        try:
            run = flow.run(on_event=follower.event)
            flow.fill(nb_man.nb, run, follower.filled)
        except FlowError:
            if not follower.mark_problems():
                raise
        finally:
            flow.close()


@dataclass(slots=True)
class _Follower:
    """Tells papermill's manager what becomes of each cell, each thing once."""

    manager: Any
    flow: NotebookFlow
    stdout: Any = None
    stderr: Any = None
    started: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)

    def event(self, event: RunEvent) -> None:
        """Follow the run: the cell of a step starts and ends with its task."""
        if not isinstance(event, TaskChanged):
            return
        position = self._position(event.task.cell)
        if event.task.status == "running":
            self.cell(position, "started")
        elif event.task.task == event.task.step:
            # The splits of a foreach are counted only when all have ended: when it is filled in.
            if event.task.status in ("completed", "cached"):
                self.cell(position, "completed")
            elif event.task.status == "failed":
                self.cell(position, "failed")

    def cell(self, position: int, state: Literal["started", "completed", "failed"]) -> None:
        """Take in what has become of the cell at a position."""
        cell = self.manager.nb.cells[position]
        if position not in self.started:
            self.started.add(position)
            self.manager.cell_start(cell, position)
        if state == "started" or position in self.ended:
            return
        self.ended.add(position)
        if state == "failed":
            self.manager.cell_exception(cell, position)
        self.manager.cell_complete(cell, position)

    def filled(self, position: int, state: Literal["started", "completed", "failed"]) -> None:
        """Take in that a cell has its outputs, and log them where papermill was asked to."""
        self.cell(position, state)
        if state != "started":
            for output in self.manager.nb.cells[position].outputs:
                self._log(output)

    def mark_problems(self) -> bool:
        """Put each error of the flow into its cell, where papermill finds it."""
        marked = False
        for problem in self.flow.problems:
            if problem.severity == "error" and problem.cell is not None:
                position = self._position(problem.cell)
                told = [problem.message, problem.remedy]
                self.manager.nb.cells[position].outputs.append(
                    v4.new_output("error", ename=problem.code, evalue=told[0], traceback=told)
                )
                self.cell(position, "failed")
                marked = True
        return marked

    def _position(self, cell: str) -> int:
        return next(n for n, each in enumerate(self.flow.notebook.cells) if each.id == cell)

    def _log(self, output: NotebookNode) -> None:
        if output.output_type != "stream":
            return
        stream, log = (
            (self.stderr, logger.warning) if output.name == "stderr" else (self.stdout, logger.info)
        )
        if self.manager.log_output:
            log(output.text)
        if stream is not None:
            stream.write(output.text)
            stream.flush()


def _place(input_path: str | None) -> Path:
    """Where the notebook lies; one that is not a file here counts as lying in this folder."""
    if input_path is not None and Path(input_path).is_file():
        return Path(input_path).absolute()
    return Path.cwd() / Path(input_path or "notebook.ipynb").name
