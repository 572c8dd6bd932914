"""A foreach's clause: what stands after ``for`` in a comprehension, by Python's own grammar."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings

from nbflow.directives.options import OPTIONS, close, known

#: Two dashes and a word, as an option is written; in Python also a double negation.
_DASHES = re.compile(r"(?<=\s)--([A-Za-z][\w-]*)|^--([A-Za-z][\w-]*)")


def split(text: str) -> tuple[str, str]:
    """The clause and the options behind it.

    ``--`` stands in Python too (``xs if a --b``), so the clause ends at the first ``--word`` that
    names an option, or nearly does, and leaves a whole clause before it.

    >>> split("x in xs if x > -1 --cpus 2")
    ('x in xs if x > -1', '--cpus 2')
    """
    fallback: int | None = None
    for match in _DASHES.finditer(text):
        if why_not(text[: match.start()]) is not None:
            continue
        word = match[1] or match[2]
        if known(word) or close(word, _SWITCHES):
            return _bare(text[: match.start()]), text[match.start() :]
        fallback = match.start() if fallback is None else fallback
    if fallback is not None and why_not(text) is not None:
        return _bare(text[:fallback]), text[fallback:]
    # A broken clause: the options behind it still count, unless they are part of the mess.
    first = _DASHES.search(text)
    if first and known(first[1] or first[2]) and why_not(text) is not None:
        return text[: first.start()].strip(), text[first.start() :]
    return _bare(text), ""


def why_not(text: str) -> tuple[str, str] | None:
    """What is wrong with a clause, and the remedy; None when it is one."""
    clause = text.strip()
    if not clause:
        return "a foreach needs a clause", "Write `chunk in chunks`."
    tree = _comprehension(clause)
    if tree is None:
        return f"`{clause}` is not what stands after `for` in a comprehension", _remedy(clause)
    if any(generator.is_async for generator in tree.generators):
        return f"`{clause}` is asynchronous", "Write a plain `for`."
    for generator in tree.generators:
        if not all(isinstance(node, _TARGETS) for node in ast.walk(generator.target)):
            target = ast.unparse(generator.target)
            return f"`{target}` is not a name to bind", "Bind plain names: `key, value in pairs`."
    return None


_TARGETS = (ast.Name, ast.Tuple, ast.List, ast.Starred, ast.expr_context)
#: Only behind a switch does Python see a valid double negation: ``xs --here``.
_SWITCHES = tuple(option.name for option in OPTIONS.values() if not option.metavar)


def _comprehension(clause: str) -> ast.ListComp | None:
    # The line break ends a comment at the end of the clause.
    source = f"[None for {clause}\n]"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source, mode="eval")
            compile(tree, "<clause>", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    body = tree.body
    whole = isinstance(body, ast.ListComp) and isinstance(body.elt, ast.Constant)
    return body if whole and isinstance(body, ast.ListComp) else None


def _remedy(clause: str) -> str:
    first, _, rest = clause.partition(" ")
    if first == "for":
        return f"Leave out the `for`: `{rest.strip()}`."
    if clause.endswith(":") and _comprehension(clause[:-1]):
        return f"Leave out the colon: `{clause[:-1]}`."
    if first.rstrip(":").isidentifier() and _comprehension(rest.strip() or "!"):
        return (
            f"Give a foreach's name behind its clause: `{rest.strip()} --name {first.rstrip(':')}`."
        )
    return "Write for example `chunk in chunks`, or `k, v in d.items() if v`."


def _bare(text: str) -> str:
    clause = text.strip()
    if "#" not in clause:
        return clause
    try:
        for token in tokenize.generate_tokens(io.StringIO(clause).readline):
            if token.type == tokenize.COMMENT and token.start[0] == 1:
                return clause[: token.start[1]].rstrip()
    except (tokenize.TokenError, SyntaxError):
        pass
    return clause
