"""What a command says, as wide as there is room for it; what goes into a pipe is not cut."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nbflow.views.page import Page


def say(told: Page | str, *, err: bool = False) -> None:
    """Print a page or a text."""
    click.echo(told if isinstance(told, str) else told.text(columns(err)), err=err)


def columns(err: bool = False) -> int | None:
    """The columns of the terminal, or those that the environment asks for; None without either."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    stream = sys.stderr if err else sys.stdout
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None
