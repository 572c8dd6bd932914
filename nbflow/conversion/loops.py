"""Loops whose rounds are independent, and what a foreach makes of them."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from nbflow.analysis import analyse
from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import parse
from nbflow.records.facts import Facts

#: Names under which people import what draws into the figure that was drawn into last.
_CURRENT_FIGURE = frozenset({"plt", "pyplot", "pylab", "sns", "seaborn"})
#: Iterables that report how far they are.
_REPORTING = frozenset({"tqdm", "trange", "track", "progress_bar"})
#: Functions that tell how long something takes.
_TIMERS = frozenset(
    {"perf_counter", "perf_counter_ns", "process_time", "monotonic", "default_timer", "timeit"}
)
_EMPTINESS = re.compile(r"#.*\b(?:empty|initiali[sz]\w+)\b", re.IGNORECASE)
#: Methods that compute next to nothing.
_CHEAP = frozenset({"append", "format", "join", "split", "strip", "lower", "upper", "replace"})


class Split(msgspec.Struct, frozen=True):
    """A cell with a loop, taken apart."""

    #: What stands above the loop, without the lists made empty; empty if that is all.
    before: str
    clause: str
    #: One round: it binds an item of each list instead of appending it.
    body: str
    #: The lists.
    outputs: tuple[str, ...]
    #: What stands below the loop.
    after: str


class NotIndependentError(ValueError):
    """The loop is like one that could be a foreach; the message says why."""


def split_of(source: str, below: Sequence[Facts], functions: Iterable[Facts]) -> Split | None:
    """The cell as a foreach; None when it has no loop that fills a list.

    Parameters
    ----------
    below
        Facts of the cells below.
    functions
        Facts of all cells, whose functions may read what the loop binds.

    Raises
    ------
    NotIndependentError
        It has one, and that must remain a loop.
    """
    statements = parse(source).statements
    lines = source.split("\n")
    sometimes: set[str] = set()
    for place, statement in enumerate(statements):
        if not isinstance(statement, ast.For):
            continue
        empty: dict[str, ast.stmt] = {}
        for made in statements[:place]:
            names = _made_empty(made)
            appended = {n for n in names if any(_appended(s, n) for s in _inner(statement))}
            if names and appended == {*names}:
                empty |= dict.fromkeys(names, made)
            elif any(_appended(node, name) for node in ast.walk(statement) for name in names):
                sometimes.update(names)
        if empty:
            shared = any(a.end_lineno == b.lineno for a, b in pairwise(statements))
            if shared:
                raise NotIndependentError("two statements share a line")
            return _split(lines, statement, empty, below, functions)
    if sometimes:
        raise NotIndependentError(f"it does not append to `{min(sometimes)}` once in each round")
    return None


def _split(
    lines: list[str],
    loop: ast.For,
    empty: dict[str, ast.stmt],
    below: Sequence[Facts],
    functions: Iterable[Facts],
) -> Split:
    clauses, inner = _clauses(loop)
    for node in nodes_of(loop):
        if isinstance(node, ast.Break | ast.Continue | ast.Await | ast.Yield | ast.Global):
            raise NotIndependentError(f"it has `{type(node).__name__.lower()}`")
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.lineno != node.end_lineno:
            raise NotIndependentError("a text in it goes over several lines")
        if isinstance(node, ast.Name | ast.Attribute) and _name(node) in _TIMERS:
            raise NotIndependentError("its rounds are timed")
    body = _body(lines, inner, empty)
    targets = {n.id for c in clauses for n in ast.walk(c.target) if isinstance(n, ast.Name)}
    facts = analyse(body)
    _check_rounds(facts, targets, empty)
    _check_iterables(clauses, facts)
    if not _works(inner):
        raise NotIndependentError("a round has next to nothing to do")
    made = {line for s in empty.values() for line in range(s.lineno, (s.end_lineno or 0) + 1)}
    made |= {line for first in made for line in _about_emptiness(lines, first)}
    above = [line for n, line in enumerate(lines[: loop.lineno - 1], 1) if n not in made]
    before, comments = _without_comments_below(above)
    after = "\n".join(lines[loop.end_lineno or loop.lineno :]).strip("\n")
    known = analyse(before)
    if set(empty) & {*known.reads, *known.late_reads, *known.binds, *known.may_bind}:
        raise NotIndependentError("the list is used above the loop as well")
    own = {*targets, *facts.binds, *facts.may_bind} - set(empty)
    _check_readers(own, [analyse(after), *below], functions)
    return Split(
        before=_hidden(before),
        clause=" for ".join(_clause(lines, each) for each in clauses),
        body="\n".join([*comments, _hidden(body)]),
        outputs=tuple(empty),
        after=after,
    )


def _made_empty(statement: ast.stmt) -> tuple[str, ...]:
    """The lists that a statement makes, empty: ``xs = []``, ``xs, ys = [], []``."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_empty(value):
            return (name,)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
            targets
        ) == len(values) and all(map(_is_empty, values)):
            names = tuple(each.id for each in targets if isinstance(each, ast.Name))
            return names if len(names) == len(targets) else ()
    return ()


