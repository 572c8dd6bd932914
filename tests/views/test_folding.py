"""A run's tasks fold into one row a step."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from nbflow.records.digest import of_bytes
from nbflow.records.task import Status
from nbflow.views.folding import fold
from tests.views.samples import task


def test_the_splits_of_a_foreach_are_one_row_in_the_order_of_their_index() -> None:
    rows = fold(
        [
            task("load", seconds=1.0),
            task("primes[]", seconds=0.5),
            task("primes[1]", seconds=2.0),
            task("primes[0]", "cached"),
        ]
    )
    assert [row.label for row in rows] == ["load", "primes ×2"]
    assert [each.task for each in rows[1].tasks] == ["primes[0]", "primes[1]"]
    assert rows[1].seconds == 2.5


@pytest.mark.parametrize(
    ("statuses", "folded"),
    [
        (["cached", "cached"], "cached"),
        (["cached", "completed"], "completed"),
        (["completed", "failed", "running"], "failed"),
        (["completed", "running", "queued"], "running"),
        (["completed", "cancelled", "skipped"], "cancelled"),
        (["completed", "queued"], "queued"),
    ],
)
def test_a_foreach_has_the_status_that_matters_most(statuses: list[Status], folded: Status) -> None:
    (row,) = fold([task(f"primes[{n}]", status) for n, status in enumerate(statuses)])
    assert row.status == folded


def test_a_foreach_that_follows_another_is_cached_when_its_splits_are() -> None:
    splits = [task("primes[0]", "cached"), task("primes[1]", "cached")]
    assert fold([task("primes[]"), *splits])[0].status == "cached"
    evaluated = replace(task("primes[]"), key=of_bytes(b"clause"))
    assert fold([evaluated, *splits])[0].status == "completed"


def test_a_foreach_over_nothing_is_a_foreach_of_no_splits() -> None:
    (row,) = fold([task("primes[]")])
    assert (row.label, row.tasks, row.status) == ("primes ×0", (), "completed")
