"""Fits a value, or a text that stands for one, to a shape, where nothing is lost."""

from __future__ import annotations

import ast
import numbers
import warnings
from datetime import date
from typing import Any

from nbflow.parameters.shapes import ANY, CONTAINERS, Shape

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


class MismatchError(ValueError):
    """The value is not of the shape asked for."""


def literal(source: str) -> object:
    """The value of a literal's source."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(source.strip())
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise MismatchError from None


def from_text(shape: Shape, text: str) -> object:
    """The value that a text stands for."""
    if shape.choices is not None:
        for choice in shape.choices:
            if text == (choice if isinstance(choice, str) else repr(choice)):
                return choice
        return fit(shape, literal(text))
    if shape.members:
        # Text fits any text, so that comes last: "2" for ``str | int`` is the number.
        for member in sorted(shape.members, key=lambda member: member.kind is str):
            try:
                return from_text(member, text)
            except MismatchError:
                continue
        raise MismatchError
    if shape.kind is str:
        return text
    if shape.kind is bool:
        return _truth(text)
    if shape.kind is date:
        return _date(text.strip())
    if shape.kind in (int, float):
        try:
            return _within(shape, int(text) if shape.kind is int else float(text))
        except ValueError:
            raise MismatchError from None
    try:
        value = literal(text)
    except MismatchError:
        if shape.kind is None:
            return text
        raise
    return fit(shape, value)


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise MismatchError
    return word in _TRUE


def _date(value: object) -> str:
    """The day as text; a notebook that says ``since: date = "2024-01-31"`` has a text in it."""
    text = value.isoformat() if type(value) is date else _plain(value)
    try:
        if isinstance(text, str) and date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise MismatchError


def _within(shape: Shape, number: float) -> float:
    if not all(limit.holds(number) for limit in shape.limits):
        raise MismatchError
    return number


def fit(shape: Shape, value: object) -> object:
    """The value, converted where nothing is lost."""
    if shape.choices is not None:
        plain = _plain(value)
        for choice in shape.choices:
            if type(choice) is type(plain) and choice == plain:
                return choice
        raise MismatchError
    if shape.members:
        exact = [member for member in shape.members if member.kind is type(value)]
        for member in [*exact, *shape.members]:
            try:
                return fit(member, value)
            except MismatchError:
                continue
        raise MismatchError
    if shape.kind is None:
        return _plain(value)
    if shape.kind is date:
        return _date(value)
    if shape.kind in CONTAINERS:
        return _fit_container(shape, value)
    plain = _plain(value)
    if shape.kind is float and type(plain) is int:
        try:
            return _within(shape, float(plain))
        except OverflowError:
            raise MismatchError from None
    if type(plain) is not shape.kind:
        raise MismatchError
    return _within(shape, plain) if isinstance(plain, int | float) else plain


def _fit_container(shape: Shape, value: object) -> object:
    kind = shape.kind
    plain: Any = _plain(value)
    assert kind is not None
    if kind is dict:
        if not isinstance(plain, dict):
            raise MismatchError
        keys, values = shape.elements if len(shape.elements) == 2 else (ANY, ANY)
        return {fit(keys, key): fit(values, item) for key, item in plain.items()}
    if type(plain) is not kind and (kind is list or not isinstance(plain, list | set)):
        raise MismatchError
    if kind is tuple and shape.elements and not shape.variadic:
        if len(plain) != len(shape.elements):
            raise MismatchError
        return tuple(fit(one, item) for one, item in zip(shape.elements, plain, strict=True))
    element = shape.elements[0] if shape.elements else ANY
    try:
        return kind(fit(element, item) for item in plain)
    except TypeError:  # an element that a set cannot hold
        raise MismatchError from None


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
            raise MismatchError
