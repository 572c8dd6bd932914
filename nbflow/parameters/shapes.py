"""What values a parameter takes, read from its annotation or its default."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from math import isfinite
from typing import Any

import msgspec
from msgspec.structs import replace

from nbflow.records.parameter import Parameter

_ATOMS: tuple[type[Any], ...] = (bool, int, float, complex, str, bytes)
CONTAINERS: tuple[type[Any], ...] = (list, tuple, set, frozenset, dict)
_ALIASES = {
    "List": "list",
    "Tuple": "tuple",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Dict": "dict",
}
_NAMES: dict[str, type[Any]] = {kind.__name__: kind for kind in (*_ATOMS, date, *CONTAINERS)}
_EXAMPLES: dict[type[Any], str] = {
    bool: "true",
    int: "4",
    float: "0.5",
    complex: "1+2j",
    str: "text",
    bytes: "b'text'",
    date: "2024-01-31",
    list: "[1, 2]",
    tuple: "(1, 2)",
    set: "{1, 2}",
    frozenset: "{1, 2}",
    dict: "{'a': 1}",
}


#: In words, before the number.
LIMITS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


class Limit(msgspec.Struct, frozen=True):
    """A bound of numbers, as annotated-types and pydantic write them."""

    #: ``ge``, ``gt``, ``le`` or ``lt``.
    sign: str
    number: float

    def holds(self, value: float) -> bool:
        """Whether a number keeps to it."""
        match self.sign:
            case "ge":
                return value >= self.number
            case "gt":
                return value > self.number
            case "le":
                return value <= self.number
            case _:
                return value < self.number


class Shape(msgspec.Struct, frozen=True):
    """What values a parameter takes; any literal when nothing is set."""

    #: The type; ``NoneType`` for None. A date is a text such as ``"2024-01-31"``, as the notebook
    #: has it without us.
    kind: type[Any] | None = None
    #: Shapes of a container's elements (a dict's keys and values).
    elements: tuple[Shape, ...] = ()
    #: For a tuple, whether it holds any number of its only element.
    variadic: bool = False
    choices: tuple[object, ...] | None = None
    #: Of numbers.
    limits: tuple[Limit, ...] = ()
    #: Of a union, its members.
    members: tuple[Shape, ...] = ()


ANY = Shape()
NONE = Shape(type(None))


def shape(parameter: Parameter) -> Shape:
    """What values the parameter takes."""
    return shape_of(parameter.annotation, parameter.default)


def shape_of(annotation: str | None, default: object) -> Shape:
    """What values an annotation allows, or a default without one."""
    if annotation is not None:
        found = _annotated(annotation)
        if found is not None:
            # ``n: int = None`` is widely written for ``int | None``.
            return _union([found, NONE]) if default is None else found
    return ANY if default is None else Shape(type(default))


def _annotated(source: str) -> Shape | None:
    """The shape of an annotation; None when it says nothing about literals."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(ast.parse(source.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _read(node: ast.expr) -> Shape | None:
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str(source)):
            return _annotated(source)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            kind = _NAMES.get(_ALIASES.get(name, name))
            return ANY if name in ("Any", "object") else Shape(kind) if kind else None
        case ast.BinOp(op=ast.BitOr()):
            return _read_all(_union, [node.left, node.right])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return _read_generic(_ALIASES.get(name, name), inside)
        case _:
            return None


def _read_generic(name: str, inside: Sequence[ast.expr]) -> Shape | None:
    match name:
        case "Literal":
            values = tuple(ast.literal_eval(value) for value in inside)
            return Shape(choices=values)
        case "Annotated":
            found = _read(inside[0])
            return found and _limited(
                found, [limit for node in inside[1:] for limit in _limits(node)]
            )
        case "Final":
            return _read(inside[0])
        case "Optional":
            shape = _read(inside[0])
            return None if shape is None else _union([shape, NONE])
        case "Union":
            return _read_all(_union, inside)
        case "tuple" if len(inside) == 2 and ast.unparse(inside[1]) == "...":
            return _read_all(lambda found: Shape(tuple, tuple(found), True), inside[:1])
        case "tuple" | "list" | "set" | "frozenset" | "dict":
            kind = _NAMES[name]
            return _read_all(lambda found: Shape(kind, tuple(found)), inside)
        case _:
            return None


