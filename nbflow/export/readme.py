"""What a colleague reads first: what the flow is, how it looks, how to run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nbflow.driver.basis import Basis
from nbflow.export.arguments import comment, literal
from nbflow.export.program import Program
from nbflow.export.prose import introduction, title
from nbflow.parameters import shape, told
from nbflow.records.parameter import Parameter
from nbflow.views.exported import few


def readme(
    made: Program, command: str, options: str, comparing: str, flag: Callable[[Parameter], str]
) -> str:
    """The text of ``README.md``.

    Parameters
    ----------
    command
        How the flow is run.
    options
        An example of options to it.
    comparing
        The option that has it compared.
    flag
        What the option of a parameter is called.
    """
    flow, basis = made.flow, made.basis
    (python,) = {fact.value for fact in basis.facts("python")} or {"3"}
    parts = [
        f"# {title(basis.notebook, flow)}",
        introduction(basis.notebook),
        "![The steps of the flow, and what travels between them](graph.svg)",
        "## Run it",
        f"With Python {python}:",
        "```\npython -m venv .venv\n.venv/bin/pip install -r requirements.txt\n"
        f".venv/bin/{command}{options}\n```",
    ]
    if flow.parameters:
        parts.append(_table(made, flag))
    parts += _files(basis)
    parts.append("## Is it still the same?")
    parts.append(
        f"`{command} {comparing}` compares what it gives with `digests.json`: digests of what the "
        "notebook gave when this was exported."
    )
    if kept := accepted(basis):
        told = ", ".join(f"`{step}` ({why})" for step, why in kept.items())
        parts.append(
            f"The results of {told} had been accepted, and are of an earlier state of the "
            "notebook: they, and what follows from them, may come out differently here."
        )
    parts.append(f"Exported from `{Path(flow.path).name}` by nbflow.")
    return "\n\n".join(filter(None, parts)) + "\n"


def accepted(basis: Basis) -> dict[str, str]:
    """The steps whose results were accepted though a change had made them stale, and why."""
    records = (record for every in basis.records.values() for record in every)
    return {record.step: record.accepted for record in records if record.accepted}


def _table(made: Program, flag: Callable[[Parameter], str]) -> str:
    """The options, with what comments in the notebook say of them."""
    rows = [
        [
            f"`{flag(each)}`",
            told(shape(each)),
            f"`{literal(made.basis.parameters[each.name])}`",
            comment(made.flow, each),
        ]
        for each in made.flow.parameters
    ]
    width = 4 if any(row[3] for row in rows) else 3
    heads = [["option", "takes", "default", ""][:width], ["---"] * width]
    return "\n".join(f"| {' | '.join(row[:width])} |" for row in [*heads, *rows])


def requirements(basis: Basis, more: Mapping[str, Mapping[str, int]] | None = None) -> str:
    """The versions of the packages that the steps used, with all that those need.

    Parameters
    ----------
    more
        What it needs besides, and for each of these the packages that it takes only below a major
        version.
    """
    lines = ["# What the steps used, as it was installed."]
    held = {
        name: (who, most) for who, given in (more or {}).items() for name, most in given.items()
    }
    for fact in basis.facts("distribution"):
        who, most = held.get(fact.subject.lower(), ("", 0))
        major = fact.value.partition(".")[0]
        if who and major.isdigit() and int(major) >= most:
            told = f"the notebook used {fact.value}, which {who} does not take"
            lines.append(f"{fact.subject}<{most}  # {told}")
        elif fact.value:
            lines.append(f"{fact.subject}=={fact.value}")
    return "\n".join([*lines, *(more or ())]) + "\n"


def _files(basis: Basis) -> list[str]:
    """The files that it reads: those that lie here, and those that somebody has to put there."""
    here = [file.name for file in basis.files if file.is_copied]
    told = [f"It reads {_named(here)}, as seen from the folder that it is run in."] if here else []
    kept = [file.name for file in basis.files if not file.is_copied and not file.sha256]
    if kept:
        told.append(f"It reads and changes {_named(kept)}: put there what the notebook found.")
    missing = [file.name for file in basis.files if not file.is_copied and file.sha256]
    if missing:
        told.append(
            f"It reads {_named(missing)} as well, which is not copied here: it has to be where the "
            "notebook found it."
        )
    return told


def _named(names: list[str]) -> str:
    """Names of files, in a sentence."""
    return ", ".join(f"`{name}`" for name in few(names))
