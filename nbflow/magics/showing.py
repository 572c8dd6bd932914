"""What the pages are shown of the flow, and what they have been told of it already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nbflow.driver import RunEvent, StartedOver, TaskChanged
from nbflow.views import plan as plans
from nbflow.views import show
from nbflow.views.drawing import Standing, drawing
from nbflow.views.drawn import Drawn
from nbflow.views.page import Page, page
from nbflow.views.preview import preview

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow
    from nbflow.magics.session import Session
    from nbflow.records.notebook import Cell
    from nbflow.records.problem import Problem

Message = dict[str, Any]


class Showing:
    """The flow as pages draw it, and what is still to be told them; belongs to one thread.

    Parameters
    ----------
    session
        Gives the flow, and takes the document that a page mirrors.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._flow = session.seen()
        self._drawn = self._draw()
        self._standing = Standing(self._flow.flow)
        self._changed: set[str] = set()
        self._whole = False
        self._was_running = False
        self._answers: list[Message] = []

    def hear(self, event: RunEvent | None) -> None:
        """Take in what happens in a run; None: it has ended, or the cells are others."""
        match event:
            case TaskChanged(task):
                node = self._standing.changed(task)
                if node is not None:
                    self._changed |= self._drawn.update([node])
            case StartedOver() | None:
                self.look()

    def look(self) -> None:
        """Tell the whole flow, as it is now."""
        self._flow = self._session.seen()
        if self._standing.flow is not self._flow.flow or not self._flow.is_running:
            self._standing = Standing(self._flow.flow)
        self._drawn = self._draw()
        self._drawn.update(self._standing.nodes())
        self._changed.clear()
        self._whole = True

    def mirror(self, cells: Sequence[Cell]) -> None:
        """Take in the document as a page has it on its screen, and tell what that makes of it."""
        self._session.mirrored(cells)
        self.look()

    def explain(self, request: str, cell: str) -> None:
        """Tell all about one step."""
        self._answers.append({"kind": "answer", "id": request, "answer": details(self._flow, cell)})

    def news(self) -> Iterator[Message]:
        """The messages for what has changed since the last call."""
        running = self._flow.is_running
        if self._whole:
            yield {"kind": "flow", "flow": self._told(running)}
        elif self._changed or running != self._was_running:
            states = {position: self._drawn.states[position] for position in sorted(self._changed)}
            yield {"kind": "states", "states": states, "running": running}
        yield from self._answers
        self._whole, self._was_running = False, running
        self._changed.clear()
        self._answers.clear()

    def _draw(self) -> Drawn:
        flow = self._flow.flow
        return Drawn(*drawing(flow, self._flow.plan()), flow.name)

    def _told(self, running: bool) -> Message:
        return told(self._flow, self._drawn, running)


def told(flow: NotebookFlow, drawn: Drawn, running: bool = False) -> Message:
    """A whole flow for a page: the drawing, how all stands, and what is wrong with it."""
    cells = [node.id if node.id in flow.flow.steps else None for node in drawn.nodes]
    return {
        "title": flow.flow.name,
        "path": str(flow.path),
        "running": running,
        "drawing": drawn.drawing,
        "states": drawn.states,
        "cells": cells,
        "problems": [_problem(each) for each in flow.problems],
    }


def details(flow: NotebookFlow, cell: str) -> Message:
    """All about one step: why it would run, what would run, what it gave and put out, its past."""
    step = flow.flow.steps.get(cell)
    if step is None:
        return {"why": _bundle(page("This cell is no step."))}
    past = [(run, [task for task in run.tasks if task.cell == cell]) for run in flow.runs()]
    past = [(run, tasks) for run, tasks in past if any(t.status != "skipped" for t in tasks)]
    answer: Message = {
        "why": _bundle(plans.why(flow.why(step.name))),
        "source": _bundle(preview(flow.flow, step)),
    }
    if past:
        run, tasks = past[-1]
        answer["outputs"] = _bundle(page(*(show.task(task) for task in tasks)))
        answer["logs"] = [output for task in tasks for output in run.logged(task)]
        answer["history"] = _bundle(page(*(show.task(t) for _, each in past[-10:] for t in each)))
    return answer


def _problem(problem: Problem) -> Message:
    return {
        "cell": problem.cell,
        "line": problem.line,
        "severity": problem.severity,
        "message": problem.message,
        "remedy": problem.remedy,
    }


def _bundle(subject: Page) -> dict[str, str]:
    return {"text/plain": subject.plain(), "text/html": subject.html()}
