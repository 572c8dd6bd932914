"""The group of all commands, and how a command ends: exit codes and errors in a few lines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbflow import __version__
from nbflow.errors import FlowError, NbflowError

# Whatever takes long to import (the driver, the views that need it) is imported by the command
# that needs it: `nbflow --help` and completion answer at once.
if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow
    from nbflow.records.problem import Problem

#: A task failed, or a cell of the executed notebook.
FAILED = 1
#: The input is bad: the notebook, its marks, a parameter, a name.
REFUSED = 2
#: Interrupted, as shells count it: 128 and the number of SIGINT.
INTERRUPTED = 130


class RefusedError(NbflowError):
    """The flow's problems keep a command from its work."""

    def __init__(self, error: FlowError, problems: Sequence[Problem]) -> None:
        super().__init__(error.message, error.remedy)
        self.problems = tuple(problems)


class Commands(click.Group):
    """All commands; an error that a user can cause ends in a few lines, never in a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """The commands in the order in which they were added: the common ones first."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and tell its errors."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return super().invoke(ctx)
        except NbflowError as error:
            _tell(ctx, error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nbflow")
def main() -> None:
    """Run the marked cells of a notebook as a cached, parallel, reproducible flow."""


@contextmanager
def opened(notebook: Path, store: Path | None) -> Iterator[NotebookFlow]:
    """The notebook's flow, closed in the end; a refusal carries all of its problems."""
    from nbflow import driver

    flow = driver.load(notebook, store=store)
    try:
        yield flow
    except FlowError as error:
        problems = [each for each in flow.problems if each.severity == "error"]
        raise RefusedError(error, problems) from error
    finally:
        flow.close()


def finish(code: int) -> None:
    """End the command with an exit code, if it is not that of success."""
    if code:
        click.get_current_context().exit(code)


def _tell(ctx: click.Context, error: NbflowError) -> None:
    from nbflow.views import objects, problems

    found = error.problems if isinstance(error, RefusedError) else ()
    click.echo(problems.error(error), err=True)
    if found:
        click.echo(problems.problems(found), err=True)
    if ctx.meta.get("nbflow.json"):
        shape = objects.refused if ctx.invoked_subcommand == "run" else objects.problems
        click.echo(objects.text(shape(found or (objects.as_problem(error),))))
