"""``%load_ext nbflow``: hooks the flow into IPython, and out of it again."""

from __future__ import annotations

from typing import Any

from nbflow.magics.cells import CellMagics
from nbflow.magics.channel import Channel
from nbflow.magics.completer import matcher
from nbflow.magics.flow import FlowMagics
from nbflow.magics.marked import Marked
from nbflow.magics.session import Session

#: Attributes of a shell: its session, which knows its cells even while unloaded; the channel to
#: the pages; and the hook.
_SESSION = "_nbflow_session"
_CHANNEL = "_nbflow_channel"
_MARKED = "_nbflow_marked"


def load(shell: Any) -> None:
    """Make the marked cells of this kernel steps; harmless when that is done already."""
    if getattr(shell, _MARKED, None) is not None:
        return
    session = getattr(shell, _SESSION, None)
    if session is None:
        session = Session(shell)
        session.remember(shell.history_manager.input_hist_raw)
        setattr(shell, _SESSION, session)
        if getattr(shell, "kernel", None) is not None:
            setattr(shell, _CHANNEL, Channel(session))
    marked = Marked(session)
    setattr(shell, _MARKED, marked)
    shell.input_transformers_cleanup.insert(0, marked)
    shell.events.register("pre_run_cell", session.before_cell)
    shell.events.register("post_run_cell", session.after_cell)
    shell.Completer.custom_matchers.append(matcher(session))
    shell.register_magics(CellMagics(shell, session))
    shell.register_magics(FlowMagics(shell, session))


def unload(shell: Any) -> None:
    """Undo it: the store stays, and so do the variables."""
    marked = getattr(shell, _MARKED, None)
    if marked is None:
        return
    session = getattr(shell, _SESSION)
    setattr(shell, _MARKED, None)
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != "nbflow"]
    shell.input_transformers_cleanup.remove(marked)
    shell.events.unregister("pre_run_cell", session.before_cell)
    shell.events.unregister("post_run_cell", session.after_cell)
    for magics in shell.magics_manager.magics.values():
        for name in [name for name, magic in magics.items() if _is_ours(magic)]:
            del magics[name]
    session.close()


def _is_ours(magic: Any) -> bool:
    return isinstance(getattr(magic, "__self__", None), CellMagics | FlowMagics)
