"""What a task may depend on that no cache can check: it is named, and a policy decides."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

HazardKind: TypeAlias = Literal["clock", "randomness", "network", "subprocess"]
#: ``cache`` reuses a result whatever hazards it has, ``recompute`` none that has any.
Policy: TypeAlias = Literal["cache", "recompute"]


class Hazard(msgspec.Struct, frozen=True):
    """A call in the source that gives something else each time."""

    kind: HazardKind
    #: ``"datetime.now()"``.
    text: str
