"""Sets of numbers give their items in the order they gave them before they were stored."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.store.codecs import decode, encode

NUMBERS = st.lists(st.integers(-(10**6), 10**6) | st.integers(-(2**70), 2**70), max_size=60)


def through(value: Any) -> Any:
    encoded = encode(value)
    return decode(memoryview(b"".join(encoded.buffers)), encoded.artifact)


def contents(value: Any) -> bytes:
    return b"".join(map(bytes, encode(value).buffers))


@given(NUMBERS)
def test_a_set_keeps_its_order_and_its_bytes(numbers: list[int]) -> None:
    made = set(numbers)
    loaded = through(made)
    assert [*loaded] == [*made]
    assert contents(loaded) == contents(made)


@given(NUMBERS, NUMBERS)
def test_so_does_one_that_was_put_together(one: list[int], other: list[int]) -> None:
    for made in (set(one) | set(other), set(one).copy(), set(one) ^ set(other), {*one} - {*other}):
        assert [*through(made)] == [*made]


@given(st.permutations(range(-10, 10)), st.integers(0, 2**20))
def test_so_does_one_whose_items_came_and_went(numbers: list[int], which: int) -> None:
    made = set(numbers[: which % 16])
    made.difference_update(number for number in range(-10, 10) if which >> (number + 10) & 1)
    assert [*through(made)] == [*made]


def drawn(count: int, most: int = 10**6) -> set[int]:
    return set(random.Random(count).sample(range(most), count))


@pytest.mark.parametrize(
    "made",
    [
        {8, 0},
        {0, 8},
        {-1, -2},
        {2.5, 1.5, 1e300, 8.0, 0},
        {(8, 0), (0, 8), (1, (2, 3))},
        {frozenset((8, 0)), frozenset((1,))},
        {True, 8, 16, 0.5},
        {np.int64(n) for n in (64, 0, 128, 32)},
        drawn(1000),
        frozenset(drawn(50)),
        [drawn(30), {"a": drawn(40)}],
        {i << 20 for i in range(60)},
    ],
    ids=repr,
)
def test_of_whatever_numbers(made: Any) -> None:
    assert repr(through(made)) == repr(made)
    assert contents(through(made)) == contents(made)


def test_what_is_no_number_has_no_order_that_lasts() -> None:
    # Its hash is that of the object: two sets that say the same have the same bytes.
    made = [{8.0 * n for n in range(20)} | {float("nan")} for _ in range(20)]
    assert len({contents(each) for each in made}) == 1


def test_items_that_were_removed_had_stood_in_the_way() -> None:
    made = {0, 8, 16}
    made.discard(0)
    assert [*through(made)] == [*made]


def test_equal_sets_of_text_have_equal_bytes_in_every_process() -> None:
    source = (
        "from nbflow.store.codecs import encode\n"
        "made = {*'nbflow', 'b' * 20, ('a', 1)}\n"
        "print(b''.join(map(bytes, encode(made).buffers)).hex())"
    )
    told = {
        subprocess.check_output([sys.executable, "-c", source], env={"PYTHONHASHSEED": seed})
        for seed in ("0", "1", "2")
    }
    assert len(told) == 1
