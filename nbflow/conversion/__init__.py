"""From a plain notebook to a marked one: pure, and nothing is run."""

from nbflow.conversion.convert import convert
from nbflow.conversion.pieces import Conversion, Piece
from nbflow.conversion.spelling import Spelled, Spelling, spelled

__all__ = ["Conversion", "Piece", "Spelled", "Spelling", "convert", "spelled"]
