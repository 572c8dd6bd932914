"""The analysis agrees with Python's own symbol table, on modules of the standard library."""

from __future__ import annotations

import ast
import importlib.util
import symtable
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
    # Names of caught exceptions are unbound again, and names of a class body may be global.
    caught = {n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ExceptHandler)}
    assert python_binds - caught == bound
    assert python_reads - caught - {"__class__"} <= read | bound
    assert read <= python_reads | python_binds | _class_names(text)


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


def _class_names(text: str) -> set[str]:
    classes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
    return {
        node.id
        for statement in classes
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
