"""The arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import click

from nbflow.errors import ParameterError, command

T = TypeVar("T")


def texts(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The parameters as typed, by name.

    Raises
    ------
    ParameterError
        One is given twice.
    """
    found: dict[str, str] = {}
    for name, text in pairs:
        if name in found:
            every = ",".join(quoted(value) for other, value in pairs if other == name)
            notebook = click.get_current_context().params.get("notebook", "NOTEBOOK")
            sweep = command("sweep", notebook, "--param", f"{name}={every}")
            raise ParameterError(
                f"parameter `{name}` is given twice", f"Keep one; a run for each value: `{sweep}`."
            )
        found[name] = text
    return found


def quoted(value: str) -> str:
    """A value as one of a list with commas."""
    return f'"{value}"' if "," in value and value[0] not in "[({\"'" else value


def _remember(ctx: click.Context, option: click.Parameter, value: T) -> T:
    # Errors are told by the group, which does not see a command's options.
    ctx.meta[f"nbflow.{option.name}"] = value
    return value


#: Below the help of commands that take a RUN.
run_help = (
    "RUN is the id of a run (`nbflow runs` lists them), or the start of one; `last` is the last "
    "run, `last~1` the one before."
)

# Whether it can be read is told like all that can be wrong with it, not by click.
notebook = click.argument("notebook", type=click.Path(readable=False, path_type=Path))

parameters = click.option(
    "-p",
    "--parameter",
    "parameters",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter of the notebook; repeat it for others.",
)

workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many tasks run at once (default: the cpus of this machine).",
)

no_cache = click.option("--no-cache", is_flag=True, help="Run every step, whatever is cached.")

executor = click.option(
    "--executor",
    type=click.Choice(["local", "inline"]),
    default="local",
    help="local: each task in a process of its own. inline: all in this one, to debug.",
)

store = click.option(
    "--store",
    type=click.Path(path_type=Path),
    callback=_remember,
    metavar="DIR",
    help="Where results and history are kept (default: .nbflow beside the notebook).",
)

as_json = click.option(
    "--json", "as_json", is_flag=True, callback=_remember, help="Print one JSON object."
)
