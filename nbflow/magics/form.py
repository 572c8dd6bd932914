"""The form of ``%flow form``: it runs the flow with what is set in it, and shows the run below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets

from nbflow.errors import FlowError
from nbflow.magics.refusal import CellError
from nbflow.magics.running import Wanted, run
from nbflow.magics.screen import Screen
from nbflow.views.blocks import Code
from nbflow.views.form import form
from nbflow.views.page import page

if TYPE_CHECKING:
    from nbflow.magics.session import Session


class Place(Screen):
    """A widget as a place for one display: what a click starts belongs to no cell.

    An ``ipywidgets.Output`` would not do: it shows displays, and no change of them.
    """

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.widget = ipywidgets.HTML()

    def display(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any],  # noqa: ARG002 - those of a screen
        transient: Mapping[str, Any],  # noqa: ARG002
        *,
        update: bool = False,  # noqa: ARG002
    ) -> None:
        """Show this display in the place of the last one."""
        self.widget.value = data["text/html"]


class FormWithPlace(ipywidgets.VBox):  # type: ignore[misc] # ipywidgets ships no types
    """The form, and below it the place for its runs."""

    def __repr__(self) -> str:
        # What a front end without widgets shows; ipywidgets cuts it behind 110 letters.
        return "A form of the parameters; without widgets, `%flow run -p NAME VALUE` does the same."


def parameter_form(session: Session) -> FormWithPlace:
    """The form of the flow's parameters, with a place for its runs.

    Raises
    ------
    FlowError
        There are no parameters.
    """
    parameters = session.seen().flow.parameters
    if not parameters:
        raise FlowError("the flow has no parameters", "Mark a cell with `%%parameters`.")
    place = Place(session.shell)

    def run_with(values: Mapping[str, object]) -> None:
        try:
            run(session, Wanted(values=values), place)
        except CellError as error:
            place.widget.value += page(Code("\n".join(error.shown))).html()

    return FormWithPlace([form(parameters, run_with), place.widget])
