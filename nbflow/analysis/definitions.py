"""Which statements are definitions: imports, functions, classes and literal constants."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from nbflow.analysis.magics import INSTALLERS
from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import Magic
from nbflow.analysis.type_aliases import is_alias
from nbflow.records.facts import DefinitionKind

#: Calls whose result is a class (or stands for one in annotations).
_CLASS_FACTORIES = frozenset(
    {
        *("namedtuple", "NamedTuple", "TypedDict", "NewType", "make_dataclass"),
        *("TypeVar", "ParamSpec", "TypeVarTuple"),
        *("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"),
    }
)

#: What may stand beside the definitions under a condition: it tells people why one is missing. An
#: installation may stand there, too.
_TELLING = frozenset({"print", "warn"})

#: Above this, a constant expression is computed once as data, not again in every task.
_LARGEST_EXPONENT = 1_000
_LARGEST_REPEAT = 100_000
#: In bits: longer ones cannot be written as decimal digits.
_LONGEST_INTEGER = 8_000


def definition_kind(statement: ast.stmt) -> DefinitionKind | None:
    """What a statement defines, or None when it is no definition.

    ``try`` and ``if`` statements are one definition when all they hold are definitions.
    """
    match statement:
        case ast.Import() | ast.ImportFrom():
            return "import"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return "function"
        case ast.ClassDef():
            return "class"
        case ast.Assign(targets=targets, value=value):
            return _kind_of_value(targets, value)
        case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=ast.expr() as value):
            if last_name(annotation) == "TypeAlias":
                return "class"
            return _kind_of_value([statement.target], value)
        case ast.If() | ast.Try():
            return _kind_of_group(statement)
    return "class" if type(statement).__name__ == "TypeAlias" else None


def decorating(statement: ast.stmt) -> frozenset[str]:
    """The names of which an attribute decorates a definition: ``app`` of ``@app.route("/")``."""
    found: set[str] = set()
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    for decorator in decorators:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        while isinstance(node, ast.Attribute):
            node = node.value
            if isinstance(node, ast.Name):
                found.add(node.id)
    return frozenset(found)


def registered_with(statement: ast.stmt) -> str:
    """The name whose object is told of what is defined: ``show`` of ``show.register(float, f)``.

    It is empty where anything is called for that, which may give something else each time.
    """
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=node, attr="register"), args=args) as call
        ):
            told = (*args, *(keyword.value for keyword in call.keywords))
            if not any(isinstance(part, ast.Call) for each in told for part in nodes_of(each)):
                while isinstance(node, ast.Attribute):
                    node = node.value
                return last_name(node)
    return ""


def is_of_shell(node: ast.expr) -> bool:
    """Whether an expression is IPython's shell, or a part of it, which each process has its own of.

    >>> is_of_shell(ast.parse("get_ipython().display_formatter.formatters['x']", mode="eval").body)
    True
    """
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Subscript) and not is_literal(node.slice):
            return False
        match node:
            case ast.Attribute(value=ast.Name(), attr="display_formatter"):
                return True
        node = node.value
    return isinstance(node, ast.Call) and last_name(node.func) == "get_ipython" and not node.args


def modules_of(statement: ast.stmt) -> tuple[str, ...]:
    """The dotted modules that a statement's imports name, outside functions."""
    modules: dict[str, None] = {}
    for leaf in _leaves(statement):
        if isinstance(leaf, ast.Assign) and is_of_shell(leaf.value):
            modules["IPython"] = None
        elif isinstance(leaf, ast.Import):
            modules.update((alias.name, None) for alias in leaf.names)
        elif isinstance(leaf, ast.ImportFrom):
            modules["." * leaf.level + (leaf.module or "")] = None
    return tuple(modules)


def is_literal(node: ast.expr) -> bool:
    """Whether an expression is a constant: literals, containers of them, small arithmetic.

    >>> is_literal(ast.parse("60 * 60", mode="eval").body)
    True
    """
    match node:
        case ast.Constant(value=value):
            return not isinstance(value, int) or value.bit_length() <= _LONGEST_INTEGER
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return all(map(is_literal, elements))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and is_literal(key) for key in keys) and all(
                map(is_literal, values)
            )
        case ast.UnaryOp(operand=operand):
            return is_literal(operand)
        case ast.BinOp(left=left, op=operator, right=right):
            return is_literal(left) and is_literal(right) and _is_small(left, operator, right)
    return False


def _is_small(left: ast.expr, operator: ast.operator, right: ast.expr) -> bool:
    if isinstance(operator, ast.Pow | ast.LShift):
        return isinstance(left, ast.Constant) and _at_most(right, _LARGEST_EXPONENT)
    if isinstance(operator, ast.Mult):
        for sequence, times in ((left, right), (right, left)):
            if not _is_number(sequence):
                return _at_most(times, _LARGEST_REPEAT)
    return True


def _is_number(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float | complex)
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
    return False


def _at_most(node: ast.expr, largest: int) -> bool:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _at_most(operand, largest)
        case ast.Constant(value=int() | float() as value):
            return value <= largest
    return False


def _kind_of_value(targets: Sequence[ast.expr], value: ast.expr) -> DefinitionKind | None:
    if is_literal(value):
        return "constant" if all(map(_binds_names_only, targets)) else None
    if not all(isinstance(target, ast.Name) for target in targets):
        return None
    if isinstance(value, ast.Lambda):
        return "function"
    if is_of_shell(value):
        return "import"
    if isinstance(value, ast.Call) and last_name(value.func) in _CLASS_FACTORIES:
        return "class"
    if all(isinstance(target, ast.Name) and is_alias(target.id, value) for target in targets):
        return "class"
    return None


def _kind_of_group(statement: ast.If | ast.Try) -> DefinitionKind | None:
    kinds: list[DefinitionKind] = []
    for leaf in _leaves(statement):
        if _is_idle(leaf):
            continue
        kind = definition_kind(leaf)
        if kind is None:
            return None
        kinds.append(kind)
    return next((kind for kind in kinds if kind != "constant"), kinds[0] if kinds else None)


def _leaves(statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements under ``if`` and ``try``; any other statement is its own leaf."""
    blocks: Iterable[Sequence[ast.stmt]]
    match statement:
        case ast.If():
            blocks = (statement.body, statement.orelse)
        case ast.Try():
            handlers = (handler.body for handler in statement.handlers)
            blocks = (statement.body, *handlers, statement.orelse, statement.finalbody)
        case _:
            yield statement
            return
    for block in blocks:
        for inner in block:
            yield from _leaves(inner)


def _is_idle(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Raise() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=Magic(name=name)):
            return name in INSTALLERS
        case ast.Expr(value=ast.Call(func=function)):
            return last_name(function) in _TELLING
    return False


def _binds_names_only(target: ast.expr) -> bool:
    match target:
        case ast.Name():
            return True
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return all(map(_binds_names_only, elements))
    return False


def last_name(node: ast.expr) -> str:
    """What an expression is called by its last word; nothing where it is no name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
