"""An exception as text: the user's frames only, each named by its cell and line."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import IPython

from nbflow.errors import NbflowError
from nbflow.records.task import ErrorText
from nbflow.run.worker.outputs import encodable
from nbflow.run.worker.shell import WorkerShell

_HIDDEN = (str(Path(__file__).parents[2]), str(Path(IPython.__file__).parent))
_PLAIN_PLACE = re.compile(r'File "(cell \[\d+\][^"]*)", line')
#: What is unpickled looks for its class in the notebook (as Python says it before 3.14);
#: ``import __main__`` and a statement that ``timeit`` is given, for any name.
_SOUGHT = re.compile(
    r"attribute '([A-Za-z_]\w*)\b.* on <module '__main__'"
    r"|^module '__main__' has no attribute '(\w+)'"
    r"|^cannot import name '(\w+)' from '__main__'"
)
#: Functions that give names as a dictionary.
_NAMESPACES = frozenset({"globals", "locals", "vars"})
#: Longest message and traceback line that travel; a huge ``repr`` says no more than its start.
_LONGEST = 20_000


def describe(error: BaseException, shell: WorkerShell) -> ErrorText:
    """The text of an exception, and where in the notebook it happened."""
    _hide_frames(error, set())
    number, line = _place(error, shell)
    return ErrorText(
        name=type(error).__name__,
        message=_clip(_message(error)),
        traceback=tuple(_clip(part) for part in _render(error, shell)),
        number=number,
        line=line,
    )


def asked_for(error: BaseException) -> str:
    """The name of the notebook that code asked for in vain; empty for other exceptions."""
    match error:
        case NameError(name=str(name)):
            return name
        case KeyError(args=(str(name),)) if name.isidentifier() and _asks_by_text(error):
            return name
        case AttributeError() | ImportError():
            found = _SOUGHT.search(_message(error))
            return found[found.lastindex or 0] if found else ""
    return ""


def _asks_by_text(error: BaseException) -> bool:
    """Whether code of the notebook has asked for its names as for what is in a dictionary."""
    return any(
        frame.f_globals.get("__name__") == "__main__"
        and not _NAMESPACES.isdisjoint(frame.f_code.co_names)
        for frame, _ in traceback.walk_tb(error.__traceback__)
    )


def died(how: str) -> ErrorText:
    """What became of a worker that could not say so itself."""
    return ErrorText(name="WorkerDied", message=how, traceback=())


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"the step called sys.exit({error.code!r})"
    if isinstance(error, NbflowError):
        lines = (error.message, error.remedy, *getattr(error, "__notes__", ()))
        return "\n".join(filter(None, lines))
    try:
        return str(error)
    except Exception as failure:  # the user's own __str__ may raise anything
        return f"<its __str__ raises {type(failure).__name__}>"


def _render(error: BaseException, shell: WorkerShell) -> list[str]:
    kind, trace = type(error), error.__traceback__
    if isinstance(error, NbflowError):  # its message says all there is to say
        return []
    try:
        if isinstance(error, SyntaxError) and _is_of_cell(error, shell):
            frames: Any = traceback.extract_tb(trace)
            return list(shell.SyntaxTB.structured_traceback(kind, error, frames))
        if not _has_group(error, set()):
            return list(shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=0))
    except Exception:  # a formatter that meets a hostile object; the plain one below copes
        pass
    text = "".join(traceback.format_exception(kind, error, trace))
    return _PLAIN_PLACE.sub(r"\1, line", text).splitlines()


def _has_group(error: BaseException | None, seen: set[int]) -> bool:
    if error is None or id(error) in seen:
        return False
    seen.add(id(error))
    return (
        isinstance(error, BaseExceptionGroup)
        or _has_group(error.__cause__, seen)
        or _has_group(error.__context__, seen)
    )


def _is_of_cell(error: SyntaxError, shell: WorkerShell) -> bool:
    return error.filename is not None and shell.sources.find(error.filename) is not None


def _hide_frames(error: BaseException | None, seen: set[int]) -> None:
    """Take our frames and IPython's out of an exception and everything it comes from."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    error.__traceback__ = _visible(error.__traceback__)
    _hide_frames(error.__cause__, seen)
    _hide_frames(error.__context__, seen)
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            _hide_frames(part, seen)


def _visible(trace: TracebackType | None) -> TracebackType | None:
    frames = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_HIDDEN):
            frames.append(trace)
        trace = trace.tb_next
    following: TracebackType | None = None
    for frame in reversed(frames):
        frame.tb_next = following
        following = frame
    return following


def _place(error: BaseException, shell: WorkerShell) -> tuple[int, int]:
    place = (0, 0)
    trace = error.__traceback__
    while trace is not None:
        source = shell.sources.find(trace.tb_frame.f_code.co_filename)
        if source is not None:
            place = (source.number, trace.tb_lineno)
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename is not None:
        source = shell.sources.find(error.filename)
        if source is not None:
            place = (source.number, error.lineno or 0)
    return place


def _clip(text: str) -> str:
    return encodable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
