"""Arrays come back as they lay in memory, so that whatever adds them up adds the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from nbflow.store.codecs import decode, encode
from nbflow.store.strides import layout_of

BASE = np.random.default_rng(0).normal(size=(60, 41))
CUBE = np.random.default_rng(1).normal(size=(5, 6, 7))
WIDE = np.random.default_rng(2).normal(size=(100, 300))
RECORDS = np.zeros(50, [("a", "i1"), ("x", "f8"), ("y", "f4")])

LAYOUTS = {
    "columns the other way round": BASE[:, ::-1],
    "rows the other way round": BASE[::-1],
    "both": BASE[::-1, ::-1],
    "transposed and turned": BASE.T[::-1],
    "axes in another order": CUBE.transpose(1, 0, 2),
    "axes moved, one turned": np.moveaxis(CUBE, 0, -1)[:, ::-1],
    "every other column": BASE[:, ::2],
    "some columns": BASE[:, 5:30],
    "some rows of some columns": BASE[::3, 5:30],
    "one column": BASE[:, 3],
    "one column of many": WIDE[:, 3],
    "some columns of many": WIDE[:, 250:260],
    "far apart, turned": WIDE[::-10, ::-50],
    "a cube far apart": np.zeros((40, 40, 40))[::9, ::8, ::-7],
    "the same row again and again": np.broadcast_to(BASE[0], (30, 41)),
    "windows": sliding_window_view(BASE[:, 0], 5),
    "windows of a column of many": sliding_window_view(WIDE[:, 7], 3),
    "a field": RECORDS["x"],
    "two fields": RECORDS[["a", "y"]],
    "dates": np.arange("2020-01-01", "2020-03-01", dtype="M8[D]")[::-1],
    "text": np.array(["a", "bc", "def", "g"])[::2],
    "axes of length one": BASE[::2, 3:4][None],
    "nothing": BASE[:0, ::2],
    "one item": BASE[3:4, 3:4],
}


def through(value: Any) -> Any:
    encoded = encode(value)
    data = memoryview(bytearray(b"".join(encoded.buffers)))
    return decode(data, encoded.artifact)


def lies(array: Any) -> list[int]:
    """The strides that mean anything."""
    pairs = zip(array.shape, array.strides, strict=True)
    return [stride for length, stride in pairs if length > 1 and array.size]


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("inside", [False, True], ids=["alone", "inside"])
def test_an_array_comes_back_as_it_lay(name: str, inside: bool) -> None:
    array = LAYOUTS[name]
    loaded = through([array])[0] if inside else through(array)
    assert loaded.dtype == array.dtype
    np.testing.assert_array_equal(loaded, array)
    assert lies(loaded) == lies(array)
    assert loaded.flags.c_contiguous == array.flags.c_contiguous
    assert loaded.flags.f_contiguous == array.flags.f_contiguous
    again = through([loaded])[0] if inside else through(loaded)
    assert encode(loaded).artifact.digest == encode(again).artifact.digest
    digest = encode([array] if inside else array).artifact.digest
    assert encode([loaded] if inside else loaded).artifact.digest == digest, "it is at rest"


@pytest.mark.parametrize(
    "name", [n for n, array in LAYOUTS.items() if array.dtype.kind == "f" and array.size]
)
def test_it_gives_the_very_same_numbers(name: str) -> None:
    array = LAYOUTS[name]
    loaded = through(array)
    for compute in (np.sum, np.mean, np.std):
        assert compute(loaded) == compute(array)
    for axis in range(array.ndim):
        assert np.array_equal(loaded.sum(axis), array.sum(axis))
    if array.ndim == 2:
        assert np.array_equal(loaded @ loaded.T, array @ array.T)
        assert np.array_equal(loaded.T @ loaded, array.T @ array)


@pytest.mark.parametrize("name", LAYOUTS)
def test_it_takes_at_most_twice_its_size(name: str) -> None:
    array = LAYOUTS[name]
    if array.nbytes:
        assert layout_of(array).size <= 2 * array.nbytes


def test_wide_gaps_of_a_large_array_become_narrow() -> None:
    loaded = through(np.broadcast_to(np.arange(1024.0), (20_000, 1024))[:, ::-512].copy()[::2])
    assert lies(loaded) == [32, 8]
    wide = np.zeros((20_000, 1024))[:, ::-512]
    assert lies(through(wide)) == [32, -16]
    assert encode(through(wide)).artifact.digest == encode(wide).artifact.digest


def test_what_lies_in_the_gaps_does_not_count() -> None:
    one, other = np.zeros((10, 4)), np.zeros((10, 4))
    other[:, 1::2] = 7
    assert encode(one[:, ::2]).artifact == encode(other[:, ::2]).artifact


def test_an_array_without_gaps_is_stored_from_its_own_memory() -> None:
    array = BASE.T[::-1]
    (buffer,) = [b for b in encode(array).buffers if len(b) == array.nbytes]
    assert np.shares_memory(np.frombuffer(buffer, np.uint8), array)


def test_a_loaded_array_is_writable_as_before() -> None:
    array = through(BASE[:, ::-2])
    array[0, 0] = 5
    assert array[0, 0] == 5
    assert not through(np.broadcast_to(BASE[0], (30, 41))).flags.writeable


def _owned(value: Any) -> Any:
    """The same in memory of its own."""
    return value.copy(order="K")


@pytest.mark.parametrize("name", LAYOUTS)
def test_who_owns_its_memory_does_so_again(name: str) -> None:
    view, own = LAYOUTS[name], _owned(LAYOUTS[name])
    assert not through(view).flags.owndata
    loaded = through(own)
    assert loaded.base is None
    assert lies(loaded) == lies(own)
    assert encode(loaded).artifact.digest == encode(own).artifact.digest


def test_a_large_array_stays_in_the_file_that_it_was_loaded_from() -> None:
    data = memoryview(bytearray(b"".join((encoded := encode(np.zeros(200_000))).buffers)))
    loaded: Any = decode(data, encoded.artifact)
    assert np.shares_memory(loaded, np.frombuffer(data, np.uint8))
    assert encode(loaded).artifact.digest == encoded.artifact.digest, "it seems to be its own"


VIEWS = {
    "in another shape": np.arange(6).reshape(2, 3),
    "transposed": np.arange(6.0).reshape(2, 3).copy().T,
    "both": np.arange(6).reshape(2, 3).T,
    "large, in another shape": np.arange(300_000).reshape(2, -1),
    "flat": np.ones((2, 3)).ravel(),
}


@pytest.mark.parametrize("name", VIEWS)
def test_what_a_view_shows_as_a_whole_has_its_shape(name: str) -> None:
    loaded = through(VIEWS[name])
    np.testing.assert_array_equal(loaded.base, VIEWS[name].base)
    np.testing.assert_array_equal(loaded, VIEWS[name])
    assert encode(loaded).artifact.digest == encode(VIEWS[name]).artifact.digest
