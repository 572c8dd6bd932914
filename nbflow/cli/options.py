"""The arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from nbflow.errors import ParameterError


def texts(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters as typed, by name.

    Raises
    ------
    ParameterError
        One is given twice.
    """
    found: dict[str, str] = {}
    for name, text in pairs:
        if name in found:
            raise ParameterError(
                f"parameter `{name}` is given twice", f"Keep one `-p {name} VALUE`."
            )
        found[name] = text
    return found


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    # Errors are told by the group, which does not see a command's options.
    ctx.meta["nbflow.json"] = value
    return value


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

store = click.option(
    "--store",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where results and history are kept (default: .nbflow beside the notebook).",
)

as_json = click.option(
    "--json", "as_json", is_flag=True, callback=_remember, help="Print one JSON object."
)
