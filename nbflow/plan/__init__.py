"""The plan: what would run, what would be reused, and why; deciding and explaining are one."""

from nbflow.plan.decide import Lookup, decide, unfit
from nbflow.plan.plan import Plan, StepPlan, make_plan
from nbflow.plan.prepare import Blocked, Call, Known, Lost, Preparer, Waiting

__all__ = [
    "Blocked",
    "Call",
    "Known",
    "Lookup",
    "Lost",
    "Plan",
    "Preparer",
    "StepPlan",
    "Waiting",
    "decide",
    "make_plan",
    "unfit",
]
