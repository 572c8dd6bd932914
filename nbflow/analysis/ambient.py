"""Which statements change the state of the whole process: generators, options, the environment."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

#: Calls that set process-wide state, by the end of their dotted name.
_SETTERS = (
    *(("random", "seed"), ("manual_seed",), ("set_seed",)),
    *(("style", "use"), ("rcParams", "update"), ("rcdefaults",), ("rc",), ("init_printing",)),
    *(("set_theme",), ("set_style",), ("set_palette",), ("set_context",), ("sns", "set")),
    *(("set_option",), ("reset_option",), ("set_printoptions",), ("seterr",)),
    *(("os", "chdir"), ("os", "putenv"), ("os", "unsetenv"), ("environ", "update")),
    *(("environ", "setdefault"), ("environ", "pop"), ("sys", "path", "append")),
    *(("sys", "path", "insert"), ("filterwarnings",), ("simplefilter",), ("setlocale",)),
    *(("basicConfig",), ("random", "setstate"), ("random", "set_state")),
)
#: What is assigned to: ``plt.rcParams["font.size"] = 8``, ``pd.options.display.width = 80``.
_ASSIGNED = (("rcParams",), ("environ",), ("pd", "options"), ("pandas", "options"))


def ambient_changes(statements: Sequence[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Line and text of what is set for the whole process when these statements run."""
    for node in _executed(statements):
        match node:
            case ast.Call(func=ast.Attribute() as function):
                if _ends_with(function, _SETTERS):
                    yield node.lineno, f"{ast.unparse(function)}(…)"
            case ast.Assign(targets=targets):
                yield from _assigned(targets)
            case ast.AugAssign(target=target):
                yield from _assigned([target])


def _assigned(targets: Iterable[ast.expr]) -> Iterator[tuple[int, str]]:
    for target in targets:
        holder: ast.expr = target
        while isinstance(holder, ast.Attribute | ast.Subscript):
            holder = holder.value
            if isinstance(holder, ast.Attribute) and _ends_with(holder, _ASSIGNED):
                yield target.lineno, f"{ast.unparse(target)} = …"
                break


def _ends_with(node: ast.Attribute, endings: Iterable[tuple[str, ...]]) -> bool:
    parts = _dotted(node)
    # A method of that name is no setter: there must be a module before the last word.
    return any(len(parts) > 1 and tuple(parts[-len(end) :]) == end for end in endings)


def _dotted(node: ast.expr) -> list[str]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []


def _executed(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes but those of functions, which run elsewhere if at all."""
    todo = list(statements)
    while todo:
        node = todo.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            todo.extend(ast.iter_child_nodes(node))
