"""Types the values of parameters by annotation or default, from text and from Python."""

from __future__ import annotations

import ast
import numbers
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbflow.errors import ParameterError
from nbflow.records.parameter import Parameter

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_ATOMS: tuple[type[Any], ...] = (bool, int, float, complex, str, bytes)
_CONTAINERS: tuple[type[Any], ...] = (list, tuple, set, frozenset, dict)
_ALIASES = {
    "List": "list",
    "Tuple": "tuple",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Dict": "dict",
}
_NAMES: dict[str, type[Any]] = {kind.__name__: kind for kind in (*_ATOMS, *_CONTAINERS)}
_EXAMPLES: dict[type[Any], str] = {
    bool: "true",
    int: "4",
    float: "0.5",
    complex: "1+2j",
    str: "text",
    bytes: "b'text'",
    list: "[1, 2]",
    tuple: "(1, 2)",
    set: "{1, 2}",
    frozenset: "{1, 2}",
    dict: "{'a': 1}",
}


class _MismatchError(ValueError):
    """The value is not of the shape asked for."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What values a parameter takes; any literal when nothing is set."""

    #: The type; ``NoneType`` for None.
    kind: type[Any] | None = None
    #: Shapes of a container's elements (a dict's keys and values).
    elements: tuple[_Shape, ...] = ()
    #: For a tuple, whether it holds any number of its only element.
    variadic: bool = False
    choices: tuple[object, ...] | None = None
    #: Of a union, its members.
    members: tuple[_Shape, ...] = ()


_ANY = _Shape()
_NONE = _Shape(type(None))


def declare(
    literals: Mapping[str, tuple[str | None, str]], lines: Mapping[str, int] | None = None
) -> tuple[list[Parameter], list[tuple[str, str]]]:
    """The parameters that a cell's literal bindings declare, and those whose default is wrong.

    Parameters
    ----------
    literals
        Name to the source of its annotation (or None) and of its value.
    lines
        Name to its 1-based line.

    >>> declare({"cores": ("int", "2")})[0][0].default
    2
    """
    parameters: list[Parameter] = []
    wrong: list[tuple[str, str]] = []
    for name, (annotation, source) in literals.items():
        try:
            default = _literal(source)
        except _MismatchError:
            wrong.append((name, f"the default of parameter `{name}` is not a literal: `{source}`"))
            continue
        line = (lines or {}).get(name, 0)
        shape = _shape_of(annotation, default)
        if default is not None:
            try:
                _fit(shape, default)
            except _MismatchError:
                why = f"parameter `{name}` takes {_told(shape)}, and its default is {default!r}"
                wrong.append((name, why))
        parameters.append(Parameter(name, annotation, default, shape.choices, line))
    return parameters, wrong


def convert(parameter: Parameter, text: str) -> object:
    """The value that a text stands for, as typed on a command line.

    Raises
    ------
    ParameterError
        When the text is no such value; the message names the type, the remedy an example.

    >>> convert(Parameter("rate", None, 0.5), "2")
    2.0
    """
    shape = _shape(parameter)
    try:
        return _from_text(shape, text)
    except _MismatchError:
        raise _error(parameter, shape, text) from None


def check(parameter: Parameter, value: object) -> object:
    """The value as the parameter's type has it, given as a Python object.

    An int is taken for a float, a list for a tuple or a set, and NumPy's scalars for Python's;
    a bool is not taken for an int.

    Raises
    ------
    ParameterError
        When the value does not fit, or is not made of literals.

    >>> check(Parameter("rate", None, 0.5), 2)
    2.0
    """
    shape = _shape(parameter)
    try:
        return _fit(shape, value)
    except _MismatchError:
        raise _error(parameter, shape, value) from None


def _error(parameter: Parameter, shape: _Shape, value: object) -> ParameterError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    message = f"parameter `{parameter.name}` takes {_told(shape)}, not {shown}"
    return ParameterError(message, f"Give for example `{parameter.name} {_example(shape)}`.")


def _shape(parameter: Parameter) -> _Shape:
    return _shape_of(parameter.annotation, parameter.default)


def _shape_of(annotation: str | None, default: object) -> _Shape:
    if annotation is not None:
        shape = _annotated(annotation)
        if shape is not None:
            # ``n: int = None`` is widely written for ``int | None``.
            return _union([shape, _NONE]) if default is None else shape
    return _ANY if default is None else _Shape(type(default))


