"""``nbflow runs``, ``show`` and ``logs``: what earlier runs left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from msgspec.structs import replace

from nbflow.cli import options
from nbflow.cli.saying import say
from nbflow.errors import NbflowError, StoreError

if TYPE_CHECKING:
    from nbflow.results import FlowRun
    from nbflow.store.store import Store
    from nbflow.views.folding import StepTasks

#: So many runs are listed unless more are asked for.
_LISTED = 30


class Place(msgspec.Struct, frozen=True):
    """What ``RUN[/STEP[/INDEX[/NAME]]]`` names; of a plain step there is no INDEX."""

    run: str
    step: str | None = None
    index: int | None = None
    name: str | None = None


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path), required=False)
@click.option("--tag", metavar="TAG", help="Only runs with this tag.")
@click.option(
    "--param",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="Only runs with such a parameter, as in --param 'lr>0.1'; all must hold.",
)
@click.option("--status", metavar="STATUS", help="Only runs that ended so, as in failed.")
@click.option(
    "--since", metavar="WHEN", help="Only runs begun since: 2d, 12h, 2026-11-01, 2026-11-01T09:30."
)
@click.option(
    "-n",
    "--last",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"So many of the latest (default: {_LISTED}, and all with --json).",
)
@options.store
@options.as_json
def runs(
    notebook: Path | None,
    tag: str | None,
    conditions: tuple[str, ...],
    status: str | None,
    since: str | None,
    last: int | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """List the runs of NOTEBOOK, or all that are recorded here.

    The newest comes last.
    """
    from nbflow.results import past
    from nbflow.store.filters import RunFilter
    from nbflow.store.near import store_beside
    from nbflow.store.store import Store

    wanted = past.asked(notebook, tag, conditions, status, since)
    if notebook is not None:
        root = store or store_beside(notebook)
        stores = [Store.open(root)] if root.is_dir() else []
    else:
        stores = opened_near(store)
    listed = last if last or as_json else _LISTED
    found = [run.head for run in past.some(stores, wanted, listed)]
    if not found and notebook is not None and not notebook.exists():
        from nbflow import cells

        cells.read(notebook)  # says so
    if as_json:
        from nbflow.views import objects

        say(objects.text(objects.runs(found)))
        return
    from nbflow.views import runs as view

    more = 0
    if len(found) == listed:
        more = sum(held.history.count(wanted) for held in stores) - len(found)
    say(view.runs(found, more, filtered=replace(wanted, notebook=None) != RunFilter()))


@click.command(epilog=options.run_help)
@click.argument("what", metavar="RUN[/STEP[/INDEX[/NAME]]]")
@options.store
@options.as_json
def show(what: str, store: Path | None, as_json: bool) -> None:
    """Show a run, one of its steps, one split of a foreach, or a value.

    RUN/STEP/NAME is a step's value; of a foreach, the list over all splits.
    """
    from nbflow.views import objects
    from nbflow.views import show as view

    place = _parsed(what)
    run = run_of(place.run, store)
    if place.step is None:
        say(objects.text(objects.past_run(run.record)) if as_json else view.run(run.record))
        return
    tasks = _tasks(run, place)
    if place.name is not None:
        value = _value(run, place)
        text = objects.text(objects.value(place.name, value)) if as_json else view.value(value)
        say(text)
    elif as_json:
        say(objects.text(objects.tasks(tasks.tasks)))
    else:
        given = (each for task in tasks.tasks for each in task.outputs.values())
        gone = run.store.missing(given)
        say(view.step(tasks, gone) if place.index is None else view.task(tasks.tasks[0], gone))


@click.command(epilog=options.run_help)
@click.argument("what", metavar="RUN/STEP[/INDEX]")
@options.store
@options.as_json
def logs(what: str, store: Path | None, as_json: bool) -> None:
    """Show what a step of a run put out."""
    from nbflow.results import said
    from nbflow.views import objects
    from nbflow.views import show as view

    place = _parsed(what)
    if place.step is None or place.name is not None:
        raise NbflowError(f"`{what}` does not name a step", f"Say `nbflow logs {place.run}/STEP`.")
    run = run_of(place.run, store)
    outputs = {task.task: said(run.store, task, run.id) for task in _tasks(run, place).tasks}
    if as_json:
        say(objects.text(objects.logs(outputs)))
        return
    for task, each in outputs.items():
        if len(outputs) > 1:
            say(view.heading(task))
        click.echo(view.log(each), nl=False)


def opened_near(given: Path | None) -> list[Store]:
    """The store that was named, or those of this folder, the next above, and those below.

    One of several that cannot be read is left out, and said.
    """
    from nbflow.store.near import stores_near
    from nbflow.store.store import Store

    opened, refused = list[Store](), list[StoreError]()
    for folder in stores_near(Path.cwd(), given):
        try:
            opened.append(Store.open(folder))
        except StoreError as error:
            refused.append(error)
    if refused and not opened:
        raise refused[0]
    for each in refused:
        say(f"! left out: {each.message}", err=True)
    return opened


def run_of(name: str, store: Path | None) -> FlowRun:
    """The run of a name."""
    from nbflow.results import past

    return past.named(opened_near(store), name)


def _parsed(what: str) -> Place:
    run, *rest = what.split("/")
    step = rest.pop(0) if rest else None
    index = int(rest.pop(0)) if rest and rest[0].isdecimal() else None
    name = rest.pop(0) if rest else None
    if rest or "" in (run, step, name):
        raise NbflowError(
            f"`{what}` does not name anything", "Say RUN, RUN/STEP, RUN/STEP/INDEX or …/NAME."
        )
    return Place(run, step, index, name)


def _tasks(run: FlowRun, place: Place) -> StepTasks:
    from nbflow.views.folding import fold

    steps = {each.step: each for each in fold(run.tasks)}
    if place.step not in steps:
        known = ", ".join(f"`{name}`" for name in steps) or "none"
        raise NbflowError(f"run {run.id} has no step `{place.step}`", f"Its steps: {known}.")
    found = steps[place.step]
    if place.index is None:
        return found
    chosen = tuple(task for task in found.tasks if task.index == place.index)
    if not chosen:
        count = len(found.tasks)
        splits = f"Its splits: 0 to {count - 1}." if count else "It had no splits."
        raise NbflowError(
            f"step `{place.step}` has no split {place.index}",
            splits if found.foreach else f"It is no foreach: say {run.id}/{place.step}/NAME.",
        )
    return replace(found, tasks=chosen)


def _value(run: FlowRun, place: Place) -> object:
    assert place.step is not None
    assert place.name is not None
    step = run[place.step] if place.index is None else run[place.step][place.index]
    if place.name not in step.outputs:
        known = ", ".join(f"`{name}`" for name in step.outputs) or "none"
        raise NbflowError(f"step `{place.step}` gave no `{place.name}`", f"Its outputs: {known}.")
    return getattr(step, place.name)
