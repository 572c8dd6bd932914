"""Round trips are exact, and bytes say what they are."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from nbflow.errors import StoreError
from nbflow.store import plain
from nbflow.store.codecs import Encoded, decode, decode_splits, encode, encode_plain, encode_splits
from nbflow.store.layout import ALIGNMENT, unpack

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary()
)
keys = scalars | st.tuples(scalars, scalars) | st.frozensets(scalars, max_size=3)
values = st.recursive(
    scalars | st.frozensets(scalars, max_size=3) | st.sets(keys, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=20,
)
arrays = npst.arrays(
    dtype=npst.scalar_dtypes() | npst.array_dtypes(npst.scalar_dtypes(), max_size=3),
    shape=npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


def round_trip(value: object) -> Any:
    encoded = encode(value)
    return decode(memoryview(bytearray(stored(encoded))), encoded.artifact)


def stored(encoded: Encoded) -> bytes:
    return b"".join(encoded.buffers)


def same(one: Any, other: Any) -> bool:
    """Equal in value and type, all the way down; NaN equals NaN, 0.0 differs from -0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other) or (one != one and other != other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, set | frozenset):
        return sorted(map(content, one)) == sorted(map(content, other))
    return bool(one == other)


def content(item: Any) -> str:
    """An item of a set as text, whatever the order of the sets within it."""
    if isinstance(item, frozenset):
        return f"{{{', '.join(sorted(map(content, item)))}}}"
    if isinstance(item, tuple):
        return f"({', '.join(map(content, item))})"
    return ascii(item)


@given(values)
def test_plain_values_come_back_exactly(value: object) -> None:
    assert same(round_trip(value), value)


@given(values)
def test_a_value_that_came_back_has_the_digest_it_had(value: object) -> None:
    assert encode(round_trip(value)).artifact.digest == encode(value).artifact.digest


@given(arrays)
def test_arrays_come_back_exactly(array: np.ndarray[Any, Any]) -> None:
    back = round_trip(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


@given(arrays)
def test_the_layout_of_an_array_is_kept(array: np.ndarray[Any, Any]) -> None:
    fortran = round_trip(np.asfortranarray(array))
    assert fortran.flags.f_contiguous
    assert fortran.tobytes() == array.tobytes()
    spread = np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array
    assert round_trip(spread).tobytes() == spread.tobytes()
    assert encode(round_trip(spread)).artifact.digest == encode(spread).artifact.digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        ("1", b"1"),
        ("", None),
        ((1, 2), [1, 2]),
        ({1}, frozenset({1})),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"$tuple": [1]}, (1,)),
        (["ab"], ["a", "b"]),
        (np.float64(1), 1.0),
        (np.zeros(2), np.zeros(2, "f4")),
        (np.zeros(2), np.zeros((2, 1))),
        (np.zeros(2, "M8[s]"), np.zeros(2, "M8[ms]")),
        (np.zeros(2, "<i4"), np.zeros(2, ">i4")),
        (np.zeros(2), -np.zeros(2)),
    ],
)
def test_values_that_differ_have_digests_that_differ(one: object, other: object) -> None:
    assert encode(one).artifact.digest != encode(other).artifact.digest


@pytest.mark.parametrize(
    "value", [math.inf, {1.5: "a"}, {"$x": 1}, [(), {}, set()], {(1, "a"), (2, "b")}, "\x00"]
)
def test_plain_values_are_read_without_unpickling(value: object) -> None:
    assert encode(value).artifact.codec == "json"


@pytest.mark.parametrize(
    "value", ["\ud800", [7**9000], [[0]] * 2, [*range(30_000)], range(3)], ids="abcde"
)
def test_what_is_not_plain_is_left_to_pickle(value: object) -> None:
    assert encode(value).artifact.codec == "pickle"
    assert same(round_trip(value), value)


def test_a_log_of_any_size_is_plain() -> None:
    log = [{"output_type": "stream", "name": "stdout", "text": str(i)} for i in range(30_000)]
    encoded = encode_plain(log)
    assert encoded.artifact.codec == "json"
    assert decode(memoryview(stored(encoded)), encoded.artifact) == log
    with pytest.raises(plain.NotPlainError):
        encode_plain([object()])


def test_subclasses_keep_their_type() -> None:
    import collections

    value = [collections.OrderedDict(a=1), collections.Counter("aab")]
    assert same([type(item) for item in round_trip(value)], [type(item) for item in value])


@pytest.mark.parametrize(
    ("value", "type_name", "summary"),
    [
        (5, "int", "5"),
        pytest.param(7**9000, "int", "int", id="huge"),
        ("short", "str", "'short'"),
        ("x" * 100, "str", "str[100]"),
        ([0] * 12, "list", "list[12]"),
        ({"a": 1}, "dict", "dict[1]"),
        (np.zeros(7, "i8"), "numpy.ndarray", "int64[7]"),
        (np.zeros((3, 4)), "numpy.ndarray", "float64[3 × 4]"),
        (np.zeros(2, [("a", "i4"), ("b", "i4")]), "numpy.ndarray", "2 fields[2]"),
        (np.array(1.5), "numpy.ndarray", "float64"),
        (np.float32(1.5), "numpy.float32", repr(np.float32(1.5))),
        (range(3), "range", "range"),
    ],
)
def test_a_summary_says_type_and_shape(value: object, type_name: str, summary: str) -> None:
    artifact = encode(value).artifact
    assert (artifact.type, artifact.summary) == (type_name, summary)


def test_tables_are_summarised_by_their_shape() -> None:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    assert encode(pd.DataFrame({"a": [1, 2]})).artifact.summary == "DataFrame[2 × 1]"
    assert encode(pd.Series([1, 2])).artifact.summary == "Series[2]"
    assert encode(pl.DataFrame({"a": [1, 2]})).artifact.summary == "DataFrame[2 × 1]"
    assert encode(pa.table({"a": [1, 2]})).artifact.summary == "Table[2 × 1]"


@pytest.mark.parametrize("value", [1, np.arange(10), {"a": np.arange(3000.0)}])
def test_the_digest_is_that_of_the_stored_bytes_and_buffers_are_aligned(value: object) -> None:
    encoded = encode(value)
    data = stored(encoded)
    assert encoded.artifact.digest == blake3(data).hexdigest()
    assert encoded.artifact.bytes == encoded.size == len(data)
    whole = np.frombuffer(data, np.uint8)
    for buffer in unpack(memoryview(data))[1]:
        if buffer:
            start = np.frombuffer(buffer, np.uint8).ctypes.data - whole.ctypes.data
            assert start % ALIGNMENT == 0


def test_splits_list_their_parts() -> None:
    parts = [encode(index).artifact for index in range(3)]
    encoded = encode_splits(parts)
    assert decode_splits(memoryview(stored(encoded))) == tuple(parts)
    assert encoded.artifact.summary == "list[3]"
    assert encoded.artifact.bytes == sum(part.bytes for part in parts)


def test_a_later_layout_is_refused_by_name() -> None:
    encoded = encode(1)
    data = stored(encoded).replace(b"nbflow1", b"nbflow9")
    with pytest.raises(StoreError, match="another version"):
        decode(memoryview(data), encoded.artifact)
