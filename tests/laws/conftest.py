"""A Python beside this one, for what only exports need."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from tests.environment import environment


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with Metaflow, and what is installed for the tests."""
    if importlib.util.find_spec("metaflow") is not None:
        return sys.executable
    folder = tmp_path_factory.mktemp("metaflow")
    found = environment(folder, "metaflow")
    packages = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    (beside,) = (folder / "lib").glob("python*/site-packages")
    (beside / "tests.pth").write_text(f"{packages}\n")
    return found
