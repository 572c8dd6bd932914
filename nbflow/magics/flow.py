"""The line magic ``%flow``: one word, then what it takes."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from nbflow.errors import NbflowError

if TYPE_CHECKING:
    from nbflow.magics.session import Session


@magics_class
class FlowMagics(Magics):
    """``%flow`` and its sub-commands."""

    def __init__(self, shell: Any, session: Session) -> None:
        super().__init__(shell)
        self._session = session

    @no_var_expand
    @line_magic
    def flow(self, line: str) -> None:
        """Look at the notebook's flow, run it, ask why."""
        # Late: a kernel that only has the extension loaded pays for none of this.
        import click

        from nbflow.magics.commands import flow, usage
        from nbflow.magics.refusal import refusal

        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            told = NbflowError(f"`%flow {line}` cannot be read: {error}", "Close the quotation.")
            raise refusal(told) from None
        if words[:1] == ["help"]:
            words = [*words[1:], "--help"]
        try:
            flow.main(words, "%flow", standalone_mode=False, obj=self._session)
        except click.ClickException as error:
            raise refusal(NbflowError(error.format_message().rstrip("."), usage(error))) from None
        except NbflowError as error:
            raise refusal(error, self._session.document) from None


def _help() -> str:
    """What ``%flow?`` shows: the table of the sub-commands."""
    from nbflow.directives.help import flow_docstring
    from nbflow.magics.commands import table  # late, as above

    return flow_docstring(table())


# IPython asks an object for it, where it has this, and not before somebody wants help.
vars(FlowMagics)["flow"].getdoc = _help
