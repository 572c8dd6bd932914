"""What a cell displays, as a script prints it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nbflow.flow import FlowStep

#: Classes of IPython's that show a text: their first argument.
_TEXTS = {"Code", "HTML", "Latex", "Markdown", "Math", "Pretty"}


class Edit(NamedTuple):
    """A part of one line, in bytes, and what stands in its place."""

    line: int
    start: int
    end: int
    text: str


def printing(step: FlowStep, value: ast.expr) -> Iterator[Edit]:
    """Have the value of an expression printed."""
    if _text_of(step, value) is not None and isinstance(value, ast.Call):
        yield _name(value.func, "print")
        return
    yield Edit(value.lineno, value.col_offset, value.col_offset, "print(")
    line, end = value.end_lineno or value.lineno, value.end_col_offset or 0
    yield Edit(line, end, end, ")")


def displays(statements: Sequence[ast.stmt]) -> tuple[list[ast.Call], ast.Name | None]:
    """The statements that display something, and a use of ``display`` that is none of them."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    calls = [
        node.value
        for node in nodes
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "display"
        and not node.value.keywords
    ]
    ours = {id(call.func) for call in calls}
    names = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    others = (name for name in names if name.id == "display" and id(name) not in ours)
    return calls, next(others, None)


def printed(step: FlowStep, call: ast.Call) -> Iterator[Edit]:
    """``display(a, b)`` prints each on lines of its own; of a text that is marked up, the text."""
    yield _name(call.func, "print")
    for value in call.args:
        text = _text_of(step, value)
        if text is None or not isinstance(value, ast.Call):
            continue
        if value.lineno == value.end_lineno:
            yield Edit(value.lineno, value.col_offset, text.col_offset, "")
            yield Edit(value.lineno, text.end_col_offset or 0, value.end_col_offset or 0, "")
        elif len(call.args) == 1:
            line, end = value.end_lineno or value.lineno, value.end_col_offset or 0
            yield Edit(value.lineno, value.col_offset, (value.func.end_col_offset or 0) + 1, "")
            yield Edit(line, end - 1, end, "")
        else:
            yield _name(value.func, "")  # a comma may stand before its parenthesis
    if len(call.args) > 1:
        last = call.args[-1]
        below, after = last.end_lineno or last.lineno, last.end_col_offset or 0
        yield Edit(below, after, after, r', sep="\n"')


def _text_of(step: FlowStep, value: ast.expr) -> ast.expr | None:
    """The text that an object of IPython's stands for."""
    match value:
        case ast.Call(func=ast.Name(id=name), args=[text], keywords=[]) if name in _TEXTS:
            imports = (p.definition for p in step.body.definitions if name in p.definition.names)
            is_starred = isinstance(text, ast.Starred | ast.GeneratorExp)
            if not is_starred and any("IPython" in each.source for each in imports):
                return text
    return None


def _name(node: ast.expr, text: str) -> Edit:
    return Edit(node.lineno, node.col_offset, node.end_col_offset or 0, text)
