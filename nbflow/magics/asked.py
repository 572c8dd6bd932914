"""What a page asks to be done with steps: in the background, and no cell puts anything out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbflow.errors import FlowError, NbflowError
from nbflow.magics.refusal import in_a_cell
from nbflow.magics.running import refuse_here
from nbflow.views.durations import plural
from nbflow.views.panel import previewed
from nbflow.views.verification import accepted, verification

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow
    from nbflow.magics.session import Session

Answer = Callable[[dict[str, Any]], None]
#: Does something with steps, with a note where one is needed, and gives the answer.
_Act = Callable[["Session", "NotebookFlow", Sequence[str], str], dict[str, Any]]


def start(session: Session, what: str, cells: Sequence[str], note: str, answer: Answer) -> None:
    """Do something with the steps of these cells, or with all; say what became of it.

    Returns at once; the answer comes when it is done, or where it cannot begin.

    Parameters
    ----------
    what
        One of ``ACTS``, as `%flow` has them.
    note
        Why a result may stay.
    """
    try:
        flow = session.take_turn()
        try:
            steps = [step.name for cell, step in flow.flow.steps.items() if cell in cells]
            if cells and not steps:
                raise FlowError("this cell is no step", "Begin it with `%%step name`.")
            if what == "run":
                refuse_here(flow, flow.check(*steps))
            thread = threading.Thread(
                target=_do,
                args=(session, flow, ACTS[what], steps, note, answer),
                name=f"nbflow {what}",
                daemon=True,
            )
            thread.start()
        except BaseException:
            session.end_turn()
            raise
    except Exception as error:  # whatever it is, who has asked is told
        answer(failed(session, error))


def preview(session: Session, flow: NotebookFlow, cell: str, answer: Answer) -> None:
    """Find out what the values of a cell's step look like, beside whatever runs, and say it."""

    def find() -> None:
        try:
            answer({"previews": previewed(flow, cell)})
        except Exception as error:  # whatever it is, who has asked is told
            answer(failed(session, error))

    threading.Thread(target=find, name="nbflow preview", daemon=True).start()


def failed(session: Session, error: Exception) -> dict[str, str]:
    """What a page is told of an error; one that is no user's is in the kernel's log as well."""
    if isinstance(error, NbflowError):
        return {"error": error.message, "remedy": in_a_cell(error.remedy)}
    session.shell.kernel.log.error("nbflow failed", exc_info=error)
    what = f"{type(error).__name__}: {error}"
    return {"error": f"nbflow itself failed: {what}", "remedy": "The kernel's log has the details."}


def _do(
    session: Session,
    flow: NotebookFlow,
    act: _Act,
    steps: Sequence[str],
    note: str,
    answer: Answer,
) -> None:
    try:
        answer(act(session, flow, steps, note))
    except Exception as error:  # whatever it is, who has asked is told
        answer(failed(session, error))
    finally:
        session.end_turn()


def _run(session: Session, flow: NotebookFlow, steps: Sequence[str], _: str) -> dict[str, Any]:
    ended = flow.run(*steps, on_event=session.tell)
    session.bind(ended)
    return {"status": ended.status}


def _verify(_: Session, flow: NotebookFlow, steps: Sequence[str], __: str) -> dict[str, Any]:
    return {"said": verification(flow.verify(*steps, every=True)).plain()}


def _clear(_: Session, flow: NotebookFlow, steps: Sequence[str], __: str) -> dict[str, Any]:
    count = flow.forget(*steps)
    return {"said": f"{plural(count, 'result')} of {', '.join(steps) or 'all steps'} forgotten."}


def _accept(_: Session, flow: NotebookFlow, steps: Sequence[str], note: str) -> dict[str, Any]:
    counts = [(step, flow.accept(step, note)) for step in steps]
    return {"said": "\n".join(accepted(step, note, count).plain() for step, count in counts)}


#: What can be asked for.
ACTS: Mapping[str, _Act] = {
    "run": _run,
    "verify": _verify,
    "clear": _clear,
    "accept": _accept,
}
