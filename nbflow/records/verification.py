"""What came of doing steps once more: the same results, or where they differ."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from nbflow.records.reason import Reason

#: ``same``: all that can be compared is the same; ``different``; ``failed``: it gave a result
#: before, and raises now; ``skipped``: there is no current result to compare with, it was the same
#: already, or a task of it could not begin.
Outcome: TypeAlias = Literal["same", "different", "failed", "skipped"]


class StepVerification(msgspec.Struct, frozen=True):
    """What came of one step."""

    cell: str
    step: str
    outcome: Outcome
    #: How many tasks were done once more; of a foreach, its splits.
    tasks: int = 0
    #: Seconds they took.
    seconds: float = 0.0
    #: The first difference of each task that has one: the output with the element, and what was
    #: there.
    differences: tuple[Reason, ...] = ()
    #: Outputs that cannot be carried, and so were not compared.
    uncompared: tuple[str, ...] = ()
    #: Why it was skipped.
    why: str = ""


class Verification(msgspec.Struct, frozen=True):
    """What came of a flow's steps, in document order."""

    steps: tuple[StepVerification, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing differed."""
        return all(step.outcome in ("same", "skipped") for step in self.steps)
