"""Whose a directory is: the installation's, the system's, or nobody's for long."""

# Plain strings, as the audit hook has them.
# ruff: noqa: PTH100, PTH111, PTH118

from __future__ import annotations

import os
import site
import sys
import sysconfig
import tempfile
from functools import cache
from pathlib import Path
from types import FrameType

from nbflow.run.worker.observing.contents import signature_of

#: Files that libraries look for in the working directory when they are imported, by the setting
#: that follows from them.
CONFIGURATION = {"matplotlib.rcParams": "matplotlibrc"}
_SYSTEM = ("/proc/", "/dev/", "/sys/", "/etc/", "/lib/", "/usr/lib/", "/usr/share/")
#: Prefixes of an installation that hold other things as well.
_SHARED = ("/usr/", "/usr/local/")


def scratch() -> tuple[str, ...]:
    """Where temporary and hidden files lie."""
    # Not `gettempdir`: it holds a lock while it tries a file out, and the hook would wait for it.
    named = (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    temporary = (tempfile.tempdir, *named, "/tmp", "/var/tmp")
    home = os.path.join(os.path.expanduser("~"), ".")
    return (home, *(below(path) for path in temporary if isinstance(path, str) and path))


def below(path: str) -> str:
    """What the paths of all that lies below a directory begin with."""
    return os.path.join(os.path.abspath(path), "")


@cache
def libraries() -> tuple[str, ...]:
    """Where installed libraries lie: this environment's, those it builds on, and the user's own."""
    paths = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    paths += [*site.getsitepackages(), site.getusersitepackages()]
    return tuple(dict.fromkeys(map(below, paths)))


def stamp() -> tuple[int, ...]:
    """Another whenever a library has been installed or removed."""
    folders = [Path(path) for path in libraries()]
    return tuple(folder.stat().st_mtime_ns if folder.is_dir() else 0 for folder in folders)


def configuration(directory: Path) -> tuple[object, ...]:
    """Another whenever a file has changed with which libraries configure themselves there."""
    return tuple(signature_of(str(directory / name)) for name in CONFIGURATION.values())


@cache
def standard() -> tuple[str, ...]:
    """Where Python's own modules lie."""
    return tuple(below(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))


@cache
def installed() -> tuple[str, ...]:
    """Where Python, libraries, nbflow itself and the system lie."""
    prefixes = map(below, (sys.prefix, sys.base_prefix))
    nbflow = below(str(Path(__file__).parents[3]))
    directories = dict.fromkeys((*prefixes, *standard(), *libraries(), nbflow))
    return (*(path for path in directories if path not in _SHARED), *_SYSTEM)


@cache
def _sources() -> tuple[str, ...]:
    return (*installed(), "<frozen")


def is_installed(frame: FrameType) -> bool:
    """Whether its code is of what is installed, and not the user's own."""
    return frame.f_code.co_filename.startswith(_sources())


def is_importing(frame: FrameType | None) -> bool:
    """Whether installed code runs since a library is being imported."""
    while frame is not None and is_installed(frame):
        if frame.f_code.co_name == "<module>":
            return True
        frame = frame.f_back
    return False
