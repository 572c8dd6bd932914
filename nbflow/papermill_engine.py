"""papermill's engine: ``papermill in.ipynb out.ipynb -p cores 4 --engine nbflow``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nbformat import NotebookNode, v4
from papermill.engines import Engine, NotebookExecutionManager
from papermill.log import logger

from nbflow.cells import parse
from nbflow.driver import NotebookFlow, ProblemsError, RunEvent, TaskChanged, values
from nbflow.driver.executed import fill
from nbflow.records.problem import Problem


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
        place = _place(input_path)
        flow = NotebookFlow(parse(nb_man.nb, place))
        if _inject_below_parameters(nb_man.nb, flow):
            flow = NotebookFlow(parse(nb_man.nb, place))
        refused = _refused(nb_man.nb, flow)
        follower = _Follower(nb_man, flow, options.get("stdout_file"), options.get("stderr_file"))
        with flow:
            try:
                if refused:
                    raise ProblemsError(place.name, refused)
                run = flow.run(on_event=follower.event)
            except ProblemsError as error:
                if not follower.mark_problems(error.problems):
                    raise
            else:
                fill(nb_man.nb, flow.flow, run, follower.filled)

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """The kernel's name, which papermill wants to know even where it has no say."""
        return name or str(nb.metadata.get("kernelspec", {}).get("name", "python3"))

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:  # noqa: ARG003
        """The language that papermill writes parameters in: flows are Python's."""
        return language or "python"


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
        position = self._position(event.run.cell)
        if event.run.status == "running":
            self.cell(position, "started")
        elif event.run.task == event.run.step:
            # The splits of a foreach are counted only when all have ended: when it is filled in.
            if event.run.status in ("completed", "cached"):
                self.cell(position, "completed")
            elif event.run.status == "failed":
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

    def mark_problems(self, problems: Iterable[Problem]) -> bool:
        """Put each problem into its cell, where papermill finds it; false if there is no cell."""
        marked = False
        for problem in problems:
            if problem.cell is not None:
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


def _inject_below_parameters(document: NotebookNode, flow: NotebookFlow) -> bool:
    """Move papermill's injected cell below a parameters cell that papermill did not recognise.

    It knows the tag alone, not the other spellings, and then injects at the very top, where the
    cell's defaults would undo what it sets.
    """
    injected = _injected(document)
    marked = {code.cell.id for code in flow.flow.cells if code.role == "parameters"}
    below = [
        n
        for n, cell in enumerate(flow.notebook.cells)
        if cell.id in marked and injected is not None and n > injected
    ]
    if injected is None or not below:
        return False
    document.cells.insert(below[0], document.cells.pop(injected))
    return True


def _injected(document: NotebookNode) -> int | None:
    tags = [cell.metadata.get("tags", []) for cell in document.cells]
    return next((n for n, each in enumerate(tags) if "injected-parameters" in each), None)


def _refused(document: NotebookNode, flow: NotebookFlow) -> list[Problem]:
    """What is wrong with the values that papermill was given: it only warns of a wrong name."""
    injected = _injected(document)
    given = document.metadata.get("papermill", {}).get("parameters") or {}
    if injected is None or not given:
        return []
    cells = [cell for n, cell in enumerate(document.cells) if n != injected]
    without = NotebookFlow(parse(NotebookNode({**document, "cells": cells}), flow.path))
    cell = flow.notebook.cells[injected]
    wrong = values.refused(without.flow, given)
    return [Problem("wrong-parameter", w.message, w.remedy, cell.id, cell.number) for w in wrong]


def _place(input_path: str | None) -> Path:
    """Where the notebook lies; one that is not a file here counts as lying in this folder."""
    if input_path is not None and Path(input_path).is_file():
        return Path(input_path).absolute()
    return Path.cwd() / Path(input_path or "notebook.ipynb").name
