"""Names that stand in texts, where somebody looks them up among the notebook's own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress

_NAME = re.compile(r"\b[A-Za-z_]\w*")
_QUERY_NAME = re.compile(r"@([A-Za-z_]\w*)")
_SQL_NAME = re.compile(r"\b(?:from|join)\s+([A-Za-z_]\w*)\b(?!\s*[.(])", re.IGNORECASE)
#: An attribute is none of a model's names.
_FORMULA_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def in_list(text: str) -> list[str]:
    """``var("x y")``."""
    return _NAME.findall(text)


def in_texts_of(statement: ast.stmt) -> Iterator[tuple[str, int]]:
    """``"{rate}".format(**globals())``: names and lines; the texts may be, or hold, names."""
    for node in ast.walk(statement):
        match node:
            case ast.Constant(value=str(text)):
                for name in _NAME.findall(text):
                    yield name, node.lineno


def in_query(text: str) -> list[str]:
    """``df.query("a > @low")``."""
    return _QUERY_NAME.findall(text)


def in_sql(text: str) -> list[str]:
    """Frames in SQL, which may as well be tables of a database."""
    return _SQL_NAME.findall(text)


def in_expression(text: str) -> list[str]:
    """``pd.eval("a + b")``: names of frames, or of columns of a frame."""
    with suppress(SyntaxError, ValueError):
        return [node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]
    return []


def in_formulas(call: ast.Call) -> Iterator[str]:
    """``ols("y ~ np.log(x)", data)``: names of columns, or of the notebook."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        match argument:
            case ast.Constant(value=str(text)) if "~" in text:
                yield from _FORMULA_NAME.findall(text)
