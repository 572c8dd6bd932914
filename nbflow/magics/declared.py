"""Says under a cell of parameters or of set-up what is wrong with it: it runs as any other does."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nbflow.errors import NbflowError
from nbflow.magics.screen import Screen
from nbflow.views import problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbflow.driver import NotebookFlow


def say_problems(seen: Callable[[], NotebookFlow], shell: Any, cell: str) -> None:
    """Show the problems that a flow has with a cell, if any."""
    with suppress(NbflowError):  # what is out of reach is told by whoever runs a step
        if found := [each for each in seen().problems if each.cell == cell]:
            Screen(shell).display(problems.problems(found)._repr_mimebundle_(), {}, {})
