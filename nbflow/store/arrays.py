"""Codec ``numpy``: an array as its raw buffer; a large one is loaded without copying."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbflow.store.strides import layout_of, memory_of, restored
from nbflow.store.views import owner

#: Kinds whose bytes are the value; objects and NumPy's own strings are not.
_KINDS = frozenset("?biufcmMSUV")
#: Up to so many bytes an array that had memory of its own has it again; a larger one has not.
_OWNED = 1 << 20


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
    is_dense = not value.nbytes or value.flags.c_contiguous or value.flags.f_contiguous
    if type(value.base).__name__ in ("ndarray", "DummyArray"):  # the latter of views by strides
        details["view"] = list(_shape_below(value)) if is_dense else None
    if is_dense:
        details["order"] = order = "C" if not value.nbytes or value.flags.c_contiguous else "F"
        flat = np.ascontiguousarray(value.T if order == "F" else value).reshape(-1)
        return details, [flat.view(np.uint8).data if flat.nbytes else memoryview(b"")]
    layout = layout_of(value)
    details |= {"strides": layout.strides, "offset": layout.offset, "wide": layout.wide}
    return details, [memory_of(value, layout).data]


def decode(details: dict[str, Any], buffers: Sequence[memoryview]) -> Any:
    """The array: writable, and writes never reach the file."""
    data, is_view = buffers[0], "view" in details
    dtype, shape = _parse(details["dtype"]), tuple(details["shape"])
    array: np.ndarray[Any, Any]
    if "strides" in details:
        lies = (details["strides"], details["offset"], details["wide"])
        array = restored(data, dtype, shape, *lies)
        if is_view:
            array = array.view()
        elif len(data) <= _OWNED:
            array = array.copy(order="K")
    elif is_view:
        below = _dense(data, dtype, tuple(details["view"]), "C")
        array = below.reshape(shape) if details["order"] == "C" else below.reshape(shape[::-1]).T
    else:
        array = _dense(data, dtype, shape, details["order"])
    if details.get("readonly"):
        array.flags.writeable = False
    return array


def _dense(data: memoryview, dtype: np.dtype[Any], shape: tuple[int, ...], order: str) -> Any:
    if 0 < len(data) <= _OWNED:
        return owner(data, dtype, shape, order, True)
    return np.ndarray(shape, dtype, buffer=data or None, order="F" if order == "F" else "C")


def _shape_below(view: Any) -> tuple[int, ...]:
    """The shape of the array that a dense view shows as a whole, as one may ask for with `base`."""
    base, shape = view.base, tuple(view.shape)
    if type(base) is not np.ndarray or base.nbytes != view.nbytes or base.dtype != view.dtype:
        return shape
    return base.shape if base.flags.c_contiguous else shape


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
