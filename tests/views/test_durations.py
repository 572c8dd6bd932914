"""Durations, sizes and moments read as people say them."""

from __future__ import annotations

import pytest

from nbflow.views.durations import about, duration, moment, size


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0.00 s"),
        (0.0213, "0.02 s"),
        (9.994, "9.99 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.97, "1 m 00 s"),
        (190, "3 m 10 s"),
        (3599.6, "1 h 00 m"),
        (7260, "2 h 01 m"),
        (86_399, "1 d 00 h"),
        (100_000, "1 d 04 h"),
    ],
)
def test_a_duration_shows_the_two_units_that_matter(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "under 1 s"), (42.3, "about 42 s"), (250, "about 4 min"), (9000, "about 2 h")],
)
def test_a_forecast_is_no_more_precise_than_it_can_be(seconds: float, told: str) -> None:
    assert about(seconds) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_600_000, "1.6 MB"),
        (999_960_000, "1.0 GB"),
        (3_200_000_000_000, "3.2 TB"),
    ],
)
def test_a_size_is_in_decimal_units(count: int, told: str) -> None:
    assert size(count) == told


def test_a_moment_is_told_to_the_minute() -> None:
    assert len(moment(1_767_323_045.0)) == len("2026-01-02 03:04")
