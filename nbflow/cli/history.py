"""``nbflow runs``, ``show`` and ``logs``: what earlier runs left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbflow.cli import options
from nbflow.errors import NbflowError, StoreError

if TYPE_CHECKING:
    from nbflow.driver import FlowRun
    from nbflow.views.folding import StepTasks


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path), required=False)
@options.store
@options.as_json
def runs(notebook: Path | None, store: Path | None, as_json: bool) -> None:
    """List the runs of NOTEBOOK, or all that are recorded here, the newest last."""
    from nbflow import driver
    from nbflow.views import objects
    from nbflow.views import runs as view

    if notebook is not None:
        found = list(driver.runs(notebook, store=store))
    else:
        found = [run for folder in _stores(store) for run in driver.runs(store=folder)]
        found.sort(key=lambda run: run.started)
    click.echo(objects.text(objects.runs(found)) if as_json else view.runs(found))


@click.command()
@click.argument("what", metavar="RUN[/STEP[/INDEX[/NAME]]]")
@options.store
@options.as_json
def show(what: str, store: Path | None, as_json: bool) -> None:
    """Show a run, one of its steps, a split of a foreach, or a value.

    RUN is a run's id or the start of one. Without INDEX, NAME is the step's whole output.
    """
    from nbflow.views import objects
    from nbflow.views import show as view

    name, step, index, output = _parsed(what)
    run = _run(name, store)
    if step is None:
        click.echo(objects.text(objects.run(run)) if as_json else view.run(run))
        return
    tasks = _tasks(run, step, index)
    if output is not None:
        value = _value(run, tasks, index, output)
        click.echo(objects.text(objects.value(output, value)) if as_json else view.value(value))
    elif as_json:
        click.echo(objects.text(objects.tasks(tasks.tasks)))
    elif index is not None:
        click.echo(view.task(tasks.tasks[0]))
    else:
        click.echo(view.step(tasks))


@click.command()
@click.argument("what", metavar="RUN/STEP[/INDEX]")
@options.store
@options.as_json
def logs(what: str, store: Path | None, as_json: bool) -> None:
    """Show what a step of a run put out."""
    from nbflow.views import objects
    from nbflow.views import show as view

    name, step, index, output = _parsed(what)
    if step is None or output is not None:
        raise NbflowError(f"`{what}` does not name a step.", f"Say `nbflow logs {name}/STEP`.")
    run = _run(name, store)
    outputs = {task.task: run.outputs(task) for task in _tasks(run, step, index).tasks}
    if as_json:
        click.echo(objects.text(objects.logs(outputs)))
        return
    for task, each in outputs.items():
        if len(outputs) > 1:
            click.echo(click.style(f"── {task}", dim=True))
        click.echo(view.log(each), nl=False)


def _stores(given: Path | None) -> list[Path]:
    """The store that was named; else that of this folder or the next above, and those below."""
    if given is not None:
        return [given]
    here = Path.cwd()
    above = (folder / ".nbflow" for folder in (here, *here.parents))
    found = [
        next((store for store in above if store.is_dir()), None),
        *sorted(here.glob("*/.nbflow")),
    ]
    stores = [store for store in found if store is not None]
    if not stores:
        raise StoreError(
            f"There is no store in {here}, above it or in its folders.",
            "Go to the notebook's folder, or name the store with `--store DIR`.",
        )
    return stores


def _run(name: str, store: Path | None) -> FlowRun:
    from nbflow import driver

    for folder in _stores(store):
        run = driver.find_run(name, store=folder)
        if run is not None:
            return run
    raise StoreError(f"No run `{name}` is recorded here.", "`nbflow runs` lists them.")


def _parsed(what: str) -> tuple[str, str | None, int | None, str | None]:
    run, *rest = what.split("/")
    step = rest.pop(0) if rest else None
    index = int(rest.pop(0)) if rest and rest[0].isdecimal() else None
    output = rest.pop(0) if rest else None
    if not run or rest:
        raise NbflowError(
            f"`{what}` does not name anything.", "Say RUN, RUN/STEP, RUN/STEP/INDEX or …/NAME."
        )
    return run, step or None, index, output


def _tasks(run: FlowRun, step: str, index: int | None) -> StepTasks:
    from dataclasses import replace

    from nbflow.views.folding import fold

    steps = {each.step: each for each in fold(run.tasks)}
    if step not in steps:
        raise NbflowError(
            f"Run `{run.id}` has no step `{step}`.", f"Its steps are {', '.join(steps) or 'none'}."
        )
    found = steps[step]
    if index is None:
        return found
    chosen = tuple(task for task in found.tasks if task.index == index)
    if not chosen:
        last = len(found.tasks) - 1
        remedy = f"Its splits are 0 to {last}." if found.foreach else "It is not a foreach."
        raise NbflowError(f"Step `{step}` has no split {index}.", remedy)
    return replace(found, tasks=chosen)


def _value(run: FlowRun, tasks: StepTasks, index: int | None, output: str) -> object:
    names = dict.fromkeys(name for task in tasks.tasks for name in task.outputs)
    if output not in names:
        raise NbflowError(
            f"Step `{tasks.step}` of run `{run.id}` left no `{output}`.",
            f"It left {', '.join(names) or 'nothing'}.",
        )
    if index is None and tasks.foreach:
        return [run.load(task.outputs[output]) for task in tasks.tasks if output in task.outputs]
    return run.load(tasks.tasks[0].outputs[output])
