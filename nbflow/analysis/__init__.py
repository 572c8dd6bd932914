"""What the source of one cell says, whatever the rest of the notebook says: a pure function."""

from __future__ import annotations

from nbflow.analysis.facts import analyse

__all__ = ["analyse"]
