"""What an export has written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nbflow.views.blocks import line
from nbflow.views.durations import plural
from nbflow.views.page import Page, page

#: So many files of one folder are counted, not named.
_MANY = 5


def exported(folder: Path, files: Sequence[Path]) -> Page:
    """The folder, its files, and where to read on."""
    names = [path.relative_to(folder).as_posix() for path in files]
    told = [line(f"wrote {plural(len(names), 'file')} to {folder}")]
    told += [line(name, indent=2) for name in few(names)]
    if "README.md" in names:
        told.append(line(f"{folder / 'README.md'} says how to run it"))
    return page(*told)


def few(names: Sequence[str]) -> list[str]:
    """Names of files as people are told them: many of one folder are counted.

    >>> few(["flow.py", *(f"images/{number}.png" for number in range(12))])
    ['flow.py', 'images/ (12 files)']
    """
    folders = [Path(name).parent.as_posix() for name in names]
    counts = Counter(folder for folder in folders if folder != ".")
    told = (
        f"{folder}/ ({counts[folder]} files)" if counts[folder] > _MANY else name
        for name, folder in zip(names, folders, strict=True)
    )
    return list(dict.fromkeys(told))
