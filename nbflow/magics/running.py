"""Runs the flow from ``%flow run``, in front or in the background, with one live table."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import msgspec
from IPython.core.error import StdinNotImplementedError

from nbflow.driver import StartedOver, TaskChanged, TaskOutput
from nbflow.errors import FlowError, NbflowError
from nbflow.magics.headline import Headline
from nbflow.magics.refusal import CellError, interrupted, named
from nbflow.magics.screen import Screen
from nbflow.views import lessons, problems, tasks
from nbflow.views.blocks import line
from nbflow.views.page import Page, Part, page
from nbflow.views.running import RunBoard
from nbflow.views.verification import verification

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow, RunEvent
    from nbflow.magics.session import Session
    from nbflow.records.task import ErrorText, TaskRun
    from nbflow.results import FlowRun


class Wanted(msgspec.Struct, frozen=True):
    """What somebody asks to be run."""

    steps: Sequence[str] = ()
    #: Values of parameters, by name.
    values: Mapping[str, object] = msgspec.field(default_factory=dict)
    workers: int | None = None
    cache: bool = True


def run(session: Session, wanted: Wanted, screen: Screen | None = None) -> None:
    """Run, and show how that goes until it has ended, in the cell unless another place is given.

    Raises
    ------
    CellError
        A step failed, or the run was cancelled.
    NbflowError
        Nothing can be run as it is.
    """
    place = screen or Screen(session.shell)
    with turn(session, place) as flow:
        ended = _carry_out(session, flow, wanted, place)
    failed = next((task for task in ended.tasks if task.error is not None), None)
    if failed is not None:
        raise failure(flow, failed)
    if ended.status == "cancelled":
        raise named("Cancelled", "the run was cancelled", ["The run was cancelled."])


def run_in_background(session: Session, wanted: Wanted) -> None:
    """Run while other cells are executed; the table goes on being drawn in this one.

    Raises
    ------
    NbflowError
        Nothing can be run as it is, or another run is in progress.
    """
    screen = Screen(session.shell)
    flow = session.take_turn()
    begun = threading.Event()
    try:
        refuse_here(flow, flow.check(*wanted.steps))
        thread = threading.Thread(
            target=_in_background, args=(session, flow, wanted, screen, begun), name="nbflow run"
        )
        thread.daemon = True
        thread.start()
    except BaseException:
        session.end_turn()
        raise
    kernel = getattr(session.shell, "kernel", None)
    if kernel is not None:
        # What the kernel does on an interrupt while no cell is executed: nothing otherwise.
        kernel.saved_sigint_handler = lambda *_: session.cancel()
    begun.wait()  # from then on it can be cancelled


def debug(session: Session, step: str) -> None:
    """Run a step in this process, and open the debugger where it fails.

    Raises
    ------
    CellError
        A step above it failed.
    NbflowError
        It cannot be run as it is.
    """
    screen = Screen(session.shell)
    with turn(session, screen) as flow:
        try:
            ended = flow.run(step, here=(step,), on_event=_live(session, screen, step))
        except KeyboardInterrupt:
            raise interrupted(f"{step} was interrupted") from None
    failed = next((task for task in ended.tasks if task.error is not None), None)
    if failed is None:
        how = "is fresh" if ended[step].tasks[0].status == "cached" else "completed"
        told = f"`{step}` {how}: there is nothing to debug."
        screen.display(page(told)._repr_mimebundle_(), {}, {})
    elif failed.step != step:
        raise failure(flow, failed, step)
    else:
        screen.display(page(problems.traceback(_error(failed)))._repr_mimebundle_(), {}, {})
        # Its own last error would be one of ours: the user's stands where Python keeps the last.
        session.shell.InteractiveTB.tb = None
        try:
            session.shell.debugger(force=True)
        except StdinNotImplementedError:
            raise FlowError(
                "the debugger cannot ask here: the front end takes no input",
                "Open the notebook in JupyterLab, or in a terminal's IPython.",
            ) from None


def verify(session: Session, steps: Sequence[str], every: bool) -> Page:
    """Do steps once more, and tell whether they gave the same.

    Raises
    ------
    CellError
        It was interrupted.
    NbflowError
        There is nothing to compare with.
    """
    with turn(session) as flow:
        try:
            return verification(flow.verify(*steps, every=every))
        except KeyboardInterrupt:
            raise interrupted("verifying was interrupted; what is cached stays") from None


def _live(session: Session, screen: Screen, step: str) -> Callable[[RunEvent], None]:
    def hear(event: RunEvent) -> None:
        session.tell(event)
        if isinstance(event, TaskOutput) and event.task.partition("[")[0] == step:
            screen.put(event.content)

    return hear


def turn(session: Session, screen: Screen | None = None) -> AbstractContextManager[NotebookFlow]:
    """The flow for whoever changes what is kept of it: a run in the background ends first."""
    place = screen or Screen(session.shell)
    return session.turn(lambda: say_waiting(place))


def say_waiting(screen: Screen) -> None:
    """Say why nothing happens yet."""
    told = page("Waiting for the run in the background; `%flow cancel` would end it.")
    screen.display(told._repr_mimebundle_(), {}, {})


def failure(flow: NotebookFlow, task: TaskRun, wanted: str = "") -> CellError:
    """The user's own error, told as the kernel tells one.

    Parameters
    ----------
    wanted
        The step that was asked for, if it is another one that failed.
    """
    error = _error(task)
    shown = str(page(problems.traceback(error))).split("\n")
    step = flow.flow.steps.get(task.cell)
    # Its own cell: the error may have come up in a function of another one.
    number = step.step.cell.number if step is not None else error.number
    where = f"in cell [{number}]" if number else ""
    if wanted and task.step != wanted:
        shown = [f"{wanted} was not run: {task.task}, which it needs, failed {where}.", "", *shown]
    elif not wanted:
        shown = [f"{task.task} failed {where}.", "", *shown]
    refused = named(error.name, error.message, shown)
    if step is not None and step.step.directive.options.here:
        # It ran in this process: `%debug` finds its frames below ours.
        return refused.with_traceback(getattr(sys, "last_traceback", None))
    return refused


def refuse_here(flow: NotebookFlow, targets: Iterable[str]) -> None:
    """Refuse steps that run in the kernel, which has other cells to run.

    Raises
    ------
    FlowError
        One of them, or of those above, does.
    """
    for cell in flow.flow.closure(targets):
        step = flow.flow.steps[cell]
        if step.step.directive.options.here:
            raise FlowError(
                f"step `{step.name}` runs in the kernel (`--here`), which is busy with other cells",
                "Take out `--here`, or run the flow in front: `%flow run`.",
            )


def _error(task: TaskRun) -> ErrorText:
    assert task.error is not None, f"{task.task} did not fail"
    return task.error


def _in_background(
    session: Session, flow: NotebookFlow, wanted: Wanted, screen: Screen, begun: threading.Event
) -> None:
    try:
        _carry_out(session, flow, wanted, screen, begun.set)
    except NbflowError as error:
        screen.display(problems.error(error)._repr_mimebundle_(), {}, {})
    finally:
        session.end_turn()
        begun.set()


def _carry_out(
    session: Session,
    flow: NotebookFlow,
    wanted: Wanted,
    screen: Screen,
    on_begin: Callable[[], None] = lambda: None,
) -> FlowRun:
    flow.check(*wanted.steps)
    board = RunBoard(flow.plan(*wanted.steps, parameters=wanted.values))
    notes: list[Page] = []
    last: list[Page] = []

    def hear(event: RunEvent) -> None:
        on_begin()
        match event:
            case TaskChanged(task):
                board.show(task, time.time())
            case StartedOver():
                board.restart()
                notes.append(page(*lessons.lines(event.lessons)))
        session.tell(event)

    headline = Headline(screen, lambda: last[0] if last else page(board.page(time.time()), *notes))
    headline.draw()
    headline.begin()
    try:
        ended = flow.run(
            *wanted.steps,
            parameters=wanted.values,
            workers=wanted.workers,
            cache=wanted.cache,
            on_event=hear,
        )
        warnings = [*flow.problems, *ended.hazards]
        told: list[Part] = [line(), problems.problems(warnings)] if warnings else []
        last.append(page(tasks.table(ended.record), *notes, *told))
    except KeyboardInterrupt:
        raise interrupted("the run was interrupted; what had completed stays") from None
    finally:
        headline.end()
    session.bind(ended)
    return ended
