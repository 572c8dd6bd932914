"""The parameters that a cell declares, and the values given for them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from nbflow.errors import ParameterError
from nbflow.parameters.fitting import MismatchError, fit, from_text, literal
from nbflow.parameters.shapes import Shape, example, shape, shape_of, told
from nbflow.records.parameter import Parameter


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
            default = literal(source)
        except MismatchError:
            wrong.append((name, f"the default of parameter `{name}` is not a literal: `{source}`"))
            continue
        line = (lines or {}).get(name, 0)
        takes = shape_of(annotation, default)
        if default is not None:
            try:
                fit(takes, default)
            except MismatchError:
                why = f"parameter `{name}` takes {told(takes)}, and its default is {default!r}"
                wrong.append((name, why))
        parameters.append(Parameter(name, annotation, default, takes.choices, line))
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
    takes = shape(parameter)
    try:
        return from_text(takes, text)
    except MismatchError:
        raise _error(parameter, takes, text) from None


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
    takes = shape(parameter)
    try:
        return fit(takes, value)
    except MismatchError:
        raise _error(parameter, takes, value) from None


def _error(parameter: Parameter, takes: Shape, value: object) -> ParameterError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    message = f"parameter `{parameter.name}` takes {told(takes)}, not {shown}"
    return ParameterError(
        message, f"Give for example `-p {parameter.name} {_quoted(example(takes))}`."
    )


def _quoted(text: str) -> str:
    """Text as one word of a shell."""
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else shlex.quote(text)
