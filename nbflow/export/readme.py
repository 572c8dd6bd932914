"""What a colleague reads first: what the flow is, how it looks, how to run it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nbflow.driver.basis import Basis
from nbflow.export.arguments import comment, literal
from nbflow.export.program import Program
from nbflow.export.prose import introduction, title
from nbflow.parameters import shape, told
from nbflow.records.parameter import Parameter


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
    files = _files(basis)
    if files:
        names = ", ".join(f"`{name}`" for name in files)
        parts.append(f"It reads {names}, as seen from the folder that it is run in.")
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


def requirements(basis: Basis, more: tuple[str, ...] = ()) -> str:
    """The versions of the packages that the steps used, with all that those need."""
    lines = [f"{fact.subject}=={fact.value}" for fact in basis.facts("distribution") if fact.value]
    lines += more
    return "\n".join(["# What the steps used, as it was installed.", *lines]) + "\n"


def _files(basis: Basis) -> list[str]:
    """Files that were there before the flow ran, and that it reads."""
    written = {
        change.subject
        for records in basis.records.values()
        for record in records
        for change in record.changes
        if change.kind == "file"
    }
    found = (
        fact.subject
        for fact in basis.facts("file")
        if fact.value and fact.subject not in written and not Path(fact.subject).is_absolute()
    )
    return [name for name in dict.fromkeys(found) if name not in basis.modules]
