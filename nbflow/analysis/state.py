"""What is bound at one point of a body, and how the paths that lead there join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Root(NamedTuple):
    """A name whose object a change reaches, and whether that object comes from above the body."""

    name: str
    above: bool


@dataclass(slots=True)
class State:
    """The bindings of one scope at one point of its code."""

    #: Names bound on every path that leads here.
    sure: set[str] = field(default_factory=set)
    #: Names bound on some path, with the line of their first binding; contains ``sure``.
    bound: dict[str, int] = field(default_factory=dict)
    #: Names deleted on some path and not bound again.
    deleted: dict[str, int] = field(default_factory=dict)
    #: Names that share their object, or a part of one, with other names.
    aliases: dict[str, frozenset[Root]] = field(default_factory=dict)
    #: False behind ``raise``, ``break``, ``continue`` and ``return``.
    reachable: bool = True

    def copy(self) -> State:
        """An independent copy, for one of several paths."""
        return State(
            set(self.sure),
            dict(self.bound),
            dict(self.deleted),
            dict(self.aliases),
            self.reachable,
        )

    def bind(self, name: str, line: int) -> None:
        """``name`` is bound here, to an object of its own."""
        self.sure.add(name)
        self.bound.setdefault(name, line)
        self.deleted.pop(name, None)
        self.aliases.pop(name, None)

    def unbind(self, name: str) -> None:
        """``name`` is no longer bound here."""
        self.sure.discard(name)
        self.bound.pop(name, None)
        self.aliases.pop(name, None)


def join(paths: Sequence[State]) -> State:
    """The state where several paths meet; those that never arrive do not count."""
    arriving = [path for path in paths if path.reachable] or list(paths)
    joined = arriving[0].copy()
    for path in arriving[1:]:
        joined.sure &= path.sure
        joined.bound = path.bound | joined.bound
        joined.deleted = path.deleted | joined.deleted
        for name, roots in path.aliases.items():
            joined.aliases[name] = joined.aliases.get(name, frozenset()) | roots
    return joined
