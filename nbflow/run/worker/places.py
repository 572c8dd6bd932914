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
def installed() -> tuple[str, ...]:
    """Where Python, libraries, nbflow itself and the system lie."""
    paths = sysconfig.get_paths()
    directories = {
        sys.prefix,
        sys.base_prefix,
        *(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *site.getsitepackages(),
        site.getusersitepackages(),
        str(Path(__file__).parents[2]),
    }
    return (*(path for path in map(below, directories) if path not in _SHARED), *_SYSTEM)
