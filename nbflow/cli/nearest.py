"""Which store a command means when none is named: that of this folder, or the next above."""

from __future__ import annotations

from pathlib import Path


def nearest_store() -> Path | None:
    """The store of this folder or the next above that has one."""
    here = Path.cwd()
    above = (folder / ".nbflow" for folder in (here, *here.parents))
    return next((store for store in above if store.is_dir()), None)
