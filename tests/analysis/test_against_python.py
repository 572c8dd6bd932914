"""The analysis agrees with Python's own symbol table, on modules of the standard library."""

from __future__ import annotations

import ast
import importlib.util
import symtable
from collections.abc import Iterable
from pathlib import Path

import pytest

from nbflow.analysis import analyse

MODULES = ["ast", "codeop", "contextlib", "enum", "functools", "heapq", "json.decoder", "shlex"]


@pytest.mark.parametrize("module", MODULES)
def test_every_global_name_is_found_and_no_other(module: str) -> None:
    text = _source_of(module)
    facts = analyse(text)
    assert facts.syntax_error is None
    bound = {*facts.binds, *facts.may_bind, *facts.deletes}
    read = {*facts.reads, *facts.late_reads}
    for definition in facts.definitions:
        bound |= definition.writes
        read |= definition.needs | definition.calls
    python_binds, python_reads = _globals_of(symtable.symtable(text, module, "exec"))
    # Names of caught exceptions are unbound again; from 3.12 on, the table mixes the targets of
    # comprehensions with the names around them; names of a class body may be global.
    nodes = list(ast.walk(ast.parse(text)))
    passing = {node.name for node in nodes if isinstance(node, ast.ExceptHandler)}
    passing |= _stored(node.target for node in nodes if isinstance(node, ast.comprehension))
    assert python_binds - passing == bound - passing
    assert python_reads - passing - {"__class__"} <= read | bound
    in_classes = _stored(node for node in nodes if isinstance(node, ast.ClassDef))
    assert read <= python_reads | python_binds | in_classes


def _source_of(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")


def _globals_of(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    binds: set[str] = set()
    reads: set[str] = set()
    for symbol in table.get_symbols():
        if table.get_type() != "module" and not symbol.is_global():
            continue
        if symbol.is_assigned() or symbol.is_imported():
            binds.add(symbol.get_name())
        if symbol.is_referenced():
            reads.add(symbol.get_name())
    for child in table.get_children():
        child_binds, child_reads = _globals_of(child)
        binds |= child_binds
        reads |= child_reads
    return binds, reads


def _stored(nodes: Iterable[ast.AST]) -> set[str]:
    return {
        inner.id
        for node in nodes
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
    }
