"""Steps with options, written in each of the four spellings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from nbformat import NotebookNode

from tests.notebooks import code

Spelling: TypeAlias = Literal["magic", "tag", "comment", "metadata"]
Value: TypeAlias = "str | int | bool"
SPELLINGS: tuple[Spelling, ...] = ("magic", "tag", "comment", "metadata")


def spelled(
    spelling: Spelling, mark: str, body: str, options: Mapping[str, Value] | None = None
) -> NotebookNode:
    """A cell marked ``step NAME`` or ``foreach CLAUSE``, with options; True is a switch.

    >>> spelled("magic", "step load", "x = 1", {"cpus": 2, "no-cache": True}).source
    '%%step load --cpus 2 --no-cache\\nx = 1'
    """
    kind, _, argument = mark.partition(" ")
    options = options or {}
    match spelling:
        case "magic":
            typed = [f" --{n}" + ("" if v is True else f" {v}") for n, v in options.items()]
            return code(f"%%{mark}{''.join(typed)}\n{body}")
        case "comment":
            lines = [f"#| {kind}: {argument}"]
            lines += [f"#| {n}" + ("" if v is True else f": {v}") for n, v in options.items()]
            return code("\n".join([*lines, body]))
        case "tag":
            cell = code(body, f"{kind}:{argument}")
            cell.metadata["nbflow"] = dict(options)
        case "metadata":
            cell = code(body)
            cell.metadata["nbflow"] = {kind: argument, **options}
    return cell
