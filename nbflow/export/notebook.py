"""Exports to a plain notebook: without marks, it gives the same from top to bottom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbflow.driver.basis import Basis
from nbflow.driver.injection import source
from nbflow.export.body import body, indented, loop
from nbflow.export.refusing import drawn_by_splits, problem, refuse, shared
from nbflow.export.seeding import imported, seeding
from nbflow.flow import Flow, FlowStep
from nbflow.records.files import is_variable
from nbflow.records.notebook import Cell
from nbflow.records.problem import Problem
from nbflow.steps import CodeCell

#: Lines that speak to nbflow alone.
_OURS = re.compile(r"\s*%(?:load_ext|reload_ext|unload_ext)\s+nbflow\b|\s*%flow\b")
_MARKS = ("step", "foreach", "setup")

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook(flow: Flow, basis: Basis) -> Mapping[str, str]:
    """A notebook for a kernel without nbflow, and the modules that it imports.

    A foreach is a loop that collects lists; parameters are plain assignments.

    Raises
    ------
    ProblemsError
        A plain notebook cannot give what the flow gives.
    """
    refuse(flow, (*shared(flow, basis), *drawn_by_splits(flow, basis), *_lost_in_loops(flow)))
    document = {
        "cells": list(_cells(flow, basis)),
        "metadata": _METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    return {f"{Path(flow.path).stem}.ipynb": text, **basis.modules}


def _cells(flow: Flow, basis: Basis) -> Iterator[dict[str, Any]]:
    codes = {code.cell.id: code for code in flow.cells}
    last = next((c.cell.id for c in reversed(flow.cells) if c.role == "parameters"), None)
    default = {parameter.name: parameter.default for parameter in flow.parameters}
    given = {n: v for n, v in basis.parameters.items() if repr(v) != repr(default[n])}
    ids = {each.id for each in basis.notebook.cells}

    def own_id(wanted: str) -> str:
        """An id for one more cell: of 64 characters at most."""
        told = (f"{wanted[-60:]}{count}" for count in ("", *range(2, 100)))
        own = next(each for each in told if each not in ids)
        ids.add(own)
        return own

    for cell in basis.notebook.cells:
        if cell.kind != "code":
            yield _cell(cell, cell.source)
            continue
        text = _text(flow, codes[cell.id])
        before, after = _around(flow, basis, flow.steps.get(cell.id))
        if before:
            yield _cell(Cell(own_id(f"{cell.id}-set"), 0, "code", ""), before)
        if text or not cell.source.strip():
            yield _cell(cell, text)
        if after:
            yield _cell(Cell(own_id(f"{cell.id}-put-back"), 0, "code", ""), after)
        if cell.id == last and given:
            yield _cell(Cell(own_id("given"), 0, "code", ""), source(given).rstrip("\n"))


def _cell(cell: Cell, text: str) -> dict[str, Any]:
    tags = [tag for tag in cell.tags if tag.partition(":")[0] not in _MARKS]
    metadata = {"tags": tags} if tags else {}
    lines = text.splitlines(keepends=True)
    made = {"cell_type": cell.kind, "id": cell.id, "metadata": metadata, "source": lines}
    return made | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})


def _text(flow: Flow, code: CodeCell) -> str:
    step = flow.steps.get(code.cell.id)
    if step is None:
        lines = body(code).split("\n")
        return "\n".join(line for line in lines if not _OURS.match(line)).strip("\n")
    return body(code) if step.step.clause is None else _loop(flow, step)


def _around(flow: Flow, basis: Basis, step: FlowStep | None) -> tuple[str, str]:
    """What stands before a step and below it: seeds that it begins with, and the variables that
    it has for itself, set and put back."""
    if step is None:
        return "", ""
    seeds = seeding(flow, basis, step) if step.step.clause is None else ()
    needs = [each.needs for each in seeds]
    first, last = [each.text for each in seeds], ""
    if given := dict(step.step.directive.options.env):
        needs_os, module = imported(flow, "os", "os")
        before, variable, value = (
            _free(flow, f"{word}_{step.name}") for word in ("before", "variable", "value")
        )
        needs.append(needs_os)
        first += [
            f"{before} = {{name: {module}.environ.get(name) for name in {json.dumps([*given])}}}",
            f"{module}.environ.update({json.dumps(given, ensure_ascii=False)})",
        ]
        last = "\n".join(
            [
                f"for {variable}, {value} in {before}.items():",
                f"    if {value} is None:",
                f"        {module}.environ.pop({variable}, None)",
                "    else:",
                f"        {module}.environ[{variable}] = {value}",
            ]
        )
    return "\n".join([*needs, "", *first]) if first else "", last


def _loop(flow: Flow, step: FlowStep) -> str:
    clause = step.step.clause
    assert clause is not None
    over = loop(clause, step.step.directive.clause or "")
    lists = {name: _free(flow, f"{name}_of_each") for name in _collected(step)}
    lines = [
        *(f"{held} = []" for held in lists.values()),
        f"for {over.target} in {over.whole}:",
        indented(body(step.step.code)) or "    pass",
        *(f"    {held}.append({name})" for name, held in lists.items()),
        *(f"{name} = {held}" for name, held in lists.items()),
    ]
    return "\n".join(lines)


def _collected(step: FlowStep) -> list[str]:
    """The outputs of a foreach that each of its splits binds."""
    facts = step.step.code.facts
    return [name for name in step.outputs if is_variable(name) and name not in facts.may_bind]


def _free(flow: Flow, name: str) -> str:
    taken = {n for code in flow.cells for n in (*code.facts.binds, *code.facts.may_bind)}
    while name in taken:
        name += "_"
    return name


def _lost_in_loops(flow: Flow) -> Iterator[Problem]:
    """What a loop leaves, and a foreach does not; and what a loop may keep from round to round."""
    for step in flow.steps.values():
        if step.step.clause is None:
            continue
        for name in step.step.clause.names:
            if _is_read_below(flow, step, name):
                yield problem(
                    step,
                    f"`{name}` is read below, and would there be the last item of `{step.name}`",
                    "Give the item another name.",
                )
        for name in step.step.code.facts.may_bind:
            if name in step.outputs and _is_read_below(flow, step, name):
                yield problem(
                    step,
                    f"`{name}` is bound by some splits of `{step.name}` only, and a loop would "
                    "keep that of the round before",
                    "Bind it in every case.",
                )
        if step.step.code.body.lstrip().startswith("%%"):
            yield problem(
                step,
                f"the body of `{step.name}` is under a cell magic, which no loop can hold",
                "Take the magic away.",
            )


def _is_read_below(flow: Flow, step: FlowStep, name: str) -> bool:
    below = (each for each in flow.steps.values() if each.index > step.index)
    return any(name in needs.inputs for each in below for needs in (each.body, each.clause))
