"""The values of a flow's parameters: given from Python or as text, completed, encoded."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping
from pathlib import Path

from nbflow.errors import ParameterError
from nbflow.flow import Flow
from nbflow.parameters import check, convert
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.parameter import Parameter
from nbflow.store.codecs import encode


def complete(flow: Flow, given: Mapping[str, object]) -> dict[str, object]:
    """All parameters' values: what is given, checked and typed, over the defaults."""
    values = {parameter.name: parameter.default for parameter in flow.parameters}
    for name, value in given.items():
        values[name] = _fitted(_declared(flow, name), value)
    return values


def typed(flow: Flow, texts: Mapping[str, str]) -> dict[str, object]:
    """The values that texts stand for, as somebody typed them for these parameters."""
    return {name: convert(_declared(flow, name), text) for name, text in texts.items()}


def refused(flow: Flow, given: Mapping[str, object]) -> list[ParameterError]:
    """What is wrong with values that are set in the notebook's own language, as papermill does.

    A name that the notebook does not declare may be one that it reads, and binds nowhere.
    """
    found: list[ParameterError] = []
    for name, value in given.items():
        try:
            check(_declared(flow, name), value)
        except ParameterError as error:
            if not _is_free(flow, name):
                found.append(error)
    return found


def encoded(
    values: Mapping[str, object],
) -> tuple[dict[str, Artifact], dict[Digest, bytes]]:
    """The artifacts of the values by name, and their content by digest."""
    artifacts: dict[str, Artifact] = {}
    data: dict[Digest, bytes] = {}
    for name, value in values.items():
        one = encode(value)
        artifacts[name] = one.artifact
        data[one.artifact.digest] = b"".join(one.buffers)
    return artifacts, data


def _declared(flow: Flow, name: str) -> Parameter:
    declared = {parameter.name: parameter for parameter in flow.parameters}
    if name not in declared:
        close = difflib.get_close_matches(name, declared, 1)
        before, equals, after = name.partition("=")
        if equals and before in declared:
            hint = f"Write it with a blank: `-p {before} {shlex.quote(after)}`."
            raise ParameterError(f"{Path(flow.path).name} has no parameter `{name}`", hint)
        known = ", ".join(f"`{n}`" for n in declared) or "none"
        hint = f"Did you mean `{close[0]}`?" if close else f"Its parameters: {known}."
        raise ParameterError(f"{Path(flow.path).name} has no parameter `{name}`", hint)
    return declared[name]


def _is_free(flow: Flow, name: str) -> bool:
    facts = [code.facts for code in flow.cells]
    if any(name in each.binds or name in each.may_bind for each in facts):
        return False
    defined = [definition for each in facts for definition in each.definitions]
    return any(name in each.reads or name in each.late_reads for each in facts) or any(
        name in each.needs or name in each.calls for each in defined
    )


def _fitted(parameter: Parameter, value: object) -> object:
    if repr(value) == repr(parameter.default):
        return parameter.default  # `rate: float = 1` is 1 in the notebook, and so it is here
    try:
        return check(parameter, value)
    except ParameterError:
        if isinstance(value, str):
            return convert(parameter, value)
        raise
