"""``nbflow compare``: runs side by side, on a terminal, as a page of HTML, or as data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbflow.cli import options
from nbflow.cli.history import opened_near
from nbflow.cli.saying import say
from nbflow.errors import NbflowError

if TYPE_CHECKING:
    from nbflow.comparison import Best

best_option = click.option(
    "--best",
    type=click.Choice(["max", "min"]),
    help="Mark the greatest or the least of each row of numbers as the best.",
)


@click.command(epilog=options.run_help)
@click.argument("first", metavar="RUN")
@click.argument("others", metavar="RUN...", nargs=-1, required=True)
@best_option
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a page with the pictures of the runs next to each other; overwrites nothing.",
)
@options.store
@options.as_json
def compare(
    first: str,
    others: tuple[str, ...],
    best: Best | None,
    html: Path | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Compare runs: parameters, code, packages, times, results."""
    from nbflow.results import past
    from nbflow.views import comparison as view
    from nbflow.views import objects_compared as objects

    stores = opened_near(store)
    one, *more = (past.named(stores, name) for name in (first, *others))
    compared = one.compare(*more)
    page = view.comparison(compared, best)
    if html is not None:
        _write(html, page.document(" · ".join(run.id for run in compared.runs)))
    if as_json:
        say(objects.text(objects.comparison(compared)))
    elif html is not None:
        say(str(html))
    else:
        say(page)


def _write(path: Path, text: str) -> None:
    other = "Give another name to `--html`."
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise NbflowError(f"{path} is there already, and stays as it is", other) from None
    except FileNotFoundError:
        raise NbflowError(f"there is no folder {path.parent}", other) from None
    except OSError as error:
        raise NbflowError(f"{path} cannot be written: {error.strerror}", other) from error
