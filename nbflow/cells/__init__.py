"""Notebooks in: from a file or a document in memory to cells."""

from nbflow.cells.document import parse
from nbflow.cells.reading import read

__all__ = ["parse", "read"]
