"""``nbflow tag`` and ``note``: what people say of a run."""

from __future__ import annotations

from pathlib import Path

import click

from nbflow.cli import options
from nbflow.cli.history import run_of
from nbflow.cli.saying import say


@click.command(epilog=options.run_help)
@click.argument("run")
@click.argument("tags", metavar="TAG...", nargs=-1, required=True)
@click.option("--remove", is_flag=True, help="Take the tags away.")
@options.store
@options.as_json
def tag(run: str, tags: tuple[str, ...], remove: bool, store: Path | None, as_json: bool) -> None:
    """Give RUN one or more tags, for `nbflow runs --tag TAG`."""
    found = run_of(run, store)
    if remove:
        found.untag(*tags)
    else:
        found.tag(*tags)
    _tell(found.id, store, as_json)


@click.command(epilog=options.run_help)
@click.argument("run")
@click.argument("text")
@options.store
@options.as_json
def note(run: str, text: str, store: Path | None, as_json: bool) -> None:
    """Put a note to RUN, in place of an earlier one; "" takes it away."""
    found = run_of(run, store)
    found.annotate(text)
    _tell(found.id, store, as_json)


def _tell(run: str, store: Path | None, as_json: bool) -> None:
    head = run_of(run, store).head
    if as_json:
        from nbflow.views import objects

        say(objects.text(objects.listed(head)))
        return
    from nbflow.views import runs as view

    say(view.labels(head))
