"""``nbflow store``, ``gc`` and ``clear``: what is kept, and how it is looked after."""

from __future__ import annotations

import time
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbflow.cli import options
from nbflow.cli.amounts import AGE, SIZE
from nbflow.cli.main import FAILED, finish, opened
from nbflow.cli.saying import say
from nbflow.errors import StoreError

if TYPE_CHECKING:
    from nbflow.store.store import Store

_notebook = click.argument(
    "notebook", type=click.Path(readable=False, path_type=Path), required=False
)


class _StoreCommands(click.Group):
    """The commands of ``nbflow store``; without one of them it shows what the store holds."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or self._names_a_notebook(args[0], ctx):
            args = ["show", *args]
        return super().parse_args(ctx, args)

    def _names_a_notebook(self, word: str, ctx: click.Context) -> bool:
        """Whether it is no command, and not one that is misspelt (which click says then)."""
        if word in (*self.commands, *ctx.help_option_names):
            return False
        return not get_close_matches(word, self.commands) or Path(word).exists()


@click.group(cls=_StoreCommands)
def store() -> None:
    """Show how much the store holds, and check it.

    What it holds is told by flow and step.
    The store is that of NOTEBOOK, where one is named; else that of this folder or the next above.
    """


@store.command("show")
@_notebook
@options.store
@options.as_json
def show_store(notebook: Path | None, store: Path | None, as_json: bool) -> None:
    """Show how much the store holds, of each flow and step (what `nbflow store` does alone)."""
    from nbflow.store.holdings import holdings
    from nbflow.views import objects
    from nbflow.views import store as view

    held = _opened(notebook, store)
    flow = notebook.stem if notebook is not None else None
    found = view.usage(holdings(held), flow)
    if as_json:
        say(objects.text(objects.usage(str(held.root), found)))
    else:
        say(view.store(str(held.root), found))


@store.command("verify")
@_notebook
@click.option(
    "--repair", is_flag=True, help="Put aside what is damaged: the next run makes it again."
)
@options.store
@options.as_json
def verify_store(notebook: Path | None, repair: bool, store: Path | None, as_json: bool) -> None:
    """Read every artifact, and hold it against its digest.

    Exit code: 0 all is sound or put aside, 1 something is damaged or missing, 2 it cannot be read.
    """
    from nbflow.store.damage import check
    from nbflow.views import objects
    from nbflow.views import store as view

    found = check(_opened(notebook, store), repair)
    say(objects.text(objects.checked(found)) if as_json else view.checked(found))
    finish(FAILED if found.damages and not repair else 0)


@click.command()
@_notebook
@click.option(
    "--older-than",
    type=AGE,
    metavar="AGE",
    help="Drop results that no run has computed or reused for so long, as in 30d or 12h.",
)
@click.option(
    "--max-size",
    type=SIZE,
    metavar="SIZE",
    help="Drop results, the longest unused first, until no more is left than, say, 10GB.",
)
@click.option("--dry-run", is_flag=True, help="Drop nothing: say what would be.")
@options.store
@options.as_json
def gc(
    notebook: Path | None,
    older_than: float | None,
    max_size: float | None,
    dry_run: bool,
    store: Path | None,
    as_json: bool,
) -> None:
    """Free what no result needs, and old results where asked to.

    Results go that are too old, or beyond a size, where that is asked for.
    What the runs in progress may need stays. It can be killed at any moment.
    """
    from nbflow.store.collecting import collect
    from nbflow.views import objects
    from nbflow.views import store as view

    limit = None if max_size is None else int(max_size)
    found = collect(_opened(notebook, store), time.time(), older_than, limit, dry_run)
    told = objects.collected(found, dry_run)
    say(objects.text(told) if as_json else view.collected(found, dry_run))


@click.command()
@options.notebook
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@options.store
@options.as_json
def clear(notebook: Path, steps: tuple[str, ...], store: Path | None, as_json: bool) -> None:
    """Forget the results of NOTEBOOK, or only of the STEPs named.

    They run again. Those of other notebooks stay. `nbflow gc` then frees the room.
    """
    from nbflow.views import objects
    from nbflow.views import store as view

    with opened(notebook, store) as flow:
        count = flow.forget(*steps)
        told = objects.forgotten(flow.flow.name, steps, count)
        say(objects.text(told) if as_json else view.forgotten(count))


store.add_command(gc)


def _opened(notebook: Path | None, given: Path | None) -> Store:
    from nbflow import cells
    from nbflow.store.near import nearest_store, store_beside
    from nbflow.store.store import Store

    if given is not None:
        place = given
    elif notebook is not None:
        cells.read(notebook)  # says so if there is none
        place = store_beside(notebook)
    else:
        place = nearest_store(Path.cwd()) or Path.cwd() / ".nbflow"
    if not place.is_dir():
        raise StoreError(
            f"there is no store {place}",
            "Run a notebook there first, or name the store's folder with `--store DIR`.",
        )
    return Store.open(place)
