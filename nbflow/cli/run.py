"""``nbflow run``: run a flow, show its progress, tell how it ended."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from nbflow.cli import options
from nbflow.cli.light import import_nbformat
from nbflow.cli.main import FAILED, INTERRUPTED, finish, opened
from nbflow.cli.saying import say
from nbflow.errors import NotebookError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbformat import NotebookNode

    from nbflow.driver import NotebookFlow, RunEvent
    from nbflow.records.task import ErrorText
    from nbflow.results import FlowRun

#: The exit code by the status of a run.
EXIT = {"completed": 0, "failed": FAILED, "cancelled": INTERRUPTED}


@click.command()
@options.notebook
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@options.parameters
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT.ipynb",
    help="Write the executed notebook, with every cell's outputs.",
)
@options.workers
@options.executor
@options.store
@options.no_cache
@options.as_json
def run(
    notebook: Path,
    steps: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    output: Path | None,
    workers: int | None,
    executor: Literal["local", "inline"],
    store: Path | None,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Run NOTEBOOK's flow, or only the STEPs named and what they need.

    Exit code: 0 all completed, 1 a step failed, 2 nothing could run, 130 interrupted.
    """
    if output is not None:
        _check_output(output, notebook)
    is_local = executor == "local"
    begun = _workers_ahead(notebook, store) if is_local else nullcontext()
    with begun, opened(notebook, store) as flow:
        given = flow.typed(options.texts(parameters))
        if output is not None and is_local:
            import_nbformat()
        document = _document(flow) if output is not None else None
        ended = carry_out(flow, steps, given, workers, executor, not no_cache, quiet=as_json)
        raised = None
        if document is not None and output is not None:
            raised = _write_executed(document, flow, ended, given, output)
        if as_json:
            from nbflow.views import objects

            say(objects.text(objects.run(ended.record, flow.problems)))
        else:
            tell(flow, ended)
            if output is not None:
                say(f"wrote {output}")
        if raised is not None and ended.status == "completed":
            _tell_cell(raised)
    finish(EXIT[ended.status] or (FAILED if raised is not None else 0))


def _workers_ahead(notebook: Path, store: Path | None) -> AbstractContextManager[None]:
    """Workers that get ready while the flow is read, where it was saved since it was run."""
    from nbflow.run.zygotes import ahead
    from nbflow.store.near import store_beside

    ran = (store or store_beside(notebook)) / "history.sqlite"
    with suppress(OSError):
        if ran.stat().st_mtime > notebook.stat().st_mtime:
            return nullcontext()
    return ahead()


def _check_output(output: Path, notebook: Path) -> None:
    remedy = "Give `-o` another name, for example `-o out.ipynb`."
    if output.suffix != ".ipynb":
        raise NotebookError(f"`-o {output}`: the executed notebook is an .ipynb file", remedy)
    if output.resolve() == notebook.resolve():
        raise NotebookError(f"`-o {output}` would overwrite the notebook that is run", remedy)
    if not output.resolve().parent.is_dir():
        raise NotebookError(
            f"`-o {output}`: there is no folder {output.parent}",
            f"Make it: `mkdir -p {shlex.quote(str(output.parent))}`.",
        )


def carry_out(
    flow: NotebookFlow,
    steps: Sequence[str],
    parameters: Mapping[str, object],
    workers: int | None,
    executor: Literal["local", "inline"],
    cache: bool,
    *,
    quiet: bool,
) -> FlowRun:
    """Run a flow as the options say, and show its progress unless all is to be quiet."""
    with _events(quiet or sys.stderr is None) as on_event:
        return flow.run(
            *steps,
            workers=workers,
            executor=executor,
            cache=cache,
            on_event=on_event,
            parameters=parameters,
        )


@contextmanager
def _events(quiet: bool) -> Iterator[Callable[[RunEvent], None] | None]:
    if quiet:
        yield None
        return
    from nbflow.views.progress import progress

    with progress(sys.stderr) as show:
        yield show


def _document(flow: NotebookFlow) -> NotebookNode:
    # Late: only who asks for the executed notebook pays for nbformat.
    from nbflow.driver import executed

    return executed.read(flow.path, flow.notebook)


def _write_executed(
    document: NotebookNode,
    flow: NotebookFlow,
    ended: FlowRun,
    parameters: Mapping[str, object],
    output: Path,
) -> ErrorText | None:
    from nbflow.driver import executed, writing

    raised = executed.execute(document, flow.flow, ended, parameters)
    writing.write(document, output)
    return raised


def tell(flow: NotebookFlow, ended: FlowRun) -> None:
    """Say how a run ended: its table, and on stderr what is wrong."""
    from nbflow.views import folding, problems, show, tasks
    from nbflow.views.blocks import line
    from nbflow.views.page import page

    say(tasks.table(ended.record))
    warnings = [*flow.problems, *ended.hazards]
    if warnings:
        say(page(line(), problems.problems(warnings)), err=True)
    for step in folding.fold(ended.tasks):
        if step.failed is not None:
            log = show.log(ended.logged(step.failed))
            say(page(line(), problems.failure(step.failed, log)), err=True)


def _tell_cell(raised: ErrorText) -> None:
    from nbflow.views import problems
    from nbflow.views.page import page

    say(f"\nThe ordinary cell [{raised.number}] failed.", err=True)
    say(page(problems.traceback(raised)), err=True)
