"""Exceptions that were raised from others: they are carried with what they come of."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from nbflow.store.functions import Reduced
from nbflow.store.reducers import reduce_other

#: So many that come of each other are tried, each of them with those that it comes of.
_MOST = 5


def carries(error: BaseException, dump: Callable[[BaseException], object]) -> bool:
    """Whether it has a cause that can be carried; without it an exception still can."""
    cause, number = error.__cause__, 0
    while cause is not None and number < _MOST:
        cause, number = cause.__cause__, number + 1
    if error.__cause__ is None or cause is not None:
        return False
    try:
        dump(error.__cause__)
    except Exception:  # whatever a library's exceptions hold
        return False
    return True


def reduce_caused(error: BaseException) -> Reduced:
    """How an exception is taken apart that has a cause."""
    reduced: Any = reduce_other(error)
    if reduced is NotImplemented:
        reduced = error.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    make, arguments, *rest = reduced
    state = rest[0] if rest else None
    return make, arguments, (state, error.__cause__), None, None, restore_caused


def restore_caused(error: BaseException, state: tuple[Any, BaseException]) -> None:
    """Fill such an exception."""
    if state[0]:
        error.__setstate__(state[0])
    error.__cause__ = state[1]
