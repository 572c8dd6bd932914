"""What a task may depend on that no cache can check: it is named, and a policy decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

HazardKind: TypeAlias = Literal["clock", "randomness", "network", "subprocess"]
#: ``cache`` reuses a result whatever hazards it has, ``recompute`` none that has any.
Policy: TypeAlias = Literal["cache", "recompute"]


@dataclass(frozen=True, slots=True)
class Hazard:
    """A call in the source that gives something else each time."""

    kind: HazardKind
    #: ``"datetime.now()"``.
    text: str
