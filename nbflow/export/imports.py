"""The imports of a module: those that it uses, sorted as isort does."""

from __future__ import annotations

import ast
import symtable
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

_WIDTH = 88


@dataclass(slots=True)
class Imports:
    """Import statements, taken apart.

    Parameters
    ----------
    local
        Top-level names of the modules that stand beside the one that imports.
    """

    local: Collection[str]
    #: ``import a.b as c``: module and the name it is given, if any.
    _plain: dict[tuple[str, str], None] = field(default_factory=dict)
    #: ``from a import b as c``: module to pairs of names.
    _named: defaultdict[str, dict[tuple[str, str], None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    #: Names that stay though nothing uses them.
    _needed: set[str] = field(default_factory=set)

    def add(self, source: str, needed: bool = False) -> None:
        """Take in a statement; ``needed``, if it is there for what it does."""
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    self._plain[alias.name, alias.asname or ""] = None
                    if needed:
                        self._needed.add(alias.asname or alias.name.partition(".")[0])
            elif isinstance(statement, ast.ImportFrom):
                module = "." * statement.level + (statement.module or "")
                for alias in statement.names:
                    self._named[module][alias.name, alias.asname or ""] = None
                    if needed:
                        self._needed.add(alias.asname or alias.name)

    def text(self, used: Collection[str]) -> str:
        """The statements for the names that a module uses."""
        sections: dict[int, list[str]] = {}
        for module, asname in sorted(self._plain):
            if {asname or module.partition(".")[0]} & {*used, *self._needed}:
                told = f"import {module}{f' as {asname}' if asname else ''}"
                sections.setdefault(self._section(module), []).append(told)
        for module in sorted(self._named):
            names = [
                (name, asname)
                for name, asname in self._named[module]
                if module == "__future__" or {asname or name} & {*used, *self._needed}
            ]
            if names:
                sections.setdefault(self._section(module), []).append(_from(module, names))
        return "\n\n".join("\n".join(sections[number]) for number in sorted(sections))

    def _section(self, module: str) -> int:
        top = module.partition(".")[0]
        if top == "__future__":
            return 0
        if top in sys.stdlib_module_names:
            return 1
        return 3 if not top or top in self.local else 2


def used_in(text: str) -> set[str]:
    """Every name that a module's code reads; those in annotations that are text as well."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name):
                found.add(name)
            case ast.Constant(value=str(value)) if value.isidentifier() or "[" in value:
                found |= _names_in(value)
    return found


def asked_of_module(text: str) -> set[str]:
    """The names that a module's code looks up in the module, and that it does not bind there."""
    top = symtable.symtable(text, "<flow>", "exec")
    bound = {each.get_name() for each in top.get_symbols() if each.is_assigned()}
    bound |= {each.get_name() for each in top.get_symbols() if each.is_imported()}
    asked: set[str] = set()
    waiting = [top]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        for each in table.get_symbols():
            if each.is_referenced() and (table is top or each.is_global()):
                asked.add(each.get_name())
    return asked - bound


def bound_by(source: str) -> set[str]:
    """The names that an import binds.

    >>> sorted(bound_by("from a import b, c as d"))
    ['b', 'd']
    """
    return {
        alias.asname or alias.name.partition(".")[0]
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for alias in statement.names
    }


def _names_in(text: str) -> set[str]:
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _from(module: str, names: Iterable[tuple[str, str]]) -> str:
    told = [f"{n} as {a}" if a else n for n, a in sorted(names, key=_order)]
    line = f"from {module} import {', '.join(told)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {each}," for each in told), ")"])


def _order(names: tuple[str, str]) -> tuple[int, str, str]:
    name = names[0]
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name, names[1]
