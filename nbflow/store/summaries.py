"""What to show of a value without loading it: its type, and its shape, length or text."""

from __future__ import annotations

from typing import Any

from nbflow.store.kinds import package_of

_MAXIMUM_LENGTH = 40
_SCALARS = frozenset({type(None), bool, int, float, complex})
_SIZED = frozenset({str, bytes, bytearray, list, tuple, set, frozenset, dict})


def type_name(value: object) -> str:
    """Qualified type of a value; builtins and what the notebook defines stand bare."""
    kind = type(value)
    module = kind.__module__
    bare = module in ("builtins", "__main__", None)
    return kind.__qualname__ if bare else f"{module}.{kind.__qualname__}"


def summarise(value: Any) -> str:
    """Type with shape or length, for people: ``int64[200000]``, ``DataFrame[1000 × 5]``.

    Nothing that a user could have written is called for it: no ``__repr__``, no ``__len__``.
    """
    kind = type(value)
    if kind in _SCALARS:
        return _shortened(repr(value)) if kind is not int or value.bit_length() < 1000 else "int"
    if kind is str and len(value) <= _MAXIMUM_LENGTH:
        return repr(value)
    if kind in _SIZED:
        return f"{kind.__name__}[{len(value)}]"
    root, name = package_of(kind), kind.__qualname__
    if root == "numpy" and name == "ndarray":
        dtype = f"{len(value.dtype.names)} fields" if value.dtype.names else str(value.dtype)
        return f"{dtype}[{_times(value.shape)}]" if value.shape else dtype
    if root == "numpy" and hasattr(kind, "dtype") and not hasattr(kind, "__len__"):
        return _shortened(repr(value))
    if root in ("pandas", "polars", "pyarrow", "scipy") and hasattr(kind, "shape"):
        return f"{name}[{_times(value.shape)}]"
    if root in ("pandas", "polars", "pyarrow") and hasattr(kind, "__len__"):
        return f"{name}[{len(value)}]"
    return name


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(length) for length in shape)


def _shortened(text: str) -> str:
    return text if len(text) <= _MAXIMUM_LENGTH else text[: _MAXIMUM_LENGTH - 1] + "…"
