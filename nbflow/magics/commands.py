"""The sub-commands of ``%flow``: each asks the driver, and shows a view of the answer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbflow.directives.command import Command
from nbflow.directives.options import close
from nbflow.errors import FlowError
from nbflow.magics import refusal, running
from nbflow.magics.running import Wanted
from nbflow.magics.screen import Screen
from nbflow.results import past
from nbflow.views import comparison as comparisons
from nbflow.views import exported as exports
from nbflow.views import plan as plans
from nbflow.views import problems
from nbflow.views import runs as history
from nbflow.views import verification as verifications
from nbflow.views.blocks import line
from nbflow.views.durations import plural
from nbflow.views.page import Page, Part, page
from nbflow.views.preview import preview as preview_page

if TYPE_CHECKING:
    from nbflow.comparison import Best
    from nbflow.driver import NotebookFlow
    from nbflow.magics.session import Session
    from nbflow.records.task import TaskRun
    from nbflow.results import FlowRun


def table() -> tuple[Command, ...]:
    """The sub-commands, as help and completion read them."""
    return tuple(
        Command(name, " ".join([name, *_usage(command)]), command.get_short_help_str(200))
        for name, command in flow.commands.items()
    )


def usage(error: click.ClickException) -> str:
    """How to write what could not be understood."""
    if isinstance(error, click.BadOptionUsage) and error.option_name == "-p":
        return "Write `-p NAME VALUE`, as in `-p rate 0.1`."
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return ""
    for command in table():
        if command.name == error.ctx.info_name:
            return f"Write `%flow {command.usage}`."
    return f"There are {', '.join(f'`{name}`' for name in flow.commands)}."


def _usage(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            yield parameter.make_metavar(click.Context(command))
        elif not getattr(parameter, "hidden", False):
            words = " ".join(filter(None, [parameter.opts[0], parameter.metavar]))
            more = "..." if parameter.multiple else ""
            yield words if parameter.required else f"[{words}]{more}"


_steps = click.argument("steps", metavar="[STEP]...", nargs=-1)
_step = click.argument("step")
#: What no task has put out anything in.
_UNBEGUN = ("skipped", "queued")
_values = click.option(
    "-p",
    "--parameter",
    "texts",
    type=(str, str),
    multiple=True,
    metavar="NAME VALUE",
    help="Give a parameter another value than its default.",
)


#: What only the command line has, and what it takes.
ELSEWHERE = {
    "show": "RUN[/STEP[/INDEX[/NAME]]]",
    **dict.fromkeys(("open", "restore", "rerun"), "RUN"),
    "tag": "RUN TAG",
    "note": "RUN TEXT",
    "sweep": "NOTEBOOK --param NAME=VALUE,VALUE",
    **dict.fromkeys(("check", "convert"), "NOTEBOOK"),
    **dict.fromkeys(("store", "gc"), ""),
}


class _Commands(click.Group):
    """The sub-commands; of a word that is none it is said where there is such a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word, *rest = args
        if word in ELSEWHERE:
            typed = shlex.join(["nbflow", word, *rest]) if rest else ""
            written = typed or f"nbflow {word} {ELSEWHERE[word]}".rstrip()
            raise FlowError(
                f"`{word}` is a command of the command line",
                f"In a terminal: `{written}`.",
            )
        if word not in self.commands and (meant := close(word, self.commands)):
            raise FlowError(f"There is no `%flow {word}`", f"Did you mean `%flow {meant}`?")
        return super().resolve_command(ctx, args)


# As wide as the longest line: a notebook wraps, and what is cut is no help.
_SETTINGS = {"terminal_width": 100, "help_option_names": ["-h", "--help"]}


@click.group(cls=_Commands, invoke_without_command=True, context_settings=_SETTINGS)
@click.pass_context
def flow(context: click.Context) -> None:
    """Look at the notebook's flow, run it, ask why; without a word, its status."""
    if context.invoked_subcommand is None:
        context.invoke(status)


