"""nbflow in a running notebook: magics, marked cells, live outputs, `%flow`."""

from nbflow.magics.extension import load, unload

__all__ = ["load", "unload"]
