"""Reviews a notebook file: what keeps it from giving the same from top to bottom."""

from __future__ import annotations

import functools
from pathlib import Path

from nbflow import cells
from nbflow.driver.stars import star_names
from nbflow.records.notebook import Notebook
from nbflow.records.problem import Problem
from nbflow.review import review


def reviewed(path: Path) -> tuple[Notebook, tuple[Problem, ...]]:
    """The notebook in a file, and what was found; nothing is run.

    Raises
    ------
    NotebookError
        The file is missing, unreadable or not a notebook.
    """
    notebook = cells.read(path)
    stars = functools.partial(star_names, directory=path.absolute().parent)
    return notebook, review(notebook, stars)
