"""When a run notes how far it is: soon after something has happened, and never often."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: Seconds from one note to the next, at least; a run that ends sooner needs none.
_EVERY = 1.0
#: How much longer than a note takes the run then goes on without one.
_SHARE = 50


@dataclass(slots=True)
class Noting:
    """Says when it is time for a note.

    Parameters
    ----------
    write
        Writes one.
    clock
        Seconds that only grow.
    """

    write: Callable[[], None]
    clock: Callable[[], float] = time.monotonic
    #: Whether something has happened that is in no note.
    is_due: bool = False
    #: When the next note may be written.
    next: float = field(init=False)

    def __post_init__(self) -> None:
        self.next = self.clock() + _EVERY

    def patience(self) -> float | None:
        """How long one may wait for the next event; None for as long as it takes."""
        return max(0.0, self.next - self.clock()) if self.is_due else None

    def look(self) -> None:
        """Write a note, if it is time for one."""
        if self.is_due and (began := self.clock()) >= self.next:
            self.is_due = False
            self.write()
            ended = self.clock()
            self.next = ended + max(_EVERY, _SHARE * (ended - began))
