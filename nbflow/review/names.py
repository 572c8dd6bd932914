"""Names that a run from top to bottom would not find, and cells that are no Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from nbflow.records.problem import Problem
from nbflow.review.subject import Subject, also, called

_REMEDIES = {
    "unknown-name": "",
    "bound-below": "Move that cell above this one: from top to bottom it runs too late.",
    "deleted-name": "Read it above the cell that deletes it, or keep it there.",
}
_NAME = re.compile(r"`(\w+)`")


def names(subject: Subject) -> Iterator[Problem]:
    """The first read of each name that is not bound above."""
    broken = _words_of_broken_cells(subject)
    first: dict[tuple[str, str], Problem] = {}
    more: dict[tuple[str, str], list[int]] = {}
    for step in subject.flow.steps.values():
        for problem in (*step.clause.problems, *step.body.problems):
            match = _NAME.match(problem.message)
            # What a cell would bind that is no valid Python, nobody knows.
            if problem.code not in _REMEDIES or match is None or match[1] in broken:
                continue
            key = (problem.code, match[1])
            if first.setdefault(key, problem) is not problem:
                more.setdefault(key, []).append(problem.number)
    for key, problem in first.items():
        message = problem.message
        for code in subject.codes():
            own = f"step `{called(code.cell.number)}`"
            message = message.replace(own, f"cell [{code.cell.number}]")
        others = [number for number in more.get(key, ()) if number != problem.number]
        remedy = _REMEDIES[problem.code] or problem.remedy
        yield replace(problem, message=message + also(others), remedy=remedy)


def syntax(subject: Subject) -> Iterator[Problem]:
    """Cells that neither Python nor IPython can read."""
    for code in subject.codes():
        if code.facts.syntax_error is not None:
            message, line = code.facts.syntax_error
            yield Problem(
                "syntax-error",
                f"the cell is not valid Python: {message}",
                "Mend the line, or make the cell a text cell.",
                code.cell.id,
                code.cell.number,
                line,
            )


def _words_of_broken_cells(subject: Subject) -> set[str]:
    broken = (code.body for code in subject.codes() if code.facts.syntax_error is not None)
    return {word for body in broken for word in re.findall(r"\w+", body)}
