"""``nbflow verify`` and ``accept``: whether results can be had again, and which may stay."""

from __future__ import annotations

from pathlib import Path

import click

from nbflow.cli import options
from nbflow.cli.main import FAILED, finish, opened
from nbflow.cli.saying import say


@click.command()
@options.notebook
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@click.option(
    "--all", "every", is_flag=True, help="Also those that have given the same again already."
)
@options.parameters
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many tasks run at once (default: the cpus of this machine).",
)
@options.store
@options.as_json
def verify(
    notebook: Path,
    steps: tuple[str, ...],
    every: bool,
    parameters: tuple[tuple[str, str], ...],
    workers: int | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Run the steps of NOTEBOOK once more, and compare the results.

    What they give is compared with what is cached.
    What is cached stays. A step that gives something else is marked as not reproducible until it
    has given the same again. Exit code: 0 all gave the same, 1 one did not, 2 none can be compared.
    """
    from nbflow.views import objects
    from nbflow.views import verification as view

    with opened(notebook, store) as flow:
        given = flow.typed(options.texts(parameters))
        found = flow.verify(*steps, every=every, workers=workers, parameters=given)
        if as_json:
            say(objects.text(objects.verification(flow.flow.name, found)))
        else:
            say(view.verification(found))
    finish(0 if found.passed else FAILED)


@click.command()
@options.notebook
@click.argument("step")
@click.option(
    "-m", "--message", "reason", required=True, metavar="WHY", help="Why its results may stay."
)
@options.parameters
@options.store
@options.as_json
def accept(
    notebook: Path,
    step: str,
    reason: str,
    parameters: tuple[tuple[str, str], ...],
    store: Path | None,
    as_json: bool,
) -> None:
    """Keep the results of a stale STEP as current, and record why.

    This is for a change that does no harm. WHY is recorded, and shown with them until the step
    runs again.
    """
    from nbflow.views import objects
    from nbflow.views import verification as view

    with opened(notebook, store) as flow:
        given = flow.typed(options.texts(parameters))
        count = flow.accept(step, reason, parameters=given)
        told = objects.accepted(step, reason, count)
        say(objects.text(told) if as_json else view.accepted(step, reason, count))
