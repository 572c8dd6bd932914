"""What an export has written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbflow.views.blocks import line
from nbflow.views.durations import plural
from nbflow.views.page import Page, page


def exported(folder: Path, files: Sequence[Path]) -> Page:
    """The folder, its files, and where to read on."""
    names = [path.relative_to(folder).as_posix() for path in files]
    told = [line(f"wrote {plural(len(names), 'file')} to {folder}")]
    told += [line(name, indent=2) for name in names]
    if "README.md" in names:
        told.append(line(f"{folder / 'README.md'} says how to run it"))
    return page(*told)
