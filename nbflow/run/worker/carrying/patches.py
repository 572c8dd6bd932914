"""What a body sets on modules and classes of libraries, where its source does not show it.

The functions that the body names are looked at, those of libraries too, and what these name: where
one sets attributes of anything, the modules and classes that its names lead to are compared before
and after. So nothing is compared where nothing can be set; what lies deeper is not seen.
"""

from __future__ import annotations

import ast
import opcode
import sys
import types
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbflow.analysis.configuration import configuration_of
from nbflow.analysis.nodes import nodes_of
from nbflow.records.message import Source
from nbflow.records.problem import Problem
from nbflow.run.worker.shell import WorkerShell

#: So many functions are looked at, the nearest first; and so far below those that the body names.
_MAXIMUM_FUNCTIONS = 24
_MAXIMUM_DEPTH = 2

_STORES = bytes([opcode.opmap["STORE_ATTR"], opcode.opmap["DELETE_ATTR"]])
_SETTERS = frozenset({"setattr", "delattr"})
_WRAPPERS = (staticmethod, classmethod)
_ATOMS = (type(None), bool, int, float, complex, str, bytes)
_NOTHING = object()


@dataclass(slots=True)
class _Code:
    """Code to be looked at: what its names mean, and what it could set."""

    names: tuple[str, ...]
    meanings: Mapping[str, Any]
    sets: bool
    depth: int


@dataclass(slots=True)
class Patches:
    """Watches libraries while one body runs."""

    shell: WorkerShell
    #: Modules and classes by ``id``, and what they had under some names.
    _before: dict[int, tuple[Any, dict[str, Any]]] = field(default_factory=dict)
    #: What the body sets for all to see: it is said again in the steps below.
    _shown: set[tuple[int, str]] = field(default_factory=set)
    #: The attributes by which its source gets there.
    shown: set[str] = field(default_factory=set)
    #: What was set and does not hold below.
    _set: list[str] = field(default_factory=list)
    #: The patches that were started before.
    _started: list[Any] = field(default_factory=list)

    def __enter__(self) -> None:
        self._started = _patches_started()
        self.shell.ast_transformers.append(self)

    def __exit__(self, *_: object) -> None:
        self.shell.ast_transformers.remove(self)
        # Now: nbflow's own patches of this task are still there, as they were before its body.
        self._set = [
            f"`{_name_of(holder)}.{attribute}`"
            for holder, before in self._before.values()
            for attribute, old in before.items()
            if (id(holder), attribute) not in self._shown
            and _differ(holder, old, vars(holder).get(attribute, _NOTHING))
        ]
        self._set += [
            f"`{_name_of(patch.target)}.{patch.attribute}`"
            for patch in _patches_started()
            if patch not in self._started and _is_of_library(patch.target)
        ]

    def visit(self, tree: ast.AST) -> ast.AST:
        """Look at the body that is about to run, as a transformer that leaves it as it is."""
        if isinstance(tree, ast.Module):
            self._look(tree)
        return tree

    def hazards(self, body: Source) -> Iterator[Problem]:
        """What was set and does not hold below."""
        if self._set:
            yield unseen_below(body, ", ".join(sorted(self._set)))

    def _look(self, tree: ast.Module) -> None:
        nodes = [node for statement in tree.body for node in nodes_of(statement)]
        meanings = {**self.shell.user_ns, **_imports(nodes)}
        said = [each for each in tree.body if _is_said_again(each, meanings)]
        known = {node.id for each in said for node in nodes_of(each) if isinstance(node, ast.Name)}
        looked = [e for e in tree.body if e not in said and not _imports_only(e, known)]
        sets = False
        for statement in tree.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Attribute() as target])
                    | ast.AugAssign(target=ast.Attribute() as target)
                ):
                    self._shown.add((id(_meant(target.value, meanings)), target.attr))
                    self.shown |= {n.attr for n in nodes_of(target) if isinstance(n, ast.Attribute)}
                case _:
                    sets = sets or any(_stores(node) for node in nodes_of(statement))
        nodes = [node for statement in looked for node in nodes_of(statement)]
        names = tuple(dict.fromkeys(_names(nodes)))
        self._follow(_Code(names, meanings, sets or not _SETTERS.isdisjoint(names), 0))

    def _follow(self, first: _Code) -> None:
        waiting = deque([first])
        seen: set[int] = set()
        while waiting and len(seen) < _MAXIMUM_FUNCTIONS:
            code = waiting.popleft()
            for thing in _reached(code.names, code.meanings):
                if code.sets and isinstance(thing, types.ModuleType | type):
                    self._note(thing, code.names)
                for function in _functions(thing):
                    inner = function.__code__
                    if id(inner) not in seen and code.depth < _MAXIMUM_DEPTH:
                        seen.add(id(inner))
                        names = tuple(dict.fromkeys(_names_of_code(inner)))
                        sets = _may_set(inner) or not _SETTERS.isdisjoint(names)
                        # What the notebook's own functions name is as near as what it names.
                        depth = code.depth + (function.__module__ != "__main__")
                        waiting.append(_Code(names, function.__globals__, sets, depth))

    def _note(self, holder: Any, names: Collection[str]) -> None:
        if not _is_of_library(holder) or vars(holder) is self.shell.user_ns:
            return
        _, before = self._before.setdefault(id(holder), (holder, {}))
        held = vars(holder)
        for name in names:
            if holder is not sys or name != "displayhook":  # IPython sets it, cell by cell
                before.setdefault(name, held.get(name, _NOTHING))