def _annotated(source: str) -> _Shape | None:
    """The shape of an annotation; None when it says nothing about literals."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(ast.parse(source.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _read(node: ast.expr) -> _Shape | None:
    match node:
        case ast.Constant(value=None):
            return _NONE
        case ast.Constant(value=str(source)):
            return _annotated(source)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            kind = _NAMES.get(_ALIASES.get(name, name))
            return _ANY if name in ("Any", "object") else _Shape(kind) if kind else None
        case ast.BinOp(op=ast.BitOr()):
            return _read_all(_union, [node.left, node.right])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return _read_generic(_ALIASES.get(name, name), inside)
        case _:
            return None


def _read_generic(name: str, inside: Sequence[ast.expr]) -> _Shape | None:
    match name:
        case "Literal":
            values = tuple(ast.literal_eval(value) for value in inside)
            return _Shape(choices=values)
        case "Annotated" | "Final":
            return _read(inside[0])
        case "Optional":
            shape = _read(inside[0])
            return None if shape is None else _union([shape, _NONE])
        case "Union":
            return _read_all(_union, inside)
        case "tuple" if len(inside) == 2 and ast.unparse(inside[1]) == "...":
            return _read_all(lambda found: _Shape(tuple, tuple(found), True), inside[:1])
        case "tuple" | "list" | "set" | "frozenset" | "dict":
            kind = _NAMES[name]
            return _read_all(lambda found: _Shape(kind, tuple(found)), inside)
        case _:
            return None


def _read_all(build: Callable[[list[_Shape]], _Shape], nodes: Sequence[ast.expr]) -> _Shape | None:
    shapes = [shape for node in nodes if (shape := _read(node)) is not None]
    return build(shapes) if len(shapes) == len(nodes) else None


def _union(shapes: list[_Shape]) -> _Shape:
    members = [member for shape in shapes for member in (shape.members or (shape,))]
    fixed = [member.choices for member in members if member.choices is not None]
    rest = [member for member in members if member.choices is None]
    if fixed and all(member == _NONE for member in rest):
        # Literal["a", "b"] | None: one list of choices.
        values = tuple(value for choices in fixed for value in choices)
        return _Shape(choices=values + ((None,) if rest and None not in values else ()))
    return _Shape(members=tuple(dict.fromkeys(members)))


def _literal(source: str) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(source.strip())
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise _MismatchError from None


def _from_text(shape: _Shape, text: str) -> object:
    if shape.choices is not None:
        for choice in shape.choices:
            if text == (choice if isinstance(choice, str) else repr(choice)):
                return choice
        return _fit(shape, _literal(text))
    if shape.members:
        # Text fits any text, so that comes last: "2" for ``str | int`` is the number.
        for member in sorted(shape.members, key=lambda member: member.kind is str):
            try:
                return _from_text(member, text)
            except _MismatchError:
                continue
        raise _MismatchError
    if shape.kind is str:
        return text
    if shape.kind is bool:
        return _truth(text)
    if shape.kind in (int, float):
        try:
            return int(text) if shape.kind is int else float(text)
        except ValueError:
            raise _MismatchError from None
    try:
        value = _literal(text)
    except _MismatchError:
        if shape.kind is None:
            return text
        raise
    return _fit(shape, value)


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise _MismatchError
    return word in _TRUE


def _fit(shape: _Shape, value: object) -> object:
    """The value, converted where nothing is lost."""
    if shape.choices is not None:
        plain = _plain(value)
        for choice in shape.choices:
            if type(choice) is type(plain) and choice == plain:
                return choice
        raise _MismatchError
    if shape.members:
        exact = [member for member in shape.members if member.kind is type(value)]
        for member in [*exact, *shape.members]:
            try:
                return _fit(member, value)
            except _MismatchError:
                continue
        raise _MismatchError
    if shape.kind is None:
        return _plain(value)
    if shape.kind in _CONTAINERS:
        return _fit_container(shape, value)
    plain = _plain(value)
    if shape.kind is float and type(plain) is int:
        try:
            return float(plain)
        except OverflowError:
            raise _MismatchError from None
    if type(plain) is not shape.kind:
        raise _MismatchError
    return plain


def _fit_container(shape: _Shape, value: object) -> object:
    kind = shape.kind
    plain: Any = _plain(value)
    assert kind is not None
    if kind is dict:
        if not isinstance(plain, dict):
            raise _MismatchError
        keys, values = shape.elements if len(shape.elements) == 2 else (_ANY, _ANY)
        return {_fit(keys, key): _fit(values, item) for key, item in plain.items()}
    if type(plain) is not kind and (kind is list or not isinstance(plain, list | set)):
        raise _MismatchError
    if kind is tuple and shape.elements and not shape.variadic:
        if len(plain) != len(shape.elements):
            raise _MismatchError
        return tuple(_fit(one, item) for one, item in zip(shape.elements, plain, strict=True))
    element = shape.elements[0] if shape.elements else _ANY
    try:
        return kind(_fit(element, item) for item in plain)
    except TypeError:  # an element that a set cannot hold
        raise _MismatchError from None


def _plain(value: object) -> object:
    """The value with Python's own types throughout."""
    if value is None or isinstance(value, bool):
        return value
    match value:
        case str():
            return str.__str__(value)
        case bytes():
            return bytes(value)
        case numbers.Integral():
            return int(value)
        case numbers.Real():
            return float(value)
        case complex():
            return complex(value)
        case dict():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case tuple():
            return tuple(_plain(item) for item in value)
        case set():
            return {_plain(item) for item in value}
        case frozenset():
            return frozenset(_plain(item) for item in value)
        case _:
            raise _MismatchError


def _told(shape: _Shape) -> str:
    if shape.choices is not None:
        return "one of " + ", ".join(repr(choice) for choice in shape.choices)
    if shape.members:
        return " or ".join(_told(member) for member in shape.members)
    if shape.kind is None:
        return "a literal"
    if shape.kind is type(None):
        return "None"
    article = "an" if shape.kind is int else "a"
    inside = ", ".join(_short(element) for element in shape.elements)
    inside = f"{inside}, ..." if shape.variadic else inside
    return f"{article} {shape.kind.__name__}" + (f"[{inside}]" if inside else "")


def _short(shape: _Shape) -> str:
    told = _told(shape)
    return told.removeprefix("an ").removeprefix("a ")


def _example(shape: _Shape) -> str:
    if shape.choices:
        return str(shape.choices[0])
    if shape.members:
        return _example(next((m for m in shape.members if m != _NONE), _NONE))
    if shape.kind is not None and shape.elements and shape.kind is not dict:
        inside = [_inner(element) for element in shape.elements]
        listed = ", ".join(inside if len(inside) > 1 else inside * 2)
        brackets = {"list": "[]", "tuple": "()"}.get(shape.kind.__name__, "{}")
        return f"{brackets[0]}{listed}{brackets[1]}"
    return _EXAMPLES.get(shape.kind, "None") if shape.kind else "None"


def _inner(shape: _Shape) -> str:
    example = _example(shape)
    return repr(example) if shape.kind is str else example
