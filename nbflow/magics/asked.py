"""Runs of the flow that a page asks for: in the background, and no cell puts anything out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nbflow.errors import FlowError, NbflowError
from nbflow.magics.running import refuse_here

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow
    from nbflow.magics.session import Session

Answer = Callable[[dict[str, Any]], None]


def start(session: Session, cells: Sequence[str], answer: Answer) -> None:
    """Bring the steps of these cells up to date, all steps by default; say what became of it.

    Returns at once; the answer comes when the run has ended, or where it cannot begin.
    """
    try:
        flow = session.take_turn()
        try:
            steps = [step.name for cell, step in flow.flow.steps.items() if cell in cells]
            if cells and not steps:
                raise FlowError("this cell is no step", "Begin it with `%%step name`.")
            refuse_here(flow, flow.check(*steps))
            thread = threading.Thread(
                target=_run, args=(session, flow, steps, answer), name="nbflow run", daemon=True
            )
            thread.start()
        except BaseException:
            session.end_turn()
            raise
    except NbflowError as error:
        answer({"error": error.message, "remedy": error.remedy})


def _run(session: Session, flow: NotebookFlow, steps: Sequence[str], answer: Answer) -> None:
    try:
        ended = flow.run(*steps, on_event=session.tell)
        session.bind(ended)
        answer({"status": ended.status})
    except NbflowError as error:
        answer({"error": error.message, "remedy": error.remedy})
    finally:
        session.end_turn()
