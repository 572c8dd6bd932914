"""Brings one step up to date when its cell is executed, and shows how that goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbflow.driver import ProblemsError, StartedOver, TaskChanged, TaskOutput
from nbflow.errors import FlowError, NbflowError
from nbflow.magics.headline import Headline
from nbflow.magics.in_order import InOrder, Output
from nbflow.magics.refusal import interrupted, named, refusal
from nbflow.magics.running import failure, turn
from nbflow.magics.screen import Screen
from nbflow.magics.widgets import without_widget
from nbflow.records.problem import Problem
from nbflow.results import recorded
from nbflow.views import lessons, problems
from nbflow.views import plan as plans
from nbflow.views.page import Page, page
from nbflow.views.summary import summary

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow, RunEvent
    from nbflow.flow import FlowStep
    from nbflow.magics.session import Session
    from nbflow.plan import Plan
    from nbflow.records.notebook import Cell
    from nbflow.records.task import TaskRun
    from nbflow.results import FlowRun


def bring_up_to_date(session: Session, cell: Cell) -> None:
    """Bring a step's cell up to date: show its outputs, bind what it gives.

    Raises
    ------
    CellError
        The step, or one that it needs, has a problem or failed: what the cell shows of it.
    KeyboardInterrupt
        It was interrupted; what had completed stays completed.
    """
    screen = Screen(session.shell)
    try:
        if session.settings["on_run"] == "register":
            _register(session, cell, screen)
        else:
            _run(session, cell, screen)
    except NbflowError as error:
        raise refusal(error, session.document) from None


def _register(session: Session, cell: Cell, screen: Screen) -> None:
    flow = session.flow()
    step = _step(flow, cell)
    found = [problem for problem in flow.problems if problem.cell == cell.id]
    bundle = page(f"`{step.name}` is registered.", *([problems.problems(found)] if found else []))
    screen.display(bundle._repr_mimebundle_(), {"nbflow": "headline"}, {})


def _run(session: Session, cell: Cell, screen: Screen) -> None:
    with turn(session, screen) as flow:
        step = _step(flow, cell)
        flow.check(step.name)
        story = _Story(step, screen, flow.plan(step.name), _notes(session, step), session.tell)
        story.begin(flow)
        try:
            run = flow.run(step.name, on_event=story.hear)
            story.end(run)
        except KeyboardInterrupt:
            story.headline.end()
            raise interrupted(f"{step.name} was interrupted; what had completed stays") from None
        except BaseException:
            story.headline.end()
            raise
        session.bind(run, cell.id)
    warnings = [problem for problem in run.hazards if problem.cell == cell.id]
    if warnings:
        screen.display(problems.problems(warnings)._repr_mimebundle_(), {}, {})
    failed = next((task for task in run.tasks if task.error is not None), None)
    if failed is not None:
        raise failure(flow, failed, step.name)
    if run.status == "cancelled":
        raise named("Cancelled", f"{step.name} was cancelled", [f"{step.name} was cancelled."])


def _step(flow: NotebookFlow, cell: Cell) -> FlowStep:
    """The step of a cell.

    Raises
    ------
    FlowError
        Its mark is wrong, or there is nothing below it.
    """
    step = flow.flow.steps.get(cell.id)
    found = [problem for problem in flow.problems if problem.cell == cell.id]
    if any(problem.code == "duplicate-step" for problem in found):
        raise ProblemsError(flow.path.name, found)  # by its name it would be the other one
    if step is not None:
        if step.step.directive.spelling == "magic" and not _says_anything(step):
            raise ProblemsError(flow.path.name, [_empty(step)])
        return step
    if found:
        raise ProblemsError(flow.path.name, found)
    raise FlowError("this cell is no step", "Mark it: `%%step NAME`.")


def _empty(step: FlowStep) -> Problem:
    return Problem(
        "empty-step",
        f"step `{step.name}` is empty",
        "Write its body below the mark.",
        step.id,
        step.step.cell.number,
    )


def _notes(session: Session, step: FlowStep) -> list[Page]:
    notes = [
        page(
            f"`{name}` was edited in cell [{cell.number}] after it was executed here: "
            f"`{step.name}` uses it as it is saved, the kernel as it was."
        )
        for name, cell in session.outdated(step).items()
    ]
    if unseen := ", ".join(f"`{name}`" for name in session.only_saved(step)):
        told = f"{unseen}: as in the notebook's file, which lacks cells of the screen. Save it, "
        notes.append(page(f"{told}if those have changed or are gone."))
    if lacking := ", ".join(f"`{name}`" for name in session.perhaps_above(step)):
        told = f"{lacking}: not in the notebook's file, and so taken to stand below `{step.name}`. "
        notes.append(page(f"{told}Save it, if not."))
    return notes


def _says_anything(step: FlowStep) -> bool:
    lines = (line.strip() for line in step.step.code.body.split("\n"))
    return any(line and not line.startswith("#") for line in lines)


@dataclass(slots=True)
class _Story:
    """What the cell of a step shows while that step is brought up to date."""

    step: FlowStep
    screen: Screen
    plan: Plan
    #: What the reader has to know beforehand.
    notes: list[Page]
    #: Passes each event on.
    tell: Callable[[RunEvent], None]
    headline: Headline = field(init=False)
    outputs: InOrder = field(init=False)
    tasks: dict[str, TaskRun] = field(default_factory=dict)
    #: The steps above that run at the moment, and since when.
    above: dict[str, TaskRun] = field(default_factory=dict)

    def begin(self, flow: NotebookFlow) -> None:
        """Say what has to run first, and show outputs as they come."""
        self.headline = Headline(self.screen, self.page)
        self.outputs = InOrder(
            self.step.id, self.put, lambda task: map(without_widget, recorded(flow.store, task))
        )
        if self.notes or plans.needs(self.step.name, self.plan):
            self.headline.draw()
        self.headline.begin()

    def page(self) -> Page:
        """The line above the outputs, and what is said below it."""
        expected = self.plan[self.step.name].seconds
        line = summary(
            self.step,
            tuple(self.tasks.values()),
            now=time.time(),
            expected=expected,
        )
        return page(line, plans.needs(self.step.name, self.plan), *self.notes)

    def hear(self, event: RunEvent) -> None:
        """Take in what happens in the run."""
        self.tell(event)
        match event:
            case TaskChanged(run):
                if run.cell == self.step.id:
                    self.tasks[run.task] = run
                self.outputs.changed(run)
            case TaskOutput(task, content):
                here = self.step.step.directive.options.here
                self.outputs.output(task, content if here else without_widget(content))
            case StartedOver():
                self.tasks.clear()
                self.notes.append(page(*lessons.lines(event.lessons)))
                if self.outputs.restart():
                    self.screen.clear(wait=True)
                    self.headline.cleared()

    def put(self, output: Output) -> None:
        """Show one output, below the line."""
        if output["output_type"] == "clear_output":
            self.screen.put(output)
            self.headline.cleared()
            return
        self.headline.draw()
        self.screen.put(output)

    def end(self, run: FlowRun) -> None:
        """Show what is left to show."""
        self.tasks = {task.task: task for task in run.tasks if task.cell == self.step.id}
        self.outputs.finish(run.tasks)
        self.headline.end()
