"""In a process that a step has started anew: it observes itself, and tells the step's own."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

from nbflow.run.worker.observing import hook
from nbflow.run.worker.observing.files import Kept
from nbflow.run.worker.observing.observe import Observer
from nbflow.store.artifacts import Artifacts


def observe(directory: str, own: tuple[str, ...], address: str) -> None:
    """From now on, to the end of this process.

    Parameters
    ----------
    directory, own
        As of the task's own observer; the first of its own is that of the artifacts.
    address
        Where that one is told.
    """
    observer = Observer(directory, own, keeper=Kept(directory, Artifacts(Path(own[0]))))
    with suppress(OSError):  # the task is over
        observer.relay.join(address)
        observer.begin_to_tell()
        hook.install()
        _lasting.enter_context(observer.watching())


_lasting = ExitStack()
