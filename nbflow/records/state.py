"""State on definitions: what a step leaves on a class or function, which flows on like data.

It is called ``Counter's state``: a name that no variable can have.
"""

from __future__ import annotations

_ENDING = "'s state"


def state_of(name: str) -> str:
    """What the state on a definition of this name is called."""
    return name + _ENDING


def owner_of(name: str) -> str | None:
    """The definition whose state it is; None when it is no state."""
    return name.removesuffix(_ENDING) if name.endswith(_ENDING) else None


def is_state(name: str) -> bool:
    """Whether a name is that of a definition's state."""
    return name.endswith(_ENDING)
