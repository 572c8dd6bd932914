"""What a cell's mark says: four spellings, one parser, the same options everywhere."""

from nbflow.directives.options import OPTIONS, RESERVED, Option
from nbflow.directives.parsing import parse

__all__ = ["OPTIONS", "RESERVED", "Option", "parse"]
