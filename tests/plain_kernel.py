"""A plain kernel for a notebook's cells, as nbclient runs them."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

#: Seconds for a cell, on a machine that does other things as well.
PATIENCE = 120


def client(document: NotebookNode, folder: Path, timeout: float = PATIENCE) -> NotebookClient:
    """What executes a notebook's cells in a folder, in a kernel of its own."""
    resources = {"metadata": {"path": str(folder)}}
    config = Config({"KernelManager": sockets()})
    return NotebookClient(document, timeout=timeout, config=config, resources=resources)


def sockets() -> dict[str, Any]:
    """How a kernel is reached: a port that was free may be another's once the kernel binds it."""
    if sys.platform != "linux":
        return {}
    return {"transport": "ipc", "ip": f"@{uuid.uuid4().hex}"}