@flow.command()
@click.pass_obj
def status(session: Session) -> None:
    """Show which steps are fresh, and why the others are not."""
    flow = session.seen()
    tasks = session.in_progress.tasks if flow.is_running else ()
    _show(session, page(plans.status(flow.flow, flow.plan(), tasks), *_problems(flow)))


@flow.command()
@_steps
@_values
@click.pass_obj
def plan(session: Session, steps: tuple[str, ...], texts: tuple[tuple[str, str], ...]) -> None:
    """Show what a run would do, why, and about how long it would take."""
    flow = session.seen()
    planned = flow.plan(*steps, parameters=flow.typed(dict(texts)))
    _show(session, page(plans.plan(planned), *_problems(flow)))


@flow.command()
@_steps
@_values
@click.option("--bg", is_flag=True, help="Run in the background, while other cells run.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="So many tasks at once.")
@click.option("--no-cache", is_flag=True, help="Run every step, whatever is cached.")
@click.pass_obj
def run(
    session: Session,
    steps: tuple[str, ...],
    texts: tuple[tuple[str, str], ...],
    bg: bool,
    workers: int | None,
    no_cache: bool,
) -> None:
    """Bring the flow up to date, or only the STEPs named and what they need."""
    values = session.seen().typed(dict(texts))
    wanted = Wanted(steps, values, workers, not no_cache)
    (running.run_in_background if bg else running.run)(session, wanted)


@flow.command()
@_step
@click.pass_obj
def why(session: Session, step: str) -> None:
    """Explain why STEP would run or not, with the lines that changed."""
    _show(session, plans.why(session.seen().why(step)))


@flow.command()
@click.pass_obj
def graph(session: Session) -> None:
    """Draw the graph, alive: it follows every run."""
    flow = session.seen()
    if not flow.flow.steps:
        _show(session, page(problems.problems(flow.problems)))
        return
    # Late: widgets take longer to import than all the rest of a kernel's flow.
    from nbflow.magics.graph import LiveGraph

    Screen(session.shell).show(LiveGraph(session).widget)


@flow.command()
@click.pass_obj
def form(session: Session) -> None:
    """Show a form of the parameters that runs the flow with them."""
    from nbflow.magics.form import parameter_form

    Screen(session.shell).show(parameter_form(session))


@flow.command()
@click.pass_obj
def cancel(session: Session) -> None:
    """End the run in progress; what has completed stays."""
    told = "Cancelling the run." if session.cancel() else "No run is in progress."
    _show(session, page(told))


@flow.command()
@_step
@click.pass_obj
def logs(session: Session, step: str) -> None:
    """Show once more what STEP put out when it was last run."""
    flow = session.seen()
    cell = flow.step(step).id
    for run in reversed(flow.runs()):
        tasks = [task for task in run.tasks if task.cell == cell and task.status not in _UNBEGUN]
        if tasks:
            _put_out(session, run, tasks)
            return
    raise FlowError(f"`{step}` has not run yet", f"Run it: `%flow run {step}`.")


@flow.command()
@_step
@click.pass_obj
def debug(session: Session, step: str) -> None:
    """Run STEP in the kernel with its inputs, and open the debugger where it fails."""
    running.debug(session, step)


@flow.command()
@_step
@click.pass_obj
def preview(session: Session, step: str) -> None:
    """Show exactly what STEP would run: set-up, definitions, inputs and body."""
    flow = session.seen()
    _show(session, preview_page(flow.flow, flow.step(step)))


@flow.command()
@click.option("--tag", metavar="TAG", help="Only runs with this tag.")
@click.option("--param", "conditions", multiple=True, metavar="'lr>0.1'", help="Only such runs.")
@click.option("--status", metavar="STATUS", help="Only runs that ended so.")
@click.option("--since", metavar="WHEN", help="Only runs begun since: 2d, 2026-11-01.")
@click.pass_obj
def runs(
    session: Session,
    tag: str | None,
    conditions: tuple[str, ...],
    status: str | None,
    since: str | None,
) -> None:
    """List the runs of this notebook, or those for which all of this holds."""
    flow = session.seen()
    found = []
    if flow.root.exists():
        wanted = past.asked(flow.path, tag, conditions, status, since)
        found = [run.head for run in past.some([flow.store], wanted)]
    _show(session, history.runs(found, filtered=bool(tag or conditions or status or since)))


@flow.command()
@click.argument("first", metavar="RUN")
@click.argument("others", metavar="RUN...", nargs=-1, required=True)
@click.option("--best", type=click.Choice(["max", "min"]), metavar="max|min", help="The better.")
@click.pass_obj
def compare(session: Session, first: str, others: tuple[str, ...], best: Best | None) -> None:
    """Show RUNs side by side: what they were given, and what they gave."""
    flow = session.seen()
    if not flow.root.exists():
        raise FlowError("this notebook has not run yet", "Run it: `%flow run`.")
    one, *more = (past.named([flow.store], name) for name in (first, *others))
    _show(session, comparisons.comparison(one.compare(*more), best))


@flow.command()
@_steps
@click.pass_obj
def clear(session: Session, steps: tuple[str, ...]) -> None:
    """Forget the results of STEPs, or of all: they run again."""
    with running.turn(session) as flow:
        count = flow.forget(*steps)
    _show(session, page(f"{plural(count, 'result')} forgotten."))


@flow.command()
@_steps
@click.option("--all", "every", is_flag=True, help="Also those that gave the same already.")
@click.pass_obj
def verify(session: Session, steps: tuple[str, ...], every: bool) -> None:
    """Run STEPs once more, and compare what they give with what is cached."""
    _show(session, running.verify(session, steps, every))


@flow.command()
@_step
@click.option("-m", "--message", "reason", required=True, metavar="WHY", help="Why they may stay.")
@click.pass_obj
def accept(session: Session, step: str, reason: str) -> None:
    """Keep the results of a stale STEP as current, and record why."""
    with running.turn(session) as flow:
        count = flow.accept(step, reason)
    _show(session, verifications.accepted(step, reason, count))


@flow.command()
@click.option("--to", required=True, metavar="FORM", help="script, metaflow or notebook.")
@click.option("-o", "--output", "folder", required=True, metavar="DIR", help="A new folder.")
@_values
@click.pass_obj
def export(session: Session, to: str, folder: str, texts: tuple[tuple[str, str], ...]) -> None:
    """Write the flow as a project that runs without nbflow."""
    flow = session.seen()
    files = flow.export(to, folder, parameters=flow.typed(dict(texts)))
    _show(session, exports.exported(Path(folder), files))


@flow.command()
@click.argument("name", required=False)
@click.argument("value", required=False)
@click.pass_obj
def config(session: Session, name: str | None, value: str | None) -> None:
    """Show the settings, or set one: `on_run run|register`, `frames hide|show`."""
    if name is not None:
        session.settings.set(name, value)
        refusal.show_frames(session.settings["frames"] == "show")
    _show(session, page(*session.settings.lines()))


def _put_out(session: Session, run: FlowRun, tasks: Sequence[TaskRun]) -> None:
    """Show what these tasks of one step put out, and how they failed."""
    screen = Screen(session.shell)
    outputs = [output for task in tasks for output in run.logged(task)]
    for output in outputs:
        screen.put(output)
    errors = [task.error for task in tasks if task.error is not None]
    if errors:
        _show(session, page(*map(problems.traceback, errors[:1])))
    elif not outputs:
        _show(session, page(f"`{tasks[0].step}` put nothing out."))


def _problems(flow: NotebookFlow) -> list[Part]:
    return [line(), problems.problems(flow.problems)] if flow.problems else []


def _show(session: Session, subject: Page) -> None:
    shown = refusal.as_magic(subject)
    Screen(session.shell).display(shown._repr_mimebundle_(), {}, {})
