"""Says below a cell where the value is that the cell has missed."""

from __future__ import annotations

from typing import Any

from nbflow.magics.results import Stayed
from nbflow.magics.screen import Screen
from nbflow.views.blocks import Note
from nbflow.views.page import page


def say(shell: Any, stayed: Stayed) -> None:
    """Show where a value has stayed, and how it is had."""
    note = page(Note("error", stayed.told, stayed.remedy))
    Screen(shell).display(note._repr_mimebundle_(), {}, {})
