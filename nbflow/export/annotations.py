"""The annotations of names of data, where the notebook has them."""

from __future__ import annotations

import ast
import builtins

from nbflow.export.definitions import Definitions, definition_of
from nbflow.flow import Flow, FlowStep
from nbflow.flow.scope import END, Placed


def annotations_of(flow: Flow, definitions: Definitions) -> dict[str, str]:
    """Annotations of names of data that hold wherever the name stands."""
    found: dict[str, set[str]] = {}
    where: dict[str, int] = {}
    for parameter in flow.parameters:
        found.setdefault(parameter.name, set()).add(parameter.annotation or "")
        where[parameter.name] = next(
            n
            for n, code in enumerate(flow.cells)
            if code.role == "parameters" and parameter.name in code.facts.literals
        )
    for step in flow.steps.values():
        told = _annotated(step)
        for name in step.outputs:
            text = told.get(name, "")
            is_foreach = step.step.kind == "foreach"
            found.setdefault(name, set()).add(f"list[{text}]" if text and is_foreach else text)
            where[name] = step.index
    result: dict[str, str] = {}
    for name, texts in found.items():
        if len(texts) == 1 and (text := next(iter(texts))):
            needed = _needed(flow, text, (where[name], END))
            if needed is not None:
                result[name] = text
                for placed in needed:
                    definitions.add(placed)
    return result


def _annotated(step: FlowStep) -> dict[str, str]:
    try:
        tree = ast.parse(step.step.code.body)
    except SyntaxError:
        return {}
    return {
        node.target.id: ast.unparse(node.annotation)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _needed(flow: Flow, annotation: str, position: tuple[int, int]) -> list[Placed] | None:
    """The imports that an annotation needs; None where something else is needed."""
    found: list[Placed] = []
    for node in ast.walk(ast.parse(annotation, mode="eval")):
        if isinstance(node, ast.Name) and node.id not in dir(builtins):
            placed = definition_of(flow, node.id, position)
            if placed is None or placed.definition.kind != "import":
                return None
            found.append(placed)
    return found
