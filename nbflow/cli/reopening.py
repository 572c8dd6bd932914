"""``nbflow open`` and ``restore``: the notebook of a past run, as a new file."""

from __future__ import annotations

from pathlib import Path

import click

from nbflow.cli import options
from nbflow.cli.history import run_of
from nbflow.cli.light import import_nbformat
from nbflow.cli.saying import say

_output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write it, instead of beside the notebook; nothing is overwritten.",
)


@click.command("open", epilog=options.run_help)
@click.argument("run")
@_output
@options.store
@options.as_json
def open_run(run: str, output: Path | None, store: Path | None, as_json: bool) -> None:
    """Write the notebook of RUN with its outputs to a new file.

    The outputs are those of that run; the path of the file is printed.
    """
    import_nbformat()
    from nbflow.driver import reopening, writing
    from nbflow.views.blocks import Note
    from nbflow.views.page import page

    found = run_of(run, store)
    place = output or reopening.beside(found)
    document, lost = reopening.reopened(found)
    writing.write_new(document, place)
    if lost and not as_json:
        names = ", ".join(f"`{name}`" for name in lost)
        told = f"the outputs of {names} were collected: those cells are empty"
        say(page(Note("warning", told, f"`nbflow rerun {found.id}` makes them again.")), err=True)
    _tell(found.id, place, lost, as_json)


@click.command(epilog=options.run_help)
@click.argument("run")
@_output
@options.store
@options.as_json
def restore(run: str, output: Path | None, store: Path | None, as_json: bool) -> None:
    """Write the notebook of RUN without outputs to a new file.

    It is the notebook as it was; the path of the file is printed.
    """
    import_nbformat()
    from nbflow.driver import reopening, writing

    found = run_of(run, store)
    place = output or reopening.beside(found, "restored")
    writing.write_new(reopening.restored(found), place)
    _tell(found.id, place, (), as_json)


def _tell(run: str, place: Path, lost: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        from nbflow.views import objects

        say(objects.text(objects.reopened(run, str(place), lost)))
    else:
        say(str(place))
