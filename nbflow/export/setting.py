"""What runs before all steps: set-up cells, and what ordinary cells configure."""

from __future__ import annotations

from nbflow.analysis.syntax import parse
from nbflow.export.plain import IDLE, Cut
from nbflow.flow import Flow
from nbflow.flow.scope import Position
from nbflow.records.problem import Problem
from nbflow.steps import CodeCell


def statements(flow: Flow) -> tuple[tuple[tuple[Position, str], ...], list[Problem]]:
    """The statements by their place, without definitions; and what cannot stand in a module."""
    found: dict[Position, str] = {}
    problems: list[Problem] = []
    places = {code.cell.number: index for index, code in enumerate(flow.cells)}
    first = min((step.index for step in flow.steps.values()), default=0)
    for source in flow.setup:
        index = places[source.source.number]
        code = flow.cells[index]
        if code.role in ("step", "foreach") or _defines(code, source.source.text):
            continue  # a step configures when it is called; definitions stand by themselves
        if code.role == "setup":
            cut = Cut(code)
            for definition in code.facts.definitions:
                cut.cut(definition)
            text = "\n".join(
                line for line in cut.text.split("\n") if line.strip().split(" ")[0] not in IDLE
            ).strip("\n")
            found[index, 0] = text
        elif source.source.text.startswith("%"):
            text = source.source.text
            text = "" if text.strip().split(" ")[0] in IDLE else text
        else:
            text = source.source.text
            found[index, source.source.line] = text
        if text and not _is_plain(text):
            problems.append(_problem(code, text, "is not Python's, but IPython's"))
        elif text and code.role == "ordinary" and index > first:
            problems.append(_problem(code, text, "holds for the steps below it only"))
    return tuple((place, text) for place, text in sorted(found.items()) if text), problems


def _defines(code: CodeCell, text: str) -> bool:
    return any(definition.source == text for definition in code.facts.definitions)


def _is_plain(text: str) -> bool:
    try:
        source = parse(text)
    except SyntaxError:
        return False
    return "get_ipython" not in "\n".join(source.lines)


def _problem(code: CodeCell, text: str, why: str) -> Problem:
    return Problem(
        "not-exportable",
        f"`{text.splitlines()[0]}` {why}",
        "Write it in plain Python in a `%%setup` cell above all steps.",
        code.cell.id,
        code.cell.number,
    )
