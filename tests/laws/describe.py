"""Values as text that is equal in two processes when the values are.

This file is also executed as it stands in plain kernels: it imports the standard library only.
"""

from __future__ import annotations

import enum
import hashlib
import re
import types
from collections.abc import Mapping, Set
from typing import Any

#: Of a mock as well, which says it in decimal.
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}|(?<=\bid=')\d{9,}(?=')")


def namespace(names: Mapping[str, Any]) -> dict[str, str]:
    """The data of a kernel's namespace, described; modules, functions and classes are no data."""
    return {
        name: describe(value)
        for name, value in names.items()
        if not name.startswith("_")
        and name not in {"In", "Out", "exit", "quit", "get_ipython", "open"}
        and not isinstance(value, types.ModuleType | type)
        and not (isinstance(value, types.FunctionType) and value.__name__ == name)
    }


def describe(value: object, above: tuple[int, ...] = ()) -> str:
    """Type and content, to the last bit of a float and the last element of an array."""
    kind = type(value).__qualname__
    if id(value) in above:
        return f"<the {kind} {len(above) - above.index(id(value))} levels up>"
    inside = (*above, id(value))
    if isinstance(value, enum.Enum):
        return f"{kind}.{value.name}"
    if isinstance(value, Mapping):
        items = (f"{describe(k, inside)}: {describe(v, inside)}" for k, v in value.items())
        return f"{kind}{{{', '.join(items)}}}"
    if isinstance(value, list | tuple):
        return f"{kind}[{', '.join(describe(item, inside) for item in value)}]"
    if isinstance(value, Set):
        return f"{kind}{{{', '.join(sorted(describe(item, inside) for item in value))}}}"
    if isinstance(value, types.FunctionType):
        return f"function {value.__qualname__}"
    package = str(type(value).__module__).partition(".")[0]
    if package in FRAMES:
        return f"{kind} {FRAMES[package](value, inside)}"
    if package == "__main__" and hasattr(value, "__dict__"):
        return f"{kind}({describe(vars(value), inside)})"
    if isinstance(value, BaseException):
        return f"{kind}{describe(value.args, inside)}"
    return f"{kind} {ADDRESS.sub('0x', repr(value))}"


def of_numpy(value: Any, inside: tuple[int, ...]) -> str:
    if not hasattr(value, "tolist"):
        return ADDRESS.sub("0x", repr(value))
    if value.size > 100_000 and not value.dtype.hasobject:
        return f"{value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    return f"{value.dtype} {value.shape} {describe(value.tolist(), inside)}"


def of_pandas(value: Any, inside: tuple[int, ...]) -> str:
    if hasattr(value, "dtypes") and hasattr(value, "index"):
        columns = value.items() if value.ndim == 2 else [(value.name, value)]
        content = [(name, str(column.dtype), column.tolist()) for name, column in columns]
        return f"{value.index!r} {describe(content, inside)}"
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return f"{value.dtype} {describe(value.tolist(), inside)}"
    return ADDRESS.sub("0x", repr(value))


def of_polars(value: Any, inside: tuple[int, ...]) -> str:
    if hasattr(value, "rows"):
        return f"{value.schema} {describe(value.rows(), inside)}"
    return repr(value)


FRAMES = {"numpy": of_numpy, "pandas": of_pandas, "polars": of_polars}
