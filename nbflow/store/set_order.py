"""The order in which a set gives its items: kept, where it is the same in every process.

A set of numbers is a table of slots: each item stands at the slot that its hash says, or, where
that was taken, at a later one. So its order depends on the order in which it was filled. Here an
order of filling is looked for that gives a set as it is; whether it does is always tried.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence, Set
from typing import Any, TypeAlias

#: The items in the order of filling, slots that nobody may have, and the number of slots.
Arrangement: TypeAlias = tuple[list[Any], list[int], int]

#: Kinds whose hash is made of their value alone (but for "not a number", which equals nothing), and
#: that compare without anybody's code.
_NUMBERS = (int, bool, float, complex)
_NESTED = (tuple, frozenset)
#: A larger set keeps its items, not their order: it would take longer than a step should.
_MOST_ITEMS = 20_000
#: What one table has at least, and how CPython looks for a free slot.
_SMALLEST, _FILL_OF_SMALLEST, _NEIGHBOURS, _SHIFT = 8, 5, 9, 5
_ROUNDS = 32
_EMPTY, _SLOT = sys.getsizeof(set()), 16
#: So many slots are tried before an order is given up: in all, and an item.
_PATIENCE, _PATIENCE_AN_ITEM = 20_000, 50


def arrangement(items: Set[Any], usual: Sequence[Any]) -> Arrangement | None:
    """How to fill a set so that it has the order of this one, unless `usual` does that.

    Parameters
    ----------
    items
        A set or a frozenset.
    usual
        Its items in the order in which it would be filled otherwise.

    Examples
    --------
    >>> arrangement({8, 0}, usual=[0, 8])
    ([8, 0], [], 8)
    """
    if not has_its_own(items, usual):
        return None
    order, slots = list(items), _slots(items)
    for gaps in (False, True):
        if found := _filling(order, slots, gaps):
            made = arranged(type(items) is frozenset, *found, slots)
            if list(made) == order and _slots(made) == slots:
                return *found, slots
    return None


def has_its_own(items: Set[Any], usual: Sequence[Any]) -> bool:
    """Whether a set has an order that lasts, and another one than when filled as `usual`."""
    if not 1 < len(items) <= _MOST_ITEMS or not all(map(_is_lasting, items)):
        return False
    return list(set(usual)) != list(items)


def arranged(frozen: bool, filling: list[Any], barred: list[int], slots: int) -> Set[Any]:
    """The set that is filled in this order, in a table of so many slots, some of them barred."""
    # A dictionary tells how many there will be, so that the table has its size from the start.
    # What bars a slot, or makes the table as large as the other was, goes again.
    others: list[object] = [_Barrier(slot) for slot in barred]
    if slots > _SMALLEST:
        most = max(slots // 4, _FILL_OF_SMALLEST)
        others += [object() for _ in range(most - len(barred) - len(filling))]
    first = max(slots // 2 - 1 - len(others), 0)
    made = set(dict.fromkeys([*others[: len(barred)], *filling[:first], *others[len(barred) :]]))
    made.update(filling[first:])
    for other in others:  # one by one: a table of which many leave at once changes its size
        made.discard(other)
    if not frozen:
        return made
    copy = frozenset(made)
    return copy if _slots(copy) == slots else frozenset(filling)


class _Barrier:
    """Holds one slot of a table while it is filled."""

    def __init__(self, slot: int) -> None:
        self._slot = slot

    def __hash__(self) -> int:
        return self._slot


def _slots(items: Set[Any]) -> int:
    return (sys.getsizeof(items) - _EMPTY) // _SLOT or _SMALLEST


def _is_lasting(item: object) -> bool:
    """Whether it has the same hash in every process."""
    kind = type(item)
    if kind in _NESTED:
        return all(map(_is_lasting, item))  # type: ignore[call-overload] # a tuple, or frozenset
    if kind not in _NUMBERS:
        numpy = sys.modules.get("numpy")
        if numpy is None or kind.__module__ != "numpy" or not issubclass(kind, numpy.number):
            return False
    return bool(item == item)


def _filling(order: list[Any], slots: int, gaps: bool) -> tuple[list[Any], list[int]] | None:
    """An order of filling after which the items stand in this order, and which slots to bar."""
    paths = [_Path(hash(item), slots) for item in order]
    for choices in _choices(paths, slots, gaps):
        if found := _in_time(paths, choices):
            filling, barred = found
            return [order[number] for number in filling], barred
    return None


def _in_time(paths: list[_Path], choices: list[int]) -> tuple[list[int], list[int]] | None:
    """In which order items come to have these slots, and which are barred; None if in none."""
    chosen = [*zip(paths, choices, strict=True)]
    # Whoever is not where its hash says came later than those who stood in its way.
    at = {path.slot(choice): number for number, (path, choice) in enumerate(chosen)}
    later: dict[int, list[int]] = {}
    missing = [0] * len(paths)
    barred: dict[int, None] = {}
    for number, (path, choice) in enumerate(chosen):
        for slot in path.before(choice):
            if slot in at:
                later.setdefault(at[slot], []).append(number)
                missing[number] += 1
            else:
                barred[slot] = None
    ready = deque(number for number, count in enumerate(missing) if not count)
    filling = []
    while ready:
        filling.append(number := ready.popleft())
        for other in later.get(number, ()):
            missing[other] -= 1
            if missing[other] == 0:
                ready.append(other)
    return (filling, [*barred]) if len(filling) == len(paths) else None


class _Path:
    """The slots that are tried for a hash, one after the other."""

    def __init__(self, value: int, slots: int) -> None:
        self._tries = _tries(value, slots)
        self._known = [next(self._tries)]

    def slot(self, choice: int) -> int | None:
        """The slot that is tried after `choice` others; None if nobody looks so far."""
        while len(self._known) <= choice:
            slot = next(self._tries, None)
            if slot is None:
                return None
            if slot not in self._known:
                self._known.append(slot)
        return self._known[choice]

    def before(self, choice: int) -> list[int]:
        return self._known[:choice]


def _tries(value: int, slots: int) -> Iterator[int]:
    mask = slots - 1
    perturb = value & (2**64 - 1)
    slot = value & mask
    for _ in range(_ROUNDS):
        yield slot
        if slot + _NEIGHBOURS <= mask:
            yield from range(slot + 1, slot + _NEIGHBOURS + 1)
        perturb >>= _SHIFT
        slot = (slot * 5 + 1 + perturb) & mask


def _choices(paths: list[_Path], slots: int, gaps: bool) -> Iterator[list[int]]:
    """Which of its slots each has, so that they ascend and nobody has passed a free one.

    With `gaps`, a free one may be passed: somebody stood there who has left since.
    """
    chosen: list[int] = []
    taken: dict[int, None] = {}
    # A table that is fuller than this becomes a larger one.
    most = (3 * (slots - 1) - 1) // 5 - len(paths)
    # What is still to be filled, since somebody passed it: as it was before each choice.
    owed: list[frozenset[int]] = [frozenset()]
    choice, last = 0, -1
    for _ in range(_PATIENCE + _PATIENCE_AN_ITEM * len(paths)):
        if len(chosen) == len(paths) and len(owed[-1]) <= most * gaps:
            yield chosen
        slot = paths[len(chosen)].slot(choice) if len(chosen) < len(paths) else None
        if slot is None:
            # No way on from here: the one before it stands elsewhere.
            if not chosen:
                return
            choice = chosen.pop() + 1
            owed.pop()
            taken.popitem()
            last = next(reversed(taken), -1)
            continue
        if slot > last:
            passed = {each for each in paths[len(chosen)].before(choice) if each not in taken}
            owing = (owed[-1] | passed) - {slot}
            # Those that follow come to stand higher up, in slots that are owed or not.
            never = sum(each < slot for each in owing)
            if never <= most if gaps else never == 0:
                chosen.append(choice)
                owed.append(owing)
                taken[slot] = None
                choice, last = 0, slot
                continue
        choice += 1
