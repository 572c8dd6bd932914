"""What a command says, as wide as there is room for it; what goes into a pipe is not cut."""

from __future__ import annotations

import os
import re
import shlex
import sys
from typing import TYPE_CHECKING

import click

from nbflow.errors import NbflowError

if TYPE_CHECKING:
    from pathlib import Path

    from nbflow.views.page import Page

#: A command in backticks, in which no store is named.
_COMMAND = re.compile(r"(`nbflow [a-z]+(?:(?!--store)[^`])*)(`)")


def say(told: Page | str, *, err: bool = False) -> None:
    """Print a page or a text; commands that a page proposes are those for the store in use."""
    if not isinstance(told, str):
        store = click.get_current_context().meta.get("nbflow.store")
        here = told if store is None else told.replaced(_COMMAND, rf"\1 --store {_quoted(store)}\2")
        told = here.text(columns(err))
    try:
        click.echo(told, err=err)
    except BrokenPipeError:
        raise  # whoever was reading has seen enough: click ends in silence
    except OSError as error:
        if err:
            return  # then there is nobody to tell
        raise NbflowError(
            f"the answer cannot be written: {error.strerror}",
            "Free space where it goes, or send it elsewhere.",
        ) from error


def _quoted(store: Path) -> str:
    return shlex.quote(str(store)).replace("\\", r"\\")


def columns(err: bool = False) -> int | None:
    """The columns of the terminal, or those that the environment asks for; None without either."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    stream = sys.stderr if err else sys.stdout
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError, AttributeError):  # it may be closed, or not there at all
        return None
