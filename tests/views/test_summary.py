"""The line under a step's cell says what it reads and gives, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from nbflow.records.reason import Reason
from nbflow.records.task import TaskRun
from nbflow.views.summary import summary
from tests.views.samples import CONNECTION, DIED, ERROR, artifact, flow, task

NOON = datetime(2026, 8, 12, 12, 0, tzinfo=UTC).timestamp()
NEW = Reason("never-ran")
DATA = {"data": artifact("data", "int64[200000]", 1_600_000)}
PRIMES = {"primes": artifact("primes", "list[8]", 640)}


def split(index: int, *reasons: Reason, status: str = "completed", **more: object) -> TaskRun:
    return task(f"primes[{index}]", status, 1.0, *reasons, **more)  # type: ignore[arg-type]


CLAUSE = task("primes[]", outputs=PRIMES)
UNJOINED = task("primes[]")

CASES: list[tuple[str, list[TaskRun], str]] = [
    ("load", [], "· load: in n · out data · waiting"),
    ("load", [task("load", "queued")], "· load: in n · out data · waiting"),
    (
        "load",
        [task("load", "running", started=NOON - 1.2)],
        "▸ load: in n · out data · running · 1.20 s, about 4 s by earlier runs",
    ),
    (
        "load",
        [task("load", "completed", 0.02, NEW, outputs=DATA)],
        "✔ load: in n · out data (int64[200000], 1.6 MB) · 0.02 s · first run",
    ),
    (
        "load",
        [task("load", "completed", 0.02, Reason("parameter", "n", "10", "20"), outputs=DATA)],
        "✔ load: in n · out data (int64[200000], 1.6 MB) · 0.02 s · parameter `n` changed: 10 → 20",
    ),
    (
        "load",
        [task("load", "cached", 190.0, outputs=DATA, started=NOON - 86_400)],
        "● load: in n · out data (int64[200000], 1.6 MB) · cached · "
        "computed 11 Aug 12:03 in 3 m 10 s",
    ),
    (
        "odd",
        [task("odd", "failed", 0.01, error=ERROR)],
        "✘ odd: in data · out odd · failed · ZeroDivisionError: division by zero · 0.01 s",
    ),
    (
        "odd",
        [task("odd", "failed", 0.01, error=DIED)],
        "✘ odd: in data · out odd · failed · WorkerDied: it was killed by SIGKILL · 0.01 s",
    ),
    (
        "odd",
        [task("odd", "failed", 0.01, error=replace(ERROR, message="a very long story " * 9))],
        "✘ odd: in data · out odd · failed · ZeroDivisionError: a very long story a very lon… · "
        "0.01 s",
    ),
    (
        "load",
        [task("load", "completed", 0.02, NEW, uncarried=(replace(CONNECTION, name="data"),))],
        "✔ load: in n · out data (stays in the step: `conn` (sqlite3.Connection) cannot be "
        "carried) · 0.02 s · first run",
    ),
    ("odd", [task("odd", "cancelled")], "■ odd: in data · out odd · cancelled"),
    (
        "report",
        [task("report", "skipped", 0.0, Reason("upstream", "odd"))],
        "○ report: in primes, odd · out found · skipped · needs `odd`, which did not complete",
    ),
    (
        "report",
        [task("report", outputs={"found": artifact("f", "17", 2)})],
        "✔ report: in primes, odd · out found (17, 2 B) · 0.00 s",
    ),
    (
        "primes",
        [task("primes[]", "running", started=NOON - 0.5)],
        "▸ primes: in cores, data · out primes · running · 0.50 s, about 4 s by earlier runs",
    ),
    (
        "primes",
        [
            UNJOINED,
            *(split(i, started=NOON - 5) for i in range(2)),
            split(2, status="running", started=NOON - 4),
            split(3, status="queued"),
        ],
        "▸ primes ×4: in cores, data · out primes · running · 2 of 4 · 5.00 s, "
        "about 4 s by earlier runs",
    ),
    (
        "primes",
        [CLAUSE, *(split(i, status="cached") for i in range(6)), *(split(i, NEW) for i in (6, 7))],
        "✔ primes ×8: in cores, data · out primes (list[8], 640 B) · 8 of 8 · 6 cached · "
        "8.00 s · first run",
    ),
    (
        "primes",
        [CLAUSE, *(split(i, status="cached", started=NOON - 61) for i in range(2))],
        "● primes ×2: in cores, data · out primes (list[8], 640 B) · cached · 2 of 2 · "
        "computed 12 Aug 11:59 in 2.00 s",
    ),
    (
        "primes",
        [UNJOINED, split(0), split(1, status="failed", error=ERROR), split(2, status="cancelled")],
        "✘ primes ×3: in cores, data · out primes · failed · "
        "1 of 3 · ZeroDivisionError: division by zero · 3.00 s",
    ),
    (
        "primes",
        [UNJOINED, split(0), split(1, status="cancelled")],
        "■ primes ×2: in cores, data · out primes · cancelled · 1 of 2",
    ),
]


@pytest.mark.parametrize(("step", "tasks", "told"), CASES)
def test_the_summary_is_one_line(step: str, tasks: list[TaskRun], told: str) -> None:
    found = flow().named(step)
    assert found is not None
    assert summary(found, tasks, now=NOON, expected=4.2).plain() == told


def test_the_status_is_an_icon_with_its_word_in_a_notebook() -> None:
    load = flow().named("load")
    assert load is not None
    html = summary(load, [task("load", "cached", 190.0, outputs=DATA)], now=NOON).html()
    assert 'role="img" aria-label="cached"' in html
    assert '<span class="nbf-strong">load</span>:' in html
    assert '<span class="nbf-old">cached</span>' in html
    assert len(html) < 2_000
