"""What other processes do with a notebook's store: whether they write, and whether one runs it."""

from __future__ import annotations

from pathlib import Path

from nbflow.driver.notebook_flow import NotebookFlow
from nbflow.errors import StoreError
from nbflow.records.task import TaskRun
from nbflow.store.near import store_beside


def stamp(notebook: Path) -> str:
    """Another text whenever anybody has written to a notebook's store; nothing is opened.

    Nothing, where there is no store.
    """
    return ".".join(_written(path) for path in _files(store_beside(notebook)))


def going_on(flow: NotebookFlow) -> tuple[TaskRun, ...] | None:
    """The tasks of the run that another process does of this notebook, as it last noted them.

    None, where none does, as far as its store knows.
    """
    if not flow.root.exists():
        return None
    history = flow.store.history
    if (run := history.going_on(str(flow.path))) is None:
        return None
    try:
        return history.tasks(run)
    except StoreError:  # what it noted is damaged: it goes on all the same
        return ()


def _files(root: Path) -> tuple[Path, ...]:
    history = root / "history.sqlite"
    return history, history.with_name(f"{history.name}-wal")


def _written(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    # SQLite makes the second one when somebody looks, and removes it when the last has looked.
    return f"{status.st_mtime_ns}-{status.st_size}" if status.st_size else ""
