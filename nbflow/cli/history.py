"""``nbflow runs``, ``show`` and ``logs``: what earlier runs left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbflow.cli import options
from nbflow.cli.nearest import nearest_store
from nbflow.errors import NbflowError, StoreError

if TYPE_CHECKING:
    from nbflow.results import FlowRun
    from nbflow.views.folding import StepTasks


@dataclass(frozen=True, slots=True)
class Place:
    """What ``RUN[/STEP[/INDEX[/NAME]]]`` names; of a plain step there is no INDEX."""

    run: str
    step: str | None = None
    index: int | None = None
    name: str | None = None


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path), required=False)
@options.store
@options.as_json
def runs(notebook: Path | None, store: Path | None, as_json: bool) -> None:
    """List the runs of NOTEBOOK, or all that are recorded here."""
    from nbflow import driver
    from nbflow.store.store import Store
    from nbflow.views import objects
    from nbflow.views import runs as view

    if notebook is not None:
        found = [run.record for run in driver.runs(notebook, store=store)]
    else:
        found = [run for folder in _stores(store) for run in Store.open(folder).runs()]
        found.sort(key=lambda run: run.started)
    click.echo(objects.text(objects.runs(found)) if as_json else view.runs(found))


@click.command()
@click.argument("what", metavar="RUN[/STEP[/INDEX[/NAME]]]")
@options.store
@options.as_json
def show(what: str, store: Path | None, as_json: bool) -> None:
    """Show a run, one of its steps, one split of a foreach, or a value.

    RUN is the id of a run, or the start of one. RUN/STEP/NAME is a step's value; of a foreach, the
    list over all splits.
    """
    from nbflow.views import objects
    from nbflow.views import show as view

    place = _parsed(what)
    run = _run(place.run, store)
    if place.step is None:
        click.echo(objects.text(objects.run(run.record)) if as_json else view.run(run.record))
        return
    tasks = _tasks(run, place)
    if place.name is not None:
        value = _value(run, place)
        text = objects.text(objects.value(place.name, value)) if as_json else view.value(value)
        click.echo(text)
    elif as_json:
        click.echo(objects.text(objects.tasks(tasks.tasks)))
    else:
        click.echo(view.step(tasks) if place.index is None else view.task(tasks.tasks[0]))


@click.command()
@click.argument("what", metavar="RUN/STEP[/INDEX]")
@options.store
@options.as_json
def logs(what: str, store: Path | None, as_json: bool) -> None:
    """Show what a step of a run put out."""
    from nbflow.views import objects
    from nbflow.views import show as view

    place = _parsed(what)
    if place.step is None or place.name is not None:
        raise NbflowError(f"`{what}` does not name a step", f"Say `nbflow logs {place.run}/STEP`.")
    run = _run(place.run, store)
    outputs = {task.task: run.logged(task) for task in _tasks(run, place).tasks}
    if as_json:
        click.echo(objects.text(objects.logs(outputs)))
        return
    for task, each in outputs.items():
        if len(outputs) > 1:
            click.echo(view.heading(task))
        click.echo(view.log(each), nl=False)


def _stores(given: Path | None) -> list[Path]:
    """The store that was named; else that of this folder or the next above, and those below."""
    if given is not None:
        if not given.is_dir():
            raise StoreError(f"there is no store {given}", "Name the folder with `--store DIR`.")
        return [given]
    here, nearest = Path.cwd(), nearest_store()
    stores = [*([nearest] if nearest else []), *sorted(here.glob("*/.nbflow"))]
    if not stores:
        raise StoreError(
            f"there is no store in {here}, above it or in its folders",
            "Go to the notebook's folder, or name the store with `--store DIR`.",
        )
    return stores


def _run(name: str, store: Path | None) -> FlowRun:
    from nbflow.results import FlowRun
    from nbflow.store.store import Store

    for folder in _stores(store):
        held = Store.open(folder)
        record = held.run(name)
        if record is not None:
            return FlowRun(record, held)
    raise StoreError(f"no run `{name}` is recorded here, or more than one", "See `nbflow runs`.")


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
