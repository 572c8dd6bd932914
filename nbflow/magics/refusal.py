"""Errors that end a cell and read like Jupyter's own, without a frame of ours."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from typing import Any

from IPython.core.getipython import get_ipython

from nbflow.driver import ProblemsError
from nbflow.errors import NbflowError
from nbflow.magics.document import LiveDocument
from nbflow.views import problems
from nbflow.views.blocks import Note
from nbflow.views.page import Page, is_colourless, page

#: What can be wrong with a notebook only because its file is behind the screen.
_BY_PLACE = ("unknown-name", "bound-below", "duplicate-step")
_UNSAVED = Note(
    "warning",
    "the notebook's file lacks cells, so nbflow does not know where they stand",
    "Save the notebook, and execute this cell again.",
)

#: A command that has the same name here, where the notebook needs none.
_COMMAND = re.compile(
    r"`nbflow (?:(run|plan|status|why|verify|accept|clear|export) (?:'[^']*'|[^\s`']+)|(runs)\b)"
)
_MAGIC = r"`%flow \1\2"

#: How IPython marks what has failed in a line: black on yellow. VS Code takes grounds away, and
#: black on its dark page is not seen.
_MARKED = re.compile(r"\x1b\[30;43m(.*?)\x1b\[39;49m")
_UNDERLINED = "\x1b[1;4m\\1\x1b[22;24m"


def as_magic(told: Page) -> Page:
    """A page that proposes what one can type in a cell, in the place of a shell's commands."""
    return told.replaced(_COMMAND, _MAGIC)


def in_a_cell(text: str) -> str:
    """The same of a text."""
    return _COMMAND.sub(_MAGIC, text)


class _Shown:
    """What IPython shows of an error in the place of a traceback."""

    shown: list[str]
    #: Whether our own frames are shown as well, for who looks for a mistake in them.
    with_frames = False

    def _render_traceback_(self) -> list[str]:
        if _Shown.with_frames and isinstance(self, BaseException):
            frames = traceback.format_tb(self.__traceback__)
            return [*self.shown, "", *"".join(frames).rstrip().split("\n")]
        shell: Any = get_ipython()
        if shell is not None and "__vsc_ipynb_file__" in shell.user_ns:
            return [_MARKED.sub(_UNDERLINED, line) for line in self.shown]
        return self.shown


class CellError(_Shown, Exception):
    """Ends a cell; its text is shown as it is."""


class Interrupted(_Shown, KeyboardInterrupt):
    """The user has interrupted the cell."""


#: The name under which front ends know an interrupt.
Interrupted.__name__ = Interrupted.__qualname__ = "KeyboardInterrupt"


def show_frames(show: bool) -> None:
    """Have errors show our own frames below what they show anyway, or not."""
    _Shown.with_frames = show


def named(name: str, message: str, shown: Sequence[str]) -> CellError:
    """An error of a given name, as the step's own exception had it.

    Parameters
    ----------
    shown
        Lines of text, coloured by ANSI.
    """
    kind = type(name, (CellError,), {"__module__": "builtins"})
    error: CellError = kind(message)
    error.shown = list(shown)
    return error


def interrupted(message: str) -> Interrupted:
    """An interrupt that says what it has ended, and shows no frame."""
    error = Interrupted(message)
    error.shown = [f"KeyboardInterrupt: {message}"]
    return error


def refusal(error: NbflowError, document: LiveDocument | None = None) -> CellError:
    """What a cell shows of an error that nbflow has a name and a remedy for."""
    if isinstance(error, ProblemsError):
        parts: list[Page | Note] = [problems.problems(error.problems)]
        misses = any(each.code in _BY_PLACE for each in error.problems)
        if misses and document is not None and document.is_behind:
            parts.append(_UNSAVED)
        return named("FlowError", error.message, _lines(page(*parts)))
    return named(type(error).__name__, error.message, _lines(as_magic(problems.error(error))))


def _lines(told: Page) -> list[str]:
    return (told.plain() if is_colourless() else str(told)).split("\n")
