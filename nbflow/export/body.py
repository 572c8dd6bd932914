"""The text of a cell without its mark, as a user would have written it in the first place."""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Mapping

import msgspec

from nbflow.steps import Clause, CodeCell

_OPTION = re.compile(r"\s*#\s*\|")


def body(code: CodeCell) -> str:
    """The cell's own lines, without those of its mark."""
    directive = code.directive
    if directive is None:
        return code.cell.source.strip("\n")
    before, after = code.cell.source.split("\n"), code.body.split("\n")
    lines = [new for old, new in zip(before, after, strict=True) if old == new]
    if directive.spelling == "comment":
        start = next((n for n, line in enumerate(lines) if not _OPTION.match(line)), len(lines))
        lines = lines[start:]
    return "\n".join(lines).strip("\n")


def indented(text: str, by: str = "    ") -> str:
    """The text one block deeper; what stands within a string of many lines stays.

    >>> indented("x = 1")
    '    x = 1'
    """
    inside = _inside_strings(text)
    lines = text.split("\n")
    return "\n".join(
        line if number in inside or not line.strip() else by + line
        for number, line in enumerate(lines, 1)
    )


def _inside_strings(text: str) -> set[int]:
    """The lines that begin within a string."""
    found: set[int] = set()
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            name = tokenize.tok_name[token.type]
            if name == "STRING":
                found.update(range(token.start[0] + 1, token.end[0] + 1))
            elif name == "FSTRING_START":
                opened.append(token.start[0])
            elif name == "FSTRING_END":
                found.update(range(opened.pop() + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        pass  # magics: their lines hold no strings of many lines
    return found


class Loop(msgspec.Struct, frozen=True):
    """A foreach's clause as a ``for`` statement has it."""

    target: str
    items: str
    #: Whether the items come about one by one, and so might see what the loop does.
    is_lazy: bool = False

    @property
    def whole(self) -> str:
        """The items, all of which are there before the first is used."""
        return f"list({self.items})" if self.is_lazy else self.items


def loop(clause: Clause, text: str) -> Loop:
    """How to go over the items of a clause."""
    tree = ast.parse(f"[None for {text}]", mode="eval").body
    assert isinstance(tree, ast.ListComp)
    first = tree.generators[0]
    if len(tree.generators) == 1 and not first.ifs and not first.is_async:
        items = ast.get_source_segment(f"[None for {text}]", first.iter) or ""
        target = ast.get_source_segment(f"[None for {text}]", first.target) or ""
        if "\n" in items:
            items = ast.unparse(first.iter)
        if isinstance(first.iter, ast.GeneratorExp):
            return Loop(target, f"[{items.removeprefix('(').removesuffix(')')}]")
        return Loop(target, items, _is_lazy(first.iter))
    return Loop(clause.target, " ".join(textwrap.dedent(clause.expression).split()))


def _is_lazy(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="map" | "filter" | "zip" | "enumerate" | "iter")):
            return True
    return False


def renamed(expression: str, names: Mapping[str, str]) -> str | None:
    """An expression with other words for names that it reads; None where it binds one of them.

    >>> renamed("[x for x in xs]", {"xs": "self.xs"})
    '[x for x in self.xs]'
    """
    nodes = list(ast.walk(ast.parse(expression, mode="eval")))
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    if bound & names.keys() or "\n" in expression:
        return None
    text = expression.encode()
    read = [node for node in nodes if isinstance(node, ast.Name) and node.id in names]
    for node in sorted(read, key=lambda node: node.col_offset, reverse=True):
        end = node.end_col_offset or 0
        text = text[: node.col_offset] + names[node.id].encode() + text[end:]
    return text.decode()
