"""What workers have from the process that starts them: environment and path."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import msgspec


class Surroundings(msgspec.Struct, frozen=True):
    """What workers have from this process: taken once, so that later changes do not leak in."""

    environment: Mapping[str, str]
    path: tuple[str, ...]

    @classmethod
    def now(cls) -> Surroundings:
        """Those of this process as it is."""
        return cls(dict(os.environ), tuple(path for path in sys.path if path))