def _is_said_again(statement: ast.stmt, meanings: Mapping[str, Any]) -> bool:
    """Whether it is known to configure a library: it is said again below, or named before."""
    if not isinstance(statement, ast.Expr):
        return False
    told = configuration_of(statement, lambda _: (frozenset(), frozenset()))
    if told is None or told.likely:
        return False
    thing = meanings.get(told.root)
    called = "__name__" if isinstance(thing, types.ModuleType) else "__module__"
    return str(getattr(thing, called, "")).partition(".")[0] == told.package


def _imports_only(statement: ast.stmt, names: Collection[str]) -> bool:
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return False
    return all((alias.asname or alias.name) in names for alias in statement.names)


def _patches_started() -> list[Any]:
    """What ``patch(…).start()`` has set and nothing has stopped."""
    mock = sys.modules.get("unittest.mock")
    return [] if mock is None else list(mock._patch._active_patches)


def _is_of_library(holder: Any) -> bool:
    return (
        isinstance(holder, types.ModuleType | type)
        and getattr(holder, "__module__", "") != "__main__"
    )


def _reached(names: Collection[str], meanings: Mapping[str, Any]) -> Iterator[Any]:
    """Modules, classes, functions and the like that names lead to, through modules and classes."""
    waiting = [meanings[name] for name in names if name in meanings]
    seen: set[int] = set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, _ATOMS):
            continue
        seen.add(id(thing))
        yield thing
        if isinstance(thing, types.ModuleType | type):
            held = vars(thing)
            waiting += [held[name] for name in names if name in held]


def _functions(thing: Any) -> Iterator[types.FunctionType]:
    """The functions that may run when something is called or used."""
    while isinstance(thing, _WRAPPERS):
        thing = thing.__func__
    if isinstance(thing, types.FunctionType):
        yield thing
        inner = getattr(thing, "__wrapped__", None)
        if inner is not None and inner is not thing:
            yield from _functions(inner)
        return
    kind = thing if isinstance(thing, type) else type(thing)
    if kind.__module__ == "__main__":
        for value in list(vars(kind).values()):
            if isinstance(value, types.FunctionType | staticmethod | classmethod):
                yield from _functions(value)


def _names_of_code(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_of_code(constant)
        elif isinstance(constant, str) and constant.isidentifier():
            yield constant  # as for ``setattr``


def _may_set(code: types.CodeType) -> bool:
    operations = code.co_code[::2]
    return any(store in operations for store in _STORES) or any(
        _may_set(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)
    )


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name
            case ast.Constant(value=str() as text) if text.isidentifier():
                yield text


def _stores(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)


def _imports(nodes: Iterable[ast.AST]) -> dict[str, Any]:
    """What the body's own imports will bind, as far as it is there already."""
    found: dict[str, Any] = {}
    for node in nodes:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    name = alias.name if alias.asname else alias.name.partition(".")[0]
                    if name in sys.modules:
                        found[alias.asname or name] = sys.modules[name]
            case ast.ImportFrom(module=str() as module, names=aliases) if module in sys.modules:
                held = vars(sys.modules[module])
                found |= {a.asname or a.name: held[a.name] for a in aliases if a.name in held}
    return found


def _meant(node: ast.expr, meanings: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            return meanings.get(name)
        case ast.Attribute(value=value, attr=name):
            return getattr(_meant(value, meanings), "__dict__", {}).get(name)
    return None


def _differ(holder: Any, old: Any, new: Any) -> bool:
    if old is new or isinstance(new, types.ModuleType):
        return False
    if isinstance(old, _ATOMS) and type(old) is type(new) and old == new:
        return False
    if old is _NOTHING and isinstance(holder, types.ModuleType):
        # A library that loads its parts when they are asked for.
        package = str(getattr(new, "__module__", "")).partition(".")[0]
        return package != holder.__name__.partition(".")[0]
    return True


def _name_of(holder: Any) -> str:
    if isinstance(holder, types.ModuleType):
        return holder.__name__
    return f"{holder.__module__}.{holder.__qualname__}"


def unseen_below(body: Source, what: str) -> Problem:
    """That a step sets something which does not reach the steps below."""
    return Problem(
        code="patched-library",
        message=f"step `{body.step}` sets {what}, which holds for the process it runs in only: "
        "the steps below run in others",
        remedy="Move it into a `%%setup` cell: it then runs before every step.",
        number=body.number,
        severity="warning",
    )
