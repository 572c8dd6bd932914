"""``nbflow plan``, ``status``, ``why`` and ``graph``: questions to a notebook; nothing runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbflow.cli import options
from nbflow.cli.main import REFUSED, finish, opened
from nbflow.cli.saying import say
from nbflow.errors import NbflowError

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow
    from nbflow.records.problem import Problem

_FILE = click.Path(path_type=Path, allow_dash=True)


@click.command()
@options.notebook
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@options.parameters
@options.store
@options.as_json
def plan(
    notebook: Path,
    steps: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    store: Path | None,
    as_json: bool,
) -> None:
    """Show what a run would do, why, and about how long it would take."""
    from nbflow.views import objects
    from nbflow.views import plan as view

    with opened(notebook, store) as flow:
        planned = flow.plan(*steps, parameters=flow.typed(options.texts(parameters)))
        if as_json:
            say(objects.text(objects.plan(planned, flow.problems)))
        else:
            say(view.plan(planned))
        _end(flow.problems, as_json)


@click.command()
@options.notebook
@options.parameters
@options.store
@options.as_json
def status(
    notebook: Path, parameters: tuple[tuple[str, str], ...], store: Path | None, as_json: bool
) -> None:
    """Show which steps are fresh, and why the others are not."""
    from nbflow.views import objects
    from nbflow.views import plan as view

    with opened(notebook, store) as flow:
        planned = flow.plan(parameters=flow.typed(options.texts(parameters)))
        if as_json:
            say(objects.text(objects.status(flow.flow, planned, flow.problems)))
        else:
            say(view.status(flow.flow, planned))
        _end(flow.problems, as_json)


@click.command()
@options.notebook
@click.argument("step")
@options.parameters
@options.store
@options.as_json
def why(
    notebook: Path,
    step: str,
    parameters: tuple[tuple[str, str], ...],
    store: Path | None,
    as_json: bool,
) -> None:
    """Explain why STEP would run or not, with the lines that changed."""
    from nbflow.views import objects
    from nbflow.views import plan as view

    with opened(notebook, store) as flow:
        answer = flow.why(step, parameters=flow.typed(options.texts(parameters)))
        say(objects.text(objects.step_plan(answer)) if as_json else view.why(answer))


@click.command()
@options.notebook
@click.option("--svg", type=_FILE, metavar="FILE", help="Draw it, with what is fresh, as SVG.")
@click.option("--dot", type=_FILE, metavar="FILE", help="Write it in Graphviz's language.")
@options.store
@options.as_json
def graph(
    notebook: Path, svg: Path | None, dot: Path | None, store: Path | None, as_json: bool
) -> None:
    """Show the flow's graph as text, or draw it.

    FILE may be - for standard output.
    """
    from nbflow.views import objects
    from nbflow.views.outline import outline

    with opened(notebook, store) as flow:
        for path, language in ((svg, "svg"), (dot, "dot")):
            if path is not None:
                _draw(flow, language, path)
        if as_json:
            say(objects.text(objects.graph(flow.flow, flow.problems)))
        elif svg is None and dot is None:
            say(outline(flow.flow))
        _end(flow.problems, as_json)


def _draw(flow: NotebookFlow, language: str, path: Path) -> None:
    from nbflow.views.dot import dot
    from nbflow.views.drawing import drawing
    from nbflow.views.svg import svg

    draw = svg if language == "svg" else dot
    text = draw(*drawing(flow.flow, flow.plan()), flow.flow.name)
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise NbflowError(
            f"the picture cannot be written to {path}: {error.strerror}", "Give another name."
        ) from error
    say(f"wrote {path}", err=True)


def _end(found: Iterable[Problem], as_json: bool) -> None:
    from nbflow.views.problems import problems

    found = tuple(found)
    if found and not as_json:
        say(problems(found), err=True)
    finish(REFUSED if any(each.severity == "error" for each in found) else 0)
