"""The first element in which two values of libraries differ."""

from __future__ import annotations

from typing import Any

import polars
import pyarrow
import pytest

from nbflow.store.difference import Differing, first_difference


def table(value: int) -> Any:
    return pyarrow.table({"a": [1, 2, 3], "b": pyarrow.chunked_array([[0], [value, 2]])})


VALUES: dict[str, tuple[object, object, Differing]] = {
    "a table of pyarrow": (table(1), table(3), Differing('["b"], row 1', "1", "3")),
    "a column of pyarrow": (
        pyarrow.chunked_array([[0], [None, 2]]),
        pyarrow.chunked_array([[0, None], [3]]),
        Differing(", row 2", "2", "3"),
    ),
    "a column of polars": (
        polars.Series([0, 1]),
        polars.Series([0, 3]),
        Differing(", row 1", "1", "3"),
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_the_first_element_is_named(name: str) -> None:
    before, after, differing = VALUES[name]
    assert first_difference(before, after) == differing
    assert first_difference(before, before) is None
