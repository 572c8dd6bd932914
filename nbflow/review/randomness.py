"""Random numbers that nobody has seeded: they differ at each run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nbflow.analysis.ambient import draws_in
from nbflow.analysis.hazards import is_unseeded
from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import parse
from nbflow.flow import FlowStep
from nbflow.records.ambient import GENERATORS
from nbflow.records.problem import Problem
from nbflow.review.subject import Subject, also
from nbflow.steps import CodeCell

_SEEDS = {
    "numpy.random": "`np.random.seed(0)`",
    "random.state": "`random.seed(0)`",
    "torch.random": "`torch.manual_seed(0)`",
}
#: Functions of scikit-learn that draw, and take the seed as ``random_state``.
_SPLITTERS = frozenset({"train_test_split", "resample", "make_classification", "make_blobs",
                        "make_moons", "make_regression", "make_circles"})  # fmt: skip


def draws(subject: Subject) -> Iterator[Problem]:
    """Where each global generator is drawn from first without a seed above."""
    for generator in GENERATORS:
        drawing = [
            step
            for step in subject.flow.steps.values()
            if generator in step.draws
            and generator not in step.body.inputs
            and not step.step.code.facts.only_definitions
        ]
        if not drawing:
            continue
        line, text = _place(drawing[0], generator)
        code = drawing[0].step.code
        others = also(step.step.cell.number for step in drawing[1:])
        yield Problem(
            "unseeded",
            f"{text} draws random numbers that nobody has seeded{others}: they differ at each run",
            f"Write {_SEEDS[generator]} in a cell above.",
            code.cell.id,
            code.cell.number,
            line,
            "warning",
        )


def makers(subject: Subject) -> Iterator[Problem]:
    """Generators, and functions that draw, to which no seed is given."""
    found = [(code, call) for code in subject.codes() for call in _unseeded_calls(code)]
    first: dict[str, tuple[CodeCell, ast.Call]] = {}
    for code, call in found:
        first.setdefault(ast.unparse(call.func), (code, call))
    for name, (code, call) in first.items():
        others = [c.cell.number for c, other in found if ast.unparse(other.func) == name]
        keyword = "random_state=0" if name.rpartition(".")[2] in _SPLITTERS else "0"
        yield Problem(
            "unseeded",
            f"`{name}(…)` is given no seed{also(n for n in others if n != code.cell.number)}: "
            "what it draws differs at each run",
            f"Give it one: `{name}({keyword})`."
            if keyword == "0"
            else f"Give it one: `{name}(…, {keyword})`.",
            code.cell.id,
            code.cell.number,
            call.lineno,
            "warning",
        )


def _unseeded_calls(code: CodeCell) -> Iterator[ast.Call]:
    try:
        statements = parse(code.body).statements
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return
    calls = (n for s in statements for n in nodes_of(s) if isinstance(n, ast.Call))
    for call in sorted(calls, key=lambda each: each.lineno):
        name = ast.unparse(call.func).rpartition(".")[2]
        if is_unseeded(call):
            yield call
        elif name in _SPLITTERS and not any(
            keyword.arg in ("random_state", None) for keyword in call.keywords
        ):
            # `shuffle=False` draws nothing.
            shuffled = next((k.value for k in call.keywords if k.arg == "shuffle"), None)
            if not (isinstance(shuffled, ast.Constant) and shuffled.value is False):
                yield call


def _place(step: FlowStep, generator: str) -> tuple[int | None, str]:
    """Line and text of what draws: in the cell itself, or in a function that it can call."""
    for statement in parse(step.step.code.body).statements:
        for line, text, state in sorted(draws_in(statement)):
            if state == generator:
                return line, f"`{text}`"
    reached = (placed for placed in step.body.definitions if generator in placed.definition.draws)
    placed = next(reached, None)
    if placed is None:
        return None, "the cell"
    return None, f"`{placed.label}` of cell [{placed.cell.number}]"
