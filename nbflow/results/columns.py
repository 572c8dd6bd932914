"""A frame or an array in a few numbers: what its columns hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from nbflow.comparison import Column

#: Of wider frames only so many columns are told.
_COLUMNS = 200


def columns(value: Any) -> tuple[Column, ...]:
    """The columns of a frame, series or table, or the elements of an array as one column."""
    package = type(value).__module__.partition(".")[0]
    return tuple(_READERS[package](value)) if package in _READERS else ()


def _numpy(value: Any) -> Iterator[Column]:
    if value.dtype.kind not in "biuf":
        return
    finite = value[~(value != value)]  # NaN alone is unequal to itself
    yield _column("", value.dtype, finite, value.size - finite.size)


def _pandas(value: Any) -> Iterator[Column]:
    frame = value.to_frame("") if not hasattr(value, "columns") else value
    for place, name in enumerate(list(frame.columns)[:_COLUMNS]):
        series = frame.iloc[:, place]
        there = series.dropna()
        if str(series.dtype).lower().startswith(("int", "float", "uint", "bool")):
            there = there.to_numpy(dtype=float)
        else:
            there = None
        yield _column(str(name), series.dtype, there, int(series.isna().sum()))


def _polars(value: Any) -> Iterator[Column]:
    frame = value.to_frame() if not hasattr(value, "columns") else value
    for series in list(frame.iter_columns())[:_COLUMNS]:
        there = None
        if series.dtype.is_numeric():
            there = series.drop_nulls().drop_nans().cast(float).to_numpy()
        yield _column(series.name, series.dtype, there, series.null_count())


def _pyarrow(value: Any) -> Iterator[Column]:
    import pyarrow.types as kinds

    for name, column in list(zip(value.column_names, value.columns, strict=True))[:_COLUMNS]:
        there = None
        if kinds.is_integer(column.type) or kinds.is_floating(column.type):
            there = column.drop_null().to_numpy()
        yield _column(name, column.type, there, column.null_count)


_READERS = {"numpy": _numpy, "pandas": _pandas, "polars": _polars, "pyarrow": _pyarrow}


def _column(name: str, kind: object, numbers: Any, missing: int) -> Column:
    if numbers is None or not numbers.size:
        return Column(name, str(kind), missing=missing)
    low, mean, high = (float(each) for each in (numbers.min(), numbers.mean(), numbers.max()))
    if not all(map(math.isfinite, (low, mean, high))):
        return Column(name, str(kind), missing=missing)
    return Column(name, str(kind), low, mean, high, missing)
