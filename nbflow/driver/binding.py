"""Hands the results of steps to a kernel: source for the kernel, and what that source calls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from nbflow.records.artifact import Artifact
from nbflow.store.store import Store


def source(store: Store, artifacts: Mapping[str, Artifact]) -> str:
    """Source that binds artifacts to names, and leaves no other name behind."""
    told = msgspec.json.encode(artifacts).decode()
    call = f"bind(globals(), {str(store.root)!r}, {told!r})"
    return f"__import__({__name__!r}, fromlist=['bind']).{call}"


def bind(namespace: dict[str, Any], root: str, told: str) -> None:
    """Load artifacts from the store at ``root`` and bind them in a namespace."""
    store = Store.open(Path(root))
    try:
        for name, artifact in msgspec.json.decode(told, type=dict[str, Artifact]).items():
            namespace[name] = store.load(artifact, namespace)
    finally:
        store.close()
