"""Codec ``numpy``: an array as its raw buffer, loaded without copying."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbflow.store.strides import layout_of, memory_of, restored

#: Kinds whose bytes are the value; objects and NumPy's own strings are not.
_KINDS = frozenset("?biufcmMSUV")


def encode(value: Any) -> tuple[dict[str, Any], list[memoryview]] | None:
    """Details and buffer of an array; None when its bytes alone would not restore it."""
    if type(value) is not np.ndarray or value.dtype.hasobject or value.dtype.kind not in _KINDS:
        return None
    descriptor = _describe(value.dtype)
    if descriptor is None:
        return None
    details = {"dtype": descriptor, "shape": list(value.shape)}
    if not value.flags.writeable:
        details["readonly"] = True
    if not value.nbytes or value.flags.c_contiguous or value.flags.f_contiguous:
        details["order"] = order = "C" if not value.nbytes or value.flags.c_contiguous else "F"
        flat = np.ascontiguousarray(value.T if order == "F" else value).reshape(-1)
        return details, [flat.view(np.uint8).data if flat.nbytes else memoryview(b"")]
    layout = layout_of(value)
    details |= {"strides": layout.strides, "offset": layout.offset, "wide": layout.wide}
    return details, [memory_of(value, layout).data]


def decode(details: dict[str, Any], buffers: Sequence[memoryview]) -> Any:
    """The array over its buffer: writable, and writes never reach the file."""
    dtype, shape = _parse(details["dtype"]), tuple(details["shape"])
    array: np.ndarray[Any, Any]
    if "strides" in details:
        lies = (details["strides"], details["offset"], details["wide"])
        array = restored(buffers[0], dtype, shape, *lies)
    else:
        array = np.ndarray(shape, dtype, buffer=buffers[0] or None, order=details["order"])
    if details.get("readonly"):
        array.flags.writeable = False
    return array


def _describe(dtype: np.dtype[Any]) -> Any:
    # NumPy 1 has empty metadata for dates, and would warn of them.
    is_plain = dtype.metadata is None
    described = np.lib.format.dtype_to_descr(dtype) if is_plain else dtype.str
    same = _parse(_as_json(described))
    exact = same == dtype and same.isalignedstruct == dtype.isalignedstruct
    return _as_json(described) if exact and not dtype.metadata else None


def _as_json(described: Any) -> Any:
    return (
        [_as_json(part) for part in described] if isinstance(described, list | tuple) else described
    )


def _parse(descriptor: Any) -> np.dtype[Any]:
    return np.lib.format.descr_to_dtype(_from_json(descriptor))


def _from_json(descriptor: Any) -> Any:
    if isinstance(descriptor, str):
        return descriptor
    fields = []
    for name, kind, *shape in descriptor:
        title = tuple(name) if isinstance(name, list) else name
        fields.append((title, _from_json(kind), *(tuple(part) for part in shape)))
    return fields
