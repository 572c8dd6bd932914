"""Where Python looks for the modules that a task imports: beside the notebook first.

A module that is not there, or that is found in a library, would be another once a file of that
name stands in a folder that is searched before.
"""

# Plain strings, as the rest of what observes.
# ruff: noqa: PTH100, PTH112, PTH118

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from types import FrameType

from nbflow.run.worker.observing.places import installed, is_installed

#: Who looks for a module in the name of somebody else.
_FINDERS = (
    "importlib.",
    *(f"nbflow.run.worker.carrying.{name}" for name in ("ambient", "module_state")),
    "nbflow.run.worker.observing.natives",
)


class Sought:
    """The modules that a task's own code asked for, and that were not imported before."""

    def __init__(self) -> None:
        self._folders: dict[str, tuple[str, ...]] = {}

    def note(self, module: str, package: Sequence[str] | None, frame: FrameType | None) -> None:
        """A module is looked for: in a package's folders, or along the path."""
        if module not in self._folders and _is_own_code(frame):
            folders = tuple(sys.path if package is None else package)
            self._folders[module] = tuple(os.path.abspath(folder) for folder in folders)

    def modules(self) -> Iterator[str]:
        """Their names."""
        yield from self._folders

    def places(self) -> Iterator[str]:
        """Paths at which they would be found sooner; those of packages end with a slash."""
        for module, folders in self._folders.items():
            found = getattr(sys.modules.get(module), "__file__", None)
            name = module.rpartition(".")[2]
            for folder in folders:
                path = os.path.join(folder, name)
                if found == os.path.join(path, "__init__.py"):
                    break
                if not f"{path}{os.sep}".startswith(installed()):
                    yield f"{path}{os.sep}"
                    if os.path.isdir(path):  # a part of what is no package, and may become one
                        yield os.path.join(path, "__init__.py")
                if found == f"{path}.py":
                    break
                if not path.startswith(installed()):
                    yield f"{path}.py"
                elif found is not None and found.startswith(folder):
                    break


def _is_own_code(frame: FrameType | None) -> bool:
    """Whether it is not a library that imports, whichever finders ask for it."""
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_FINDERS):
        frame = frame.f_back
    return frame is None or not is_installed(frame)
