"""Types the values of parameters by annotation or default, from text and from Python."""

from nbflow.parameters.declared import check, convert, declare
from nbflow.parameters.shapes import Limit, Shape, example, present, shape, told

__all__ = ["Limit", "Shape", "check", "convert", "declare", "example", "present", "shape", "told"]
