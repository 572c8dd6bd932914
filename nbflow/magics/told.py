"""What the front end tells of the cell that it has executed: its id, its marks, deleted cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Told(msgspec.Struct, frozen=True):
    """What came with an execution; all of it is empty in a plain terminal.

    JupyterLab and Notebook send a cell's whole metadata; nbclient and a terminal send nothing.
    """

    #: The front end's own id of the cell; VS Code's is an address and not the notebook's id.
    cell_id: str | None = None
    #: The text as it was sent, or None when no front end sent it.
    source: str | None = None
    tags: tuple[str, ...] = ()
    #: The ``nbflow`` entry of the cell's metadata.
    metadata: Mapping[str, Any] = msgspec.field(default_factory=dict)
    #: Ids of cells that have been deleted on the screen since the notebook was opened.
    deleted: tuple[str, ...] = ()


def told(shell: Any) -> Told:
    """What is known of the execution that a shell is busy with."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return Told()
    message = kernel.get_parent("shell") or {}
    content = message.get("content", {})
    # What a front end executes behind the user's back is no cell.
    unseen = content.get("silent") or not content.get("store_history", True)
    if message.get("header", {}).get("msg_type") != "execute_request" or unseen:
        return Told()
    metadata = message.get("metadata") or {}
    own = metadata.get("nbflow")
    return Told(
        cell_id=_text(metadata.get("cellId")),
        source=_text(content.get("code")),
        tags=_texts(metadata.get("tags")),
        metadata=own if isinstance(own, dict) else {},
        deleted=_texts(metadata.get("deletedCells")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
