"""Environments of their own for tests, with distributions as pip installs them."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path


def environment(folder: Path, *wanted: str, beside: bool = False) -> str:
    """A fresh environment with some distributions; its Python.

    Parameters
    ----------
    beside
        With all that this one has, too, as far as nothing else is wanted.
    """
    venv.create(folder)
    found = str(folder / "bin" / "python")
    if beside:
        (own,) = folder.glob("lib/python*/site-packages")
        here = sysconfig.get_path("purelib")
        (own / "beside.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    pip = [sys.executable, "-m", "pip", "--python", found, "install", "-q"]
    subprocess.run([*pip, *wanted], check=True)
    return found
