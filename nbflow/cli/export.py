"""``nbflow export``: the flow as a project that runs without nbflow."""

from __future__ import annotations

from pathlib import Path

import click

from nbflow.cli import options
from nbflow.cli.main import opened
from nbflow.cli.saying import say


@click.command()
@options.notebook
@click.option(
    "--to",
    required=True,
    metavar="FORM",
    help="script (plain Python), metaflow, notebook, or what an installed package offers.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder to make; it must not hold anything.",
)
@options.parameters
@options.store
@options.as_json
def export(
    notebook: Path,
    to: str,
    folder: Path,
    parameters: tuple[tuple[str, str], ...],
    store: Path | None,
    as_json: bool,
) -> None:
    """Write NOTEBOOK's flow as a project of its own.

    It is held against the current results. Parameters that are set become the defaults of what is
    written.

    Exit code: 0 written, 2 it cannot be, and nothing was written.
    """
    from nbflow.views import exported, objects

    with opened(notebook, store) as flow:
        files = flow.export(to, folder, parameters=flow.typed(options.texts(parameters)))
        if as_json:
            say(objects.text(objects.exported(to, folder, files)))
        else:
            say(exported.exported(folder, files))
