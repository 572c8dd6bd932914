"""What belongs together, as it comes to be known pair by pair."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Groups(Generic[T]):
    """Members of groups; to join two of them joins their groups."""

    def __init__(self) -> None:
        self._above: dict[T, T] = {}

    def __contains__(self, member: T) -> bool:
        return member in self._above

    def __bool__(self) -> bool:
        return bool(self._above)

    def join(self, first: T, others: Iterable[T]) -> None:
        """All of these belong together."""
        self._above.setdefault(first, first)
        for other in others:
            self._above.setdefault(other, other)
            self._above[self.top(first)] = self.top(other)

    def top(self, member: T) -> T:
        """What stands for the group of a member; for one that was never joined, itself."""
        while (above := self._above.get(member, member)) != member:
            member = above
        return member

    def members(self) -> dict[T, list[T]]:
        """The members of each group, by what stands for it."""
        found: dict[T, list[T]] = {}
        for member in self._above:
            found.setdefault(self.top(member), []).append(member)
        return found
