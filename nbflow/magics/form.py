"""The form of ``%flow form``: it runs the flow with what is set in it, and shows the run below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ipywidgets

from nbflow.errors import FlowError
from nbflow.magics.running import Wanted, run
from nbflow.views.form import form

if TYPE_CHECKING:
    from nbflow.magics.session import Session


def parameter_form(session: Session) -> ipywidgets.VBox:
    """The form of the flow's parameters, with a place for its runs.

    Raises
    ------
    FlowError
        There are no parameters.
    """
    parameters = session.flow().flow.parameters
    if not parameters:
        raise FlowError("the flow has no parameters", "Mark a cell with `%%parameters`.")
    place = ipywidgets.Output()

    def run_with(values: Mapping[str, object]) -> None:
        place.clear_output()
        with place:  # it shows errors, too
            run(session, Wanted(values=values))

    return ipywidgets.VBox([form(parameters, run_with), place])
