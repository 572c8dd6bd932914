"""The plan: what would run, what would be reused, and why; deciding and explaining are one."""

from nbflow.plan.call import Blocked, Call, Known, Lost, Waiting
from nbflow.plan.decide import Lookup, decide, hazards_of, refusal, unfit
from nbflow.plan.edits import Edit, edits
from nbflow.plan.plan import Plan, StepPlan, Walk
from nbflow.plan.prepare import Preparer

__all__ = [
    "Blocked",
    "Call",
    "Edit",
    "Known",
    "Lookup",
    "Lost",
    "Plan",
    "Preparer",
    "StepPlan",
    "Waiting",
    "Walk",
    "decide",
    "edits",
    "hazards_of",
    "refusal",
    "unfit",
]
