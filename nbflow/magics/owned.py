"""Which variables of the kernel are steps' still, and which the user has bound since."""

from __future__ import annotations

import ast
import re
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import msgspec

_WORD = re.compile(r"[^\W\d]\w*")


class _Owned(msgspec.Struct, frozen=True):
    #: Id of the cell that gives it.
    cell: str
    #: Gives the value it was bound to; None as long as there is none.
    value: Callable[[], object] | None = None


class Owned:
    """The names that steps have bound, each with its cell and its value.

    No value is kept here that the user has dropped: not beyond the cell in which he did.

    Parameters
    ----------
    namespace
        The kernel's.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._names: dict[str, _Owned] = {}

    def add(self, name: str, cell: str) -> None:
        """A cell has given a name, whose value is not there yet."""
        self._names[name] = _Owned(cell)

    def loaded(self, name: str) -> None:
        """The name has been bound to its value."""
        if name in self._names and name in self._namespace:
            self._names[name] = _Owned(self._names[name].cell, _held(self._namespace[name]))

    def names(self) -> list[tuple[str, str]]:
        """The names, each with the id of its cell."""
        return [(name, owned.cell) for name, owned in self._names.items()]

    def is_ours(self, name: str) -> bool:
        """Whether the name has the very value that it was bound to."""
        owned = self._names.get(name)
        if owned is None or owned.value is None or name not in self._namespace:
            return False
        return self._namespace[name] is owned.value()

    def drop(self, name: str) -> None:
        """The name is nobody's."""
        self._names.pop(name, None)

    def settle(self, source: str, waiting: Collection[str]) -> None:
        """After a cell of the user's: what it may have bound is his, even to the very value."""
        if not self._names:
            return
        bound = frozenset(_bound(source))
        for name, owned in tuple(self._names.items()):
            is_lost = owned.value is not None and not self.is_ours(name)
            if is_lost or (name in bound and name not in waiting):
                self.drop(name)


def _held(value: object) -> Callable[[], object]:
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value


def _bound(source: str) -> Iterator[str]:
    """Names that a cell binds somewhere, in a function of its own too: rather one too many."""
    lines = source.splitlines()
    magics = [line for line in lines if line.lstrip().startswith(("%", "!"))]
    for line in magics:
        if "=" in line:
            yield from _WORD.findall(line)
    try:
        tree = ast.parse("\n".join(line for line in lines if line not in magics))
    except (SyntaxError, ValueError):
        yield from _WORD.findall(source)
        return
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=given):
                yield given or name.partition(".")[0]
            case _:
                pass
