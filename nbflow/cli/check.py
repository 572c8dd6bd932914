"""``nbflow check``: what keeps a notebook from giving the same again, marked or not."""

from __future__ import annotations

from pathlib import Path

import click

from nbflow.cli import options
from nbflow.cli.main import FAILED, finish
from nbflow.cli.saying import say


@click.command()
@options.notebook
@options.as_json
def check(notebook: Path, as_json: bool) -> None:
    """Look for what keeps NOTEBOOK from giving the same again.

    Any notebook will do; nothing is run. Found are names that nothing above binds, executions out
    of order or gone from the notebook, random numbers without a seed, absolute paths and, where
    cells are marked, the problems of the flow. Exit code: 0 nothing found, 1 something, 2 it
    cannot be read.
    """
    from nbflow.driver.reviewing import reviewed
    from nbflow.views import objects
    from nbflow.views import review as view

    read, found = reviewed(notebook)
    if as_json:
        say(objects.text(objects.problems(found)))
    else:
        say(view.review(notebook.name, read, found))
    finish(FAILED if found else 0)
