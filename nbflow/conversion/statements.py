"""What each statement of a cell is for: to define, to configure, to look, or to act."""

from __future__ import annotations

import ast
from typing import Literal

from nbflow.analysis import magics
from nbflow.analysis.ambient import ambient_changes
from nbflow.analysis.configuration import configurations
from nbflow.analysis.definitions import definition_kind
from nbflow.analysis.syntax import Magic
from nbflow.records.ambient import GENERATORS

Purpose = Literal["define", "configure", "magic", "kernel", "look", "act"]

#: Methods that show a value, and are done at once.
_METHODS = frozenset(
    {
        *("head", "tail", "info", "describe", "keys", "items", "values", "memory_usage"),
        *("value_counts", "nunique", "unique", "isnull", "isna", "notnull", "sum", "any", "count"),
        *("summary", "get_params", "to_pandas", "glimpse", "limit", "schema", "collect_schema"),
    }
)
_FUNCTIONS = frozenset(
    {
        *("len", "type", "display", "print", "dir", "vars", "help", "repr", "list", "id", "hex"),
        *("isinstance", "issubclass", "callable", "hasattr"),
    }
)
#: Methods that are looks only where their object is one: a sum of a fit is none.
_DEEPEST = 4
#: What is made of these alone is known before anything runs.
_FIXED = (
    *(ast.Constant, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)

#: Cell magics that only show something.
_SHOWING = frozenset(
    {
        *("%%html", "%%HTML", "%%svg", "%%SVG", "%%latex", "%%markdown", "%%javascript", "%%js"),
        *("%who", "%whos", "%lsmagic", "%magic", "%quickref", "%history", "%psearch", "%pwd"),
    }
)


def purpose_of(statement: ast.stmt) -> Purpose:
    """What a statement at the top level of a cell is for."""
    match statement:
        case ast.Expr(value=Magic(name=name)):
            if name in magics.CONFIGURATION or name in ("%flow",):
                return "magic"
            if name in magics.INSTALLERS - {"!"} or name in _SHOWING | magics.LOOKS:
                return "kernel"
            return "kernel" if _installs(statement.value) else "act"
        case ast.Expr(value=ast.Constant()):
            return "look"
    if definition_kind(statement) is not None:
        return "define"
    if isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign):
        states = [state for _, _, state in ambient_changes([statement])]
        if states and not set(states).intersection(GENERATORS):
            return "configure"
        if not states and any(configurations([statement], frozenset(), _no_reads)):
            return "configure"
    if isinstance(statement, ast.Expr) and _is_look(statement.value, _DEEPEST):
        return "look"
    return "act"


def shows(node: ast.expr) -> bool:
    """Whether an expression surely has a value to display; a call of `print` has none."""
    match node:
        case ast.Call(func=ast.Name(id="print" | "display" | "help")):
            return False
        case ast.Call(func=ast.Attribute(attr="info")):
            return False
    return _is_look(node, _DEEPEST)


def _installs(magic: ast.expr) -> bool:
    assert isinstance(magic, Magic)
    words = magic.line.split()
    installs = words[:2] in (["pip", "install"], ["pip3", "install"], ["conda", "install"])
    return magic.name == "!" and (installs or words[:1] in (["apt"], ["apt-get"]))


def _is_look(node: ast.expr, depth: int) -> bool:
    """Whether an expression only shows what is there, in no time."""
    if depth == 0:
        return False
    if all(isinstance(each, _FIXED) and not isinstance(each, ast.Pow) for each in ast.walk(node)):
        return not isinstance(node, ast.Constant) or not isinstance(node.value, str)
    match node:
        case ast.Name() | ast.Constant(value=int() | None):
            return True
        case ast.Attribute(value=inner):
            return _is_look(inner, depth)
        case ast.Subscript(value=inner, slice=part):
            return _is_look(inner, depth - 1) and _is_part(part)
        case ast.Tuple(elts=parts):
            return all(_is_look(part, depth) for part in parts)
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[right]):
            return _is_look(left, depth) and _is_look(right, depth)
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in _FUNCTIONS:
            return bool(given) and all(_is_look(each, depth - 1) for each in given)
        case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in _METHODS:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            return _is_look(inner, depth - 1) and all(map(_is_part, given))
    return False


def _is_part(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_part(operand)
        case ast.Slice(lower=lower, upper=upper, step=step):
            return all(_is_part(each) for each in (lower, upper, step) if each is not None)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(map(_is_part, parts))
        case ast.Attribute(value=ast.Name()):
            return True
    return False


def _no_reads(_: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(), frozenset()
