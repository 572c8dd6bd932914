"""``nbflow rerun`` and ``sweep``: a past run once more, and one run for each set of values."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from msgspec.structs import replace

from nbflow.cli import options
from nbflow.cli.comparing import best_option
from nbflow.cli.history import run_of
from nbflow.cli.main import FAILED, finish, opened
from nbflow.cli.run import EXIT, carry_out, tell
from nbflow.cli.saying import columns, say
from nbflow.errors import ParameterError

if TYPE_CHECKING:
    from nbflow.comparison import Best
    from nbflow.driver import NotebookFlow
    from nbflow.results import FlowRun


@click.command(epilog=options.run_help)
@click.argument("run")
@options.parameters
@options.workers
@options.executor
@options.store
@options.no_cache
@options.as_json
def rerun(
    run: str,
    parameters: tuple[tuple[str, str], ...],
    workers: int | None,
    executor: Literal["local", "inline"],
    store: Path | None,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Run again what RUN ran: its code and parameters.

    It does not matter what the notebook has become.
    What has changed since (files, packages, local modules) is said first: the run sees it as it is
    now.
    """
    from nbflow.driver import rerunning
    from nbflow.views import again as view
    from nbflow.views import objects
    from nbflow.views.blocks import line
    from nbflow.views.page import page

    past = run_of(run, store)
    texts = options.texts(parameters)
    with rerunning.flow_of(past) as flow:
        given = rerunning.values(past, flow, texts)
        since = rerunning.since(past, flow)
        if not as_json and (told := view.since(past.head, since.reasons, since.other_code)):
            say(page(told, line()), err=True)
        steps = past.head.steps
        ended = carry_out(flow, steps, given, workers, executor, not no_cache, quiet=as_json)
        others = rerunning.others(past, ended)
        if as_json:
            told_of = objects.run(ended.record, flow.problems)
            changed = [objects.reason(reason) for reason in since.reasons]
            say(
                objects.text(
                    {
                        **told_of,
                        "of": past.id,
                        "changed": changed,
                        "other_code": list(since.other_code),
                        "other_outputs": list(others),
                    }
                )
            )
        else:
            tell(flow, ended)
            say(view.outcome(past.head, ended.head, others))
    finish(EXIT[ended.status])


@click.command()
@options.notebook
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@click.option(
    "--param",
    "ranges",
    multiple=True,
    required=True,
    metavar="NAME=VALUE,VALUE…",
    help="The values of a parameter; with several, each value of one is run with each of another.",
)
@options.parameters
@click.option("--tag", metavar="TAG", help="Tag each of the runs.")
@best_option
@options.workers
@options.executor
@options.store
@options.no_cache
@options.as_json
def sweep(
    notebook: Path,
    steps: tuple[str, ...],
    ranges: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    tag: str | None,
    best: Best | None,
    workers: int | None,
    executor: Literal["local", "inline"],
    store: Path | None,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Run NOTEBOOK once for each combination of values.

    The runs share all that does not depend on them.

    Exit code: 0 all completed, 1 a step failed in one of them, 2 nothing could run.
    """
    from nbflow.results import check_tag
    from nbflow.views import sweep as view

    if tag is not None:
        check_tag(tag)
    with opened(notebook, store) as flow:
        fixed = options.texts(parameters)
        varied = _varied(ranges, fixed)
        flow.check(*steps)
        sets = _sets(flow, varied, fixed)
        done: list[FlowRun] = []
        try:
            for number, given in enumerate(sets, 1):
                if not as_json:
                    say(view.heading(number, len(sets), given, tuple(varied)), err=True)
                ended = carry_out(
                    flow, steps, given, workers, executor, not no_cache, quiet=as_json
                )
                if tag is not None:
                    ended.tag(tag)
                done.append(ended)
        finally:
            if done:
                _tell(done, tuple(varied), best, as_json)
    finish(0 if all(run.status == "completed" for run in done) else FAILED)


def _tell(done: list[FlowRun], varied: tuple[str, ...], best: Best | None, as_json: bool) -> None:
    from nbflow.results.numbers import numbers_of
    from nbflow.views import objects
    from nbflow.views import sweep as view

    found = [(replace(run.head, tags=run.tags), numbers_of(run.record, run.store)) for run in done]
    say(
        objects.text(view.as_objects(found))
        if as_json
        else view.table(found, varied, best, columns())
    )


def _varied(ranges: tuple[str, ...], fixed: dict[str, str]) -> dict[str, list[str]]:
    """The texts of each parameter's values, by its name."""
    varied: dict[str, list[str]] = {}
    for each in ranges:
        name, equals, values = each.partition("=")
        name = name.strip()
        texts = list(dict.fromkeys(split(values)))
        if not equals or not name.isidentifier() or not all(texts):
            raise ParameterError(
                f"`--param {each}` names no values", "Write it so: --param lr=0.1,0.3"
            )
        if name in varied or name in fixed:
            raise ParameterError(
                f"parameter `{name}` is given twice",
                f"Put all its values into one: --param {name}=A,B,C",
            )
        varied[name] = texts
    return varied


def split(text: str) -> list[str]:
    """The values of a list with commas; one in brackets or quotes may hold commas itself.

    >>> split("1,[2, 3],'a,b'")
    ['1', '[2, 3]', 'a,b']
    """
    values, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        else:
            depth += (letter in "[({") - (letter in "])}")
        if letter == "," and not depth and not quote:
            values.append("")
        else:
            values[-1] += letter
    return [_unquoted(value.strip()) for value in values]


def _unquoted(text: str) -> str:
    found = re.fullmatch(r"'([^']*)'|\"([^\"]*)\"", text)
    return (found[1] or found[2] or "") if found else text


def _sets(
    flow: NotebookFlow, varied: dict[str, list[str]], fixed: dict[str, str]
) -> list[dict[str, object]]:
    """The values for each run, typed; what is wrong with one of them is said before anything."""
    base = flow.typed(fixed)
    columns = [[flow.typed({name: text}) for text in texts] for name, texts in varied.items()]
    every = itertools.product(*columns)
    return [{**base, **{n: v for one in each for n, v in one.items()}} for each in every]
