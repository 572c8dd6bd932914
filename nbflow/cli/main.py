"""The group of all commands, and how a command ends: exit codes and errors in a few lines."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbflow import __version__
from nbflow.cli.ending import in_order
from nbflow.cli.saying import say
from nbflow.errors import AskedToEnd, NbflowError

# Whatever takes long to import (the driver, the views that need it) is imported by the command
# that needs it: `nbflow --help` and completion answer at once.
if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow

#: A task failed, or an ordinary cell of the executed notebook.
FAILED = 1
#: The input is bad: the notebook, its marks, a parameter, a name.
REFUSED = 2
#: Ended by a signal, as shells count it: 128 and its number; that of Ctrl-C.
ENDED = 128
INTERRUPTED = ENDED + signal.SIGINT
#: Commands that run steps.
_RUNNING = ("run", "sweep", "rerun")


class Commands(click.Group):
    """All commands; an error that a user can cause ends in a few lines, never in a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """The commands in the order in which they were added: the common ones first."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and tell its errors."""
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            ctx.color = False
        try:
            with in_order():
                _stands_somewhere()
                return super().invoke(ctx)
        except NbflowError as error:
            _tell(ctx, error)
            ctx.exit(error.exit_code)
        except click.BadOptionUsage as error:
            if error.option_name not in ("-p", "--parameter"):
                raise
            told = "-p takes a name and a value: -p NAME VALUE, as in -p rate 0.1"
            raise click.BadOptionUsage(error.option_name, told, error.ctx) from None
        except KeyboardInterrupt as error:
            kept = ": what had completed is kept, and the next run goes on"
            told = kept if ctx.invoked_subcommand in _RUNNING else ""
            with suppress(OSError):  # the terminal may be gone
                click.echo(f"Interrupted{told}.", err=True)
            ctx.exit(ENDED + error.signal if isinstance(error, AskedToEnd) else INTERRUPTED)


def _stands_somewhere() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise NbflowError(
            "the folder in which this was called is there no more", "Go to another: `cd`."
        ) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nbflow")
def main() -> None:
    """Run the marked cells of a notebook as a cached, parallel, reproducible flow."""


@contextmanager
def opened(notebook: Path, store: Path | None) -> Iterator[NotebookFlow]:
    """The notebook's flow, with its worker processes ended in the end."""
    from nbflow.driver import load

    with load(notebook, store=store) as flow:
        yield flow


def finish(code: int) -> None:
    """End the command with an exit code, if it is not that of success."""
    if code:
        click.get_current_context().exit(code)


def _tell(ctx: click.Context, error: NbflowError) -> None:
    from nbflow.driver import ProblemsError
    from nbflow.views import objects, problems
    from nbflow.views.blocks import line
    from nbflow.views.page import page

    if isinstance(error, ProblemsError):
        found = error.problems
        say(page(error.message, line(), problems.problems(found)), err=True)
    else:
        found = (objects.as_problem(error),)
        say(problems.error(error), err=True)
    if ctx.meta.get("nbflow.as_json"):
        shape = objects.refused if ctx.invoked_subcommand == "run" else objects.problems
        say(objects.text(shape(found)))
