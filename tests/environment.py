"""Environments of their own for tests, with distributions as pip installs them."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path


def environment(folder: Path, *wanted: str) -> str:
    """A fresh environment with some distributions; its Python."""
    venv.create(folder)
    found = str(folder / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", found, "install", "-q"]
    subprocess.run([*pip, *wanted], check=True)
    return found