def _is_empty(value: ast.expr) -> bool:
    match value:
        case ast.List(elts=[]) | ast.Call(func=ast.Name(id="list"), args=[], keywords=[]):
            return True
    return False


def _appended(statement: ast.AST, name: str) -> ast.Call | None:
    """The call of ``name.append`` that a statement is."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=n), attr="append")) as c):
            return c if n == name else None
    return None


def _inner(loop: ast.For) -> list[ast.stmt]:
    """The statements of the innermost of loops that hold nothing but each other."""
    match loop.body:
        case [ast.For() as nested]:
            return _inner(nested)
    return loop.body


def _clauses(loop: ast.For) -> tuple[list[ast.For], ast.For]:
    loops = [loop]
    while isinstance(nested := loops[-1].body[0], ast.For) and len(loops[-1].body) == 1:
        loops.append(nested)
    if any(each.orelse for each in loops):
        raise NotIndependentError("it has an `else`")
    return loops, loops[-1]


def _clause(lines: list[str], loop: ast.For) -> str:
    """``target in iterable``, as a comprehension has it."""
    target = ast.get_source_segment("\n".join(lines), loop.target) or ""
    if "\n" in target:
        target = ast.unparse(loop.target)
    iterable = ast.get_source_segment("\n".join(lines), loop.iter) or ""
    if "\n" in iterable or isinstance(loop.iter, ast.Tuple):
        iterable = ast.unparse(loop.iter)
    if isinstance(loop.iter, ast.IfExp | ast.Lambda | ast.NamedExpr):
        iterable = f"({iterable})"
    return f"{target} in {iterable}"


def _body(lines: list[str], loop: ast.For, empty: dict[str, ast.stmt]) -> str:
    """The round's own lines, each ``name.append(value)`` turned into ``name = value``."""
    header = loop.body[0].lineno - 1
    if header < (loop.iter.end_lineno or loop.lineno):
        raise NotIndependentError("it is written in one line")
    while not lines[header - 1].strip() or lines[header - 1].lstrip().startswith("#"):
        header -= 1
    texts = list(lines[header : loop.end_lineno])
    for name in empty:
        calls = [call for each in loop.body if (call := _appended(each, name))]
        if len(calls) != 1 or calls[0].keywords or len(calls[0].args) != 1:
            raise NotIndependentError(f"it does not append to `{name}` once in each round")
        uses = [
            n for s in loop.body for n in ast.walk(s) if isinstance(n, ast.Name) and n.id == name
        ]
        if len(uses) > 1:
            raise NotIndependentError(f"a round reads `{name}` as the others left it")
        value = ast.get_source_segment("\n".join(lines), calls[0].args[0]) or ""
        if "\n" in value or calls[0].lineno != calls[0].end_lineno:
            value = ast.unparse(calls[0].args[0])
        first = calls[0].lineno - 1 - header
        indent = texts[first][: len(texts[first]) - len(texts[first].lstrip())]
        rest = lines[(calls[0].end_lineno or 1) - 1].encode()[calls[0].end_col_offset :].decode()
        texts[first] = f"{indent}{name} = {value}{rest.rstrip(';')}"
        for extra in range(first + 1, (calls[0].end_lineno or 1) - header):
            texts[extra] = "\0"
    return textwrap.dedent("\n".join(text for text in texts if text != "\0")).strip("\n")


