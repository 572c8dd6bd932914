"""What a review of a notebook has found, as a page."""

from __future__ import annotations

from collections.abc import Sequence

from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.views import problems
from nbflow.views.blocks import line
from nbflow.views.page import Page, page


def review(name: str, notebook: Notebook, found: Sequence[Problem]) -> Page:
    """All findings, and how many there are."""
    count = sum(1 for cell in notebook.cells if cell.number)
    cells = f"{count} code cell{'' if count == 1 else 's'}"
    if not found:
        return page(f"{name}: nothing found in {cells}")
    total = f"{len(found)} finding{'' if len(found) == 1 else 's'}"
    return page(problems.problems(found), line(), f"{name}: {total} in {cells}")