def _limits(node: ast.expr) -> Iterator[Limit]:
    """``Ge(1)`` and its like, ``Interval(ge=1, lt=9)``, pydantic's ``Field(gt=0)``."""
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if name in ("Ge", "Gt", "Le", "Lt") and len(node.args) == 1:
        given = [(name.lower(), node.args[0])]
    elif name in ("Interval", "Field"):
        given = [(each.arg, each.value) for each in node.keywords if each.arg in LIMITS]
    else:
        return
    for sign, source in given:
        number = ast.literal_eval(source)
        if type(number) in (int, float) and isfinite(number):
            yield Limit(sign, number)


def _limited(shape: Shape, limits: Sequence[Limit]) -> Shape:
    if shape.kind in (int, float):
        return replace(shape, limits=(*shape.limits, *limits))
    return replace(shape, members=tuple(_limited(member, limits) for member in shape.members))


def _read_all(build: Callable[[list[Shape]], Shape], nodes: Sequence[ast.expr]) -> Shape | None:
    shapes = [shape for node in nodes if (shape := _read(node)) is not None]
    return build(shapes) if len(shapes) == len(nodes) else None


def _union(shapes: list[Shape]) -> Shape:
    members = [member for shape in shapes for member in (shape.members or (shape,))]
    fixed = [member.choices for member in members if member.choices is not None]
    rest = [member for member in members if member.choices is None]
    if fixed and all(member == NONE for member in rest):
        # Literal["a", "b"] | None: one list of choices.
        values = tuple(value for choices in fixed for value in choices)
        return Shape(choices=values + ((None,) if rest and None not in values else ()))
    return Shape(members=tuple(dict.fromkeys(members)))


def present(shape: Shape) -> Shape:
    """What is left of ``int | None`` when None is not meant."""
    rest = [member for member in shape.members if member != NONE]
    return rest[0] if len(rest) == 1 else shape


def told(shape: Shape) -> str:
    """The values in words: ``an int at least 1 and at most 8``."""
    if shape.choices is not None:
        return "one of " + ", ".join(repr(choice) for choice in shape.choices)
    if shape.members:
        return " or ".join(told(member) for member in shape.members)
    if shape.kind is None:
        return "a literal"
    if shape.kind is type(None):
        return "None"
    article = "an" if shape.kind is int else "a"
    inside = ", ".join(_short(element) for element in shape.elements)
    inside = f"{inside}, ..." if shape.variadic else inside
    limits = " and ".join(f"{LIMITS[each.sign]} {each.number}" for each in shape.limits)
    return (
        f"{article} {shape.kind.__name__}"
        + (f"[{inside}]" if inside else "")
        + (f" {limits}" if limits else "")
    )


def _short(shape: Shape) -> str:
    words = told(shape)
    return words.removeprefix("an ").removeprefix("a ")


def example(shape: Shape) -> str:
    """One of the values, as somebody types it."""
    if shape.choices:
        return str(shape.choices[0])
    if shape.members:
        return example(next((m for m in shape.members if m != NONE), NONE))
    if shape.kind is not None and shape.elements and shape.kind is not dict:
        inside = [_inner(element) for element in shape.elements]
        listed = ", ".join(inside if len(inside) > 1 else inside * 2)
        brackets = {"list": "[]", "tuple": "()"}.get(shape.kind.__name__, "{}")
        return f"{brackets[0]}{listed}{brackets[1]}"
    if shape.limits:
        return _example_within(shape)
    return _EXAMPLES.get(shape.kind, "None") if shape.kind else "None"


def _example_within(shape: Shape) -> str:
    bounds = [each.number for each in shape.limits]
    step = 1 if shape.kind is int else 0.5
    usual = 4 if shape.kind is int else 0.5
    tried = [usual, *bounds, *(one + by for one in bounds for by in (step, -step))]
    tried.append(sum(bounds) / len(bounds))
    fits = [one for one in tried if all(each.holds(one) for each in shape.limits)]
    return str(fits[0] if fits else usual)


def _inner(shape: Shape) -> str:
    text = example(shape)
    return repr(text) if shape.kind in (str, date) else text
