"""What is kept of a flow, what came of doing it once more: for the views to show."""

from __future__ import annotations

from nbflow.plan import StepPlan
from nbflow.records.digest import of_bytes
from nbflow.records.reason import Reason
from nbflow.records.verification import StepVerification, Verification
from nbflow.store.collecting import Collected
from nbflow.store.damage import Checked, Damage
from nbflow.views.store import StepUsage, Usage

DOUBT = Reason("not-reproducible", 'data["price"], row 3', "1.25", "1.5")
DOUBTFUL = StepPlan("cell-load", "load", "reuse", (DOUBT,), reused=1, seconds=3.0)
ACCEPTED = StepPlan(
    "cell-report", "report", "reuse", (Reason("accepted", "only renamed"),), reused=1, seconds=1.0
)
USAGE = Usage(
    (
        StepUsage("primes", "cell-load", "load", 3, 34_000_000, 1_700_000_000.0),
        StepUsage("primes", "cell-report", "report", 12, 2_400, 1_700_000_000.0),
        StepUsage(
            "a_notebook_with_a_long_name", "c", "and_a_step_of_the_same", 1, 10**9, 1_600_000_000.0
        ),
    ),
    {"primes": 34_002_400, "a_notebook_with_a_long_name": 10**9},
    1_034_500_000,
    400_000,
    0,
)
COLLECTED = Collected(3, 4, 34_000_000, 1_000_500_000, ("primes",))
DAMAGED = Checked(
    120,
    34_000_000,
    (
        Damage("damaged", of_bytes(b"a"), ("primes/load/data",)),
        Damage("damaged", of_bytes(b"b"), ()),
        Damage("missing", of_bytes(b"c"), tuple(f"primes/part[{i}]/part" for i in range(9))),
    ),
    False,
)
VERIFIED = Verification(
    (
        StepVerification("cell-load", "load", "different", 1, 3.1, (DOUBT,)),
        StepVerification("cell-primes", "primes", "same", 5, 12.0, uncompared=("conn.socket",)),
        StepVerification(
            "cell-odd",
            "odd",
            "failed",
            1,
            0.1,
            (Reason("not-reproducible", "odd", "a result", "OSError: no route to host"),),
        ),
        StepVerification("cell-report", "report", "skipped", why="it gave the same already"),
    )
)
