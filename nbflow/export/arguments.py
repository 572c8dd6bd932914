"""Parameters as options of a command line, by their types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from nbflow.driver.basis import Basis
from nbflow.flow import Flow
from nbflow.parameters import Shape, present, shape, told
from nbflow.parameters.shapes import LIMITS
from nbflow.records.parameter import Parameter

_CONVERTERS: dict[type[object], str] = {int: "int", float: "float", str: "str"}
_SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


def option(flow: Flow, basis: Basis, parameter: Parameter) -> str:
    """The statement that declares a parameter's option."""
    name, takes = parameter.name, present(shape(parameter))
    default = basis.parameters[name]
    arguments = [
        f'"{flag(parameter)}"',
        # Else it is what the option is called.
        *([f'dest="{name}"'] if name != name.strip("_") else []),
        *_kind(takes, default),
        f"default={literal(default)}",
        f"help={_help(flow, parameter)!r}",
    ]
    line = f"parser.add_argument({', '.join(arguments)})"
    if len(line) <= 84:
        return line
    return "\n".join(["parser.add_argument(", *(f"    {each}," for each in arguments), ")"])


def limits(parameter: Parameter, options: str) -> Iterator[str]:
    """The statements that refuse what is out of bounds."""
    takes = shape(parameter)
    for limit in present(takes).limits:
        value = f'{options}["{parameter.name}"]'
        here = "" if takes.limits else f"{value} is not None and "
        yield f"if {here}not {value} {_SIGNS[limit.sign]} {limit.number!r}:"
        yield f'    parser.error("{flag(parameter)} is {LIMITS[limit.sign]} {limit.number!r}")'


def flags(parameter: Parameter) -> list[str]:
    """All options that a parameter has."""
    name = flag(parameter)
    return [name, f"--no-{name[2:]}"] if present(shape(parameter)).kind is bool else [name]


def flag(parameter: Parameter) -> str:
    """``--sales-each`` for ``sales_each``, and for ``sales_each_``."""
    return f"--{parameter.name.strip('_').replace('_', '-')}"


def literal(value: object) -> str:
    """A value as people write it.

    >>> literal(200000)
    '200_000'
    """
    return f"{value:_}" if type(value) is int and abs(value) >= 10_000 else repr(value)


def comment(flow: Flow, parameter: Parameter) -> str:
    """What a comment behind its line in the notebook says of it."""
    for code in flow.cells:
        if code.role == "parameters" and parameter.name in code.facts.literals:
            for line in code.cell.source.splitlines():
                found = re.match(rf"{re.escape(parameter.name)}\s*[:=][^#'\"]*#\s*(.+)", line)
                if found:
                    return found[1].strip()
    return ""


def _kind(takes: Shape, default: object) -> list[str]:
    if takes.choices is not None:
        kinds = {type(each) for each in takes.choices}
        converter = _CONVERTERS.get(next(iter(kinds)), "") if len(kinds) == 1 else ""
        if converter:
            return [f"type={converter}", f"choices={list(takes.choices)!r}"]
        return ["type=ast.literal_eval", f"choices={list(takes.choices)!r}"]
    if takes.kind is bool:
        return ["action=argparse.BooleanOptionalAction"]
    if takes.kind in (int, float, str, date):
        return [f"type={_converter(takes.kind)}"]
    if takes.kind is list:
        element = takes.elements[0].kind if takes.elements else None
        if element is None and isinstance(default, list):
            kinds = {type(each) for each in default}
            element = kinds.pop() if len(kinds) == 1 else None
        if element in (int, float, str):
            return [f"type={_converter(element)}", 'nargs="*"']
    return ["type=ast.literal_eval"]


def _converter(kind: type[object] | None) -> str:
    return _CONVERTERS.get(kind or str, "str")


def _help(flow: Flow, parameter: Parameter) -> str:
    return (comment(flow, parameter) or told(shape(parameter))).replace("%", "%%")
