"""All that is doubtful about a notebook: a list of small rules."""

from __future__ import annotations

from collections.abc import Callable

from nbflow.checks import check
from nbflow.directives import parse
from nbflow.flow import build
from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.review.names import names, syntax
from nbflow.review.order import gone, order
from nbflow.review.paths import paths
from nbflow.review.randomness import draws, makers
from nbflow.review.subject import Rule, subject_of

#: Every rule there is; problems are sorted by place.
RULES: tuple[Rule, ...] = (gone, order, names, syntax, draws, makers, paths)


def review(
    notebook: Notebook, star_names: Callable[[str], frozenset[str] | None]
) -> tuple[Problem, ...]:
    """What keeps a notebook from giving the same from top to bottom, here and elsewhere.

    Of one that has marks, the problems of its flow as well.

    Parameters
    ----------
    star_names
        Tells the public names of a module (for ``from m import *``), or None when it cannot.
    """
    subject = subject_of(notebook, star_names)
    found = [problem for rule in RULES for problem in rule(subject)]
    if any(parse(cell)[0] is not None for cell in notebook.cells):
        told = {(problem.code, problem.cell) for problem in found}
        problems = check(build(notebook, star_names, "review"))
        found += [each for each in problems if (each.code, each.cell) not in told]
    return tuple(sorted(found, key=lambda each: (each.number, each.line or 0, each.code)))
