"""What is wrong with a flow, or may give something else than one kernel would."""

from nbflow.checks.check import check

__all__ = ["check"]
