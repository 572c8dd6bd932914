"""Injected parameters are written as papermill writes them, and mean what was given."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.translators import PythonTranslator

from nbflow.driver.injection import literal, source

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_literal_means_the_value_it_was_made_of(value: object) -> None:
    assert repr(eval(literal(value), {})) == repr(value)


@pytest.mark.parametrize(
    "value",
    [4, -1.5, True, None, "text", "café", 'a "quote"', "a\\b\n", [1, "a"], {"k": [1.0]}, math.inf],
)
def test_the_source_is_papermill_s_own(value: object) -> None:
    assert source({"name": value}) == PythonTranslator.codify({"name": value}, "Parameters")


def test_what_papermill_would_turn_into_text_keeps_its_type() -> None:
    assert (
        source({"pair": (1, 2), "kinds": {"a"}}) == "# Parameters\npair = (1, 2)\nkinds = {'a'}\n"
    )
