"""The notebook's own functions, taken apart and put together again.

What is kept of a function's code is what it does, not where it stands: moving or commenting a
cell never changes a digest. Globals are bound late: a function that is loaded reads the names of
the namespace it is loaded into, as it would in one kernel.
"""

from __future__ import annotations

import builtins
import dis
import functools
import importlib
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from cloudpickle import cloudpickle

_FILENAME = "<nbflow>"
_READS_GLOBAL = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
#: Entry of a location table: up to 8 instructions on the line of the one before, no columns.
_SAME_LINE = 0x80 | 13 << 3
_CONSTANTS = (type(None), bool, int, float, complex, str, bytes)

Reduced: TypeAlias = tuple[Any, ...]


def reduce_code(code: types.CodeType) -> Reduced:
    """What a code object is made of, without file, lines and columns."""
    arguments = (
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_nlocals,
        code.co_stacksize,
        code.co_flags,
        code.co_code,
        _unshared(code.co_consts),
        _unshared(code.co_names),
        _unshared(code.co_varnames),
        _FILENAME,
        code.co_name,
        code.co_qualname,
        1,
        _one_line(len(code.co_code) // 2),
        code.co_exceptiontable,
        _unshared(code.co_freevars),
        _unshared(code.co_cellvars),
    )
    return types.CodeType, arguments


def global_names(code: types.CodeType) -> set[str]:
    """Names that code reads from its globals or from builtins, inner functions included."""
    names = {
        instruction.argval
        for instruction in dis.get_instructions(code)
        if instruction.opname in _READS_GLOBAL
    }
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            names |= global_names(constant)
    return names


def free_names(function: types.FunctionType) -> list[str]:
    """Global names that a function reads and that builtins alone do not answer."""
    return [
        name
        for name in sorted(global_names(function.__code__))
        if name in function.__globals__ or not hasattr(builtins, name)
    ]


def captured(
    function: types.FunctionType, names: Iterable[str], everything: bool
) -> dict[str, object]:
    """Globals that go with a function, for a namespace that lacks them.

    Definitions and constants only, unless everything is asked for: data has its own artifacts,
    and a copy of it here would be a large and perhaps an old one.
    """
    return {
        name: value
        for name in names
        if (value := function.__globals__.get(name, _MISSING)) is not _MISSING
        and (everything or _is_definition(value))
    }


def new_function(
    code: types.CodeType, namespace: dict[str, Any], cells: tuple[types.CellType, ...] | None
) -> types.FunctionType:
    """A function without what may refer to the function itself."""
    namespace.setdefault("__builtins__", builtins)
    return types.FunctionType(code, namespace, None, None, cells)


def annotations_of(thing: Any) -> dict[str, Any]:
    """A function's or class's own annotations; as texts where they cannot be evaluated.

    To ask Python 3.14 for them would leave a mark.
    """
    annotate = getattr(thing, "__annotate__", None)
    if annotate is None:
        plain: dict[str, Any] = thing.__annotations__
        return plain
    lib: Any = importlib.import_module("annotationlib")
    try:
        evaluated = annotate(lib.Format.VALUE)
    except Exception:  # whatever the user's own names raise
        evaluated = lib.call_annotate_function(annotate, lib.Format.STRING, owner=thing)
    return typing.cast(dict[str, Any], evaluated)


def function_state(function: types.FunctionType, globals_: Mapping[str, object]) -> Reduced:
    """What :func:`fill_function` adds to a new function, these globals among it."""
    attributes = {
        "__name__": function.__name__,
        "__qualname__": function.__qualname__,
        "__module__": function.__module__,
        "__doc__": function.__doc__,
        "__defaults__": function.__defaults__,
        "__kwdefaults__": function.__kwdefaults__,
        "__annotations__": annotations_of(function),
    }
    contents = [_contents(cell) for cell in function.__closure__ or ()]
    submodules = _submodules(function, globals_.values())
    return attributes, dict(function.__dict__), contents, dict(globals_), submodules


def fill_function(function: types.FunctionType, state: Reduced) -> None:
    """Give a new function its attributes, its closure and its globals."""
    attributes, own, contents, globals_, _ = state
    for name, value in attributes.items():
        setattr(function, name, value)
    function.__dict__.update(own)
    for cell, content in zip(function.__closure__ or (), contents, strict=True):
        if content:
            cell.cell_contents = content[0]
    for name, value in globals_.items():
        function.__globals__.setdefault(name, value)


def new_cell() -> types.CellType:
    """An empty closure cell."""
    return types.CellType()


def fill_cell(cell: types.CellType, state: tuple[object, ...]) -> None:
    """Put the content, if any, into a new cell."""
    if state:
        cell.cell_contents = state[0]


def cell_state(cell: types.CellType) -> tuple[object, ...]:
    """Content of a cell as a tuple of one or, when it is empty, none."""
    return _contents(cell)


def new_cache(function: types.FunctionType, maximum: int | None, typed: bool) -> object:
    """A function with an empty cache of its results."""
    return functools.lru_cache(maximum, typed)(function)


def new_cached_property(function: types.FunctionType, name: str | None) -> object:
    """A cached property that knows its name, as if its class had been defined here."""
    made: functools.cached_property[object] = functools.cached_property(function)
    made.attrname = name
    return made


_MISSING = object()


def _contents(cell: types.CellType) -> tuple[object, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()


def _submodules(function: types.FunctionType, reads: Iterable[object]) -> list[types.ModuleType]:
    # Reading ``xml.dom`` works only where somebody has imported it: loading the list does.
    cells = [_contents(cell) for cell in function.__closure__ or ()]
    used = [*(content[0] for content in cells if content), *reads]
    found = cloudpickle._find_imported_submodules(function.__code__, used)
    return sorted(found, key=lambda module: module.__name__)


def _is_definition(value: object) -> bool:
    kind = type(value)
    if kind is tuple:
        return all(type(item) in _CONSTANTS for item in value)  # type: ignore[attr-defined]
    definitions = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
    wrappers = (functools._lru_cache_wrapper,)
    return kind in _CONSTANTS or issubclass(kind, definitions + wrappers)


def _unshared(constant: Any) -> Any:
    # Code compiled together shares its constants, code compiled apart does not.
    if type(constant) is tuple:
        return tuple(_unshared(item) for item in constant)
    if type(constant) is frozenset:
        return frozenset([_unshared(item) for item in constant])
    if type(constant) is bytes:
        return bytes(bytearray(constant))
    return constant


def _one_line(units: int) -> bytes:
    table = bytearray()
    while units > 0:
        count = min(units, 8)
        table += bytes([_SAME_LINE | count - 1, 0])
        units -= count
    return bytes(table)
