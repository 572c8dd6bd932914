"""What runs teach about a step beyond its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec


class Lesson(msgspec.Struct, frozen=True):
    """Names and ambient states that a step turned out to read and to leave."""

    reads: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    #: Names that share objects in a way that can be observed below: it hands them on together.
    together: frozenset[str] = frozenset()
    #: Names it leaves whose values cannot be carried: who reads them carries the step out again.
    #: It changes nothing of what a name means, and so is never a reason to start over.
    uncarried: frozenset[str] = frozenset()

    def __or__(self, other: Lesson) -> Lesson:
        return Lesson(
            self.reads | other.reads,
            self.leaves | other.leaves,
            self.together | other.together,
            self.uncarried | other.uncarried,
        )

    def beyond(self, other: Lesson) -> Lesson:
        """What this one tells that the other does not."""
        return Lesson(
            self.reads - other.reads,
            self.leaves - other.leaves,
            self.together - other.together,
            self.uncarried - other.uncarried,
        )

    def __bool__(self) -> bool:
        return bool(self.reads or self.leaves or self.together)


#: Lessons by cell id.
Learnt: TypeAlias = Mapping[str, Lesson]
