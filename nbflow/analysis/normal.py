"""The normal form of source: what is left when comments, blank lines and layout are gone."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from functools import lru_cache

from nbflow.records.digest import Digest, of_structure

#: Fields that say nothing which the rest of the tree does not: ``ctx`` follows from the place,
#: ``kind`` marks ``u"..."``.
_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


def digest_of_statement(statement: ast.stmt) -> Digest:
    """Digest of one statement."""
    # Not `ast.dump`: its form differs between versions of Python, and it takes twice the time.
    out: list[str] = []
    _write(statement, out)
    return of_structure("nbflow.statement-1", "".join(out))


def digest_of_body(statements: Sequence[Digest], *, hides_display: bool) -> Digest:
    """Digest of a whole body by its statements'; a final ``;`` counts: it hides the last value."""
    return of_structure("nbflow.body-1", [statements, hides_display])


@lru_cache(maxsize=256)
def digest_of_module(source: bytes) -> Digest | None:
    """Digest of a module's source; None where it cannot be parsed.

    >>> digest_of_module(b"x = 1") == digest_of_module(b"# one\\nx  =  1")
    True
    """
    try:
        statements = parsed(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return of_structure("nbflow.module-1", [digest_of_statement(each) for each in statements])


@lru_cache(maxsize=16)
def parsed(source: bytes) -> ast.Module:
    """The tree of a module's source."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def digest_of_text(text: str) -> Digest:
    """Digest of a body that cannot be parsed: every character counts."""
    return of_structure("nbflow.text-1", text)


def _write(node: object, out: list[str]) -> None:
    if isinstance(node, ast.AST):
        out.append(f"{type(node).__name__}(")
        for name in node._fields:
            value = None if name in _SILENT else getattr(node, name, None)
            if value is None or value == []:
                continue
            out.append(f"{name}=")
            _write(value, out)
        out.append(")")
    elif isinstance(node, list):
        out.append("[")
        for item in node:
            _write(item, out)
            out.append(",")
        out.append("]")
    elif type(node) is int:
        # Decimal digits are limited in length, hexadecimal ones are not.
        out.append(f"{node:#x}")
    else:
        out.append(repr(node))