def _check_rounds(facts: Facts, targets: set[str], empty: Iterable[str]) -> None:
    if facts.syntax_error is not None:
        raise NotIndependentError("a round alone is not valid Python")
    read = {*facts.reads, *facts.late_reads}
    bound = {*facts.binds, *facts.may_bind, *facts.deletes}
    for name in empty:
        if name in read:
            raise NotIndependentError(f"a round reads `{name}` as the others left it")
        if name not in facts.binds:
            raise NotIndependentError(f"not each round appends to `{name}`")
    carried = sorted((read & bound) - targets)
    if carried:
        raise NotIndependentError(f"a round goes on with `{carried[0]}` of the one before")
    if facts.draws or facts.ambient or facts.seeds:
        raise NotIndependentError("its rounds share random numbers or settings")
    changed = sorted({*facts.mutates, *facts.enrols})
    if changed:
        raise NotIndependentError(f"each round changes `{changed[0]}`")
    if any(hazard.kind == "clock" for hazard in facts.hazards):
        raise NotIndependentError("its rounds are timed")
    if facts.files_written or facts.written_by_name:
        raise NotIndependentError("its rounds write files")
    if facts.dynamic:
        raise NotIndependentError(f"`{facts.dynamic[0][1]}` may do anything")
    if figure := sorted(read & _CURRENT_FIGURE):
        raise NotIndependentError(f"its rounds may share a figure (`{figure[0]}`)")


def _check_iterables(clauses: Sequence[ast.For], facts: Facts) -> None:
    for clause in clauses:
        for node in nodes_of(clause.iter):
            if isinstance(node, ast.Name | ast.Attribute):
                name = _name(node)
                if name in _REPORTING:
                    raise NotIndependentError(f"`{name}` shows how far the loop is")
                if name in facts.binds or name in facts.may_bind:
                    raise NotIndependentError(f"a round binds `{name}`, which the loop goes over")
        if any(isinstance(node, ast.Attribute | ast.Subscript) for node in ast.walk(clause.target)):
            raise NotIndependentError(f"`{ast.unparse(clause.target)}` is no plain name")


def _check_readers(own: set[str], below: Sequence[Facts], functions: Iterable[Facts]) -> None:
    """What a round binds is known to nobody afterwards: refuse it where somebody reads it."""
    for facts in functions:
        for definition in facts.definitions:
            if read := sorted(own & (definition.calls | definition.needs)):
                raise NotIndependentError(f"a function reads `{read[0]}` of its last round")
    left = set(own)
    for facts in below:
        if read := sorted(left & {*facts.reads, *facts.late_reads}):
            raise NotIndependentError(f"`{read[0]}` of its last round is read below")
        left -= facts.binds.keys()


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _works(loop: ast.For) -> bool:
    """Whether a round calls anything that may take time."""
    for statement in loop.body:
        for node in nodes_of(statement):
            match node:
                case ast.While():
                    return True
                case ast.For(body=body) if any(isinstance(each, ast.For) for each in body):
                    return True
                case ast.Call(func=ast.Name(id=name)) if not hasattr(builtins, name):
                    return True
                case ast.Call(func=ast.Attribute(attr=name)) if name not in _CHEAP:
                    return True
    return False


def _about_emptiness(lines: list[str], first: int) -> Iterator[int]:
    """The lines right above a line, counted from one, that only tell of an empty list."""
    while first > 1 and _EMPTINESS.match(lines[first - 2]):
        first -= 1
        yield first


def _without_comments_below(lines: list[str]) -> tuple[str, list[str]]:
    """The text, and the comments at its end, which belong to the loop."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    comments = [line for line in lines[end:] if line.strip()]
    return "\n".join(lines[:end]).strip("\n"), comments


def _hidden(text: str) -> str:
    """With its last value hidden, which no loop and no statement in the middle displays."""
    facts = analyse(text)
    if not facts.displays:
        return text
    last = parse(text).statements[-1]
    match last:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return text
    lines = text.split("\n")
    end = (last.end_lineno or 1) - 1
    line = lines[end].encode()
    cut = last.end_col_offset or len(line)
    lines[end] = f"{line[:cut].decode()};{line[cut:].decode()}"
    return "\n".join(lines)
